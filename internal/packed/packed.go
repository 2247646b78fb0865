// Package packed writes snapshots: JSON, compressed (RFC 1951), since what an aggregate remembers is much alike.
package packed

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"fmt"
	"io"

	"github.com/payrules/payrules/internal/strictjson"
)

// Most is how large a snapshot may be that is read, in bytes, before it was compressed.
const Most = 1 << 30

// Marshal returns v as compressed JSON.
func Marshal(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestSpeed)
	if err == nil {
		_, err = w.Write(text)
	}
	if err == nil {
		err = w.Close()
	}
	return out.Bytes(), err
}

// Unmarshal reads what Marshal wrote into v. It returns an error if data is not that, is larger than Most, or its JSON is not strictly what v
// is.
func Unmarshal(data []byte, v any) error { return unmarshal(data, v, Most) }

func unmarshal(data []byte, v any, most int64) error {
	text, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(data)), most+1))
	if err != nil {
		return err
	}
	if int64(len(text)) > most {
		return fmt.Errorf("more than %d bytes", most)
	}
	return strictjson.Unmarshal(text, v)
}
