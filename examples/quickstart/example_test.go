package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// The built-in stream comes to the same figures everywhere.
func Example() {
	dir, err := os.MkdirTemp("", "payrules-quickstart-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)

	var stdout bytes.Buffer
	run(context.Background(), []string{"-json", "-data", dir}, &stdout, io.Discard)
	var report map[string]any
	fmt.Println(json.Unmarshal(stdout.Bytes(), &report))
	for _, name := range []string{
		"caps", "currency", "transactions", "accepted", "refused", "accepted_amount", "refused_amount", "others", "replayed", "head",
	} {
		fmt.Println(name, report[name])
	}
	// Output:
	// <nil>
	// caps [7d=20000.00]
	// currency CZK
	// transactions 3000
	// accepted 1133
	// refused 339
	// accepted_amount 4408600.00
	// refused_amount 1625200.00
	// others 1528
	// replayed 0
	// head 3001
}
