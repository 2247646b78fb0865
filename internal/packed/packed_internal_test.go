package packed

import (
	"strings"
	"testing"
)

type state struct {
	Name string `json:"name"`
}

func TestPacked(t *testing.T) {
	long := state{strings.Repeat("much alike ", 10_000)}
	data, err := Marshal(long)
	if err != nil || len(data) > 2_000 {
		t.Fatalf("got %d bytes, %v", len(data), err)
	}
	var got state
	if err := Unmarshal(data, &got); err != nil || got != long {
		t.Fatalf("got %d bytes back, %v", len(got.Name), err)
	}
	size := int64(len(`{"name":""}`) + len(long.Name))
	if err := unmarshal(data, &got, size); err != nil {
		t.Error(err)
	}
	if err := unmarshal(data, &got, size-1); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("a bomb: got %v", err)
	}
	var other struct {
		Other string `json:"other"`
	}
	for name, damaged := range map[string][]byte{"cut off": data[:len(data)/2], "nothing": nil, "text": []byte(`{"name":"x"}`)} {
		if err := Unmarshal(damaged, &got); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if err := Unmarshal(data, &other); err == nil {
		t.Error("a field that nobody knows was read over")
	}
	if _, err := Marshal(make(chan int)); err == nil {
		t.Error("a channel was written")
	}
}
