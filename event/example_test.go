package event_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/payrules/payrules/event"
)

// Authorized says that a card payment was allowed. An earlier version had no currency; it was always EUR.
type Authorized struct {
	ID       string `json:"id"`
	Minor    int64  `json:"minor"`
	Currency string `json:"currency"`
}

// EventType is the name under which the fact is stored.
func (Authorized) EventType() string { return "example.authorized.v2" }

// A fact on its way from the rule that decided it into the journal, and out to other systems.
func Example() {
	codec := event.MustCodec([]event.Type{event.TypeOf[Authorized]()})

	e, err := codec.Encode(Authorized{ID: "pay-981", Minor: 1234, Currency: "EUR"})
	if err != nil {
		fmt.Println(err)
		return
	}
	// The journal gives it a place.
	record := event.Record{
		Event: e, Stream: event.Stream("cap", "card-42"), Version: 7, Position: 1024,
		At: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Key: "pay-981",
	}
	var out event.Memory // a queue, elsewhere
	if err := out.Publish(context.Background(), record); err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range out.Take() {
		wire, err := json.Marshal(event.NewCloudEvent("/bank/cards", r))
		if err != nil {
			fmt.Println(err)
			return
		}
		// And at the other end:
		source, got, err := event.ParseCloudEvent(wire)
		if err != nil {
			fmt.Println(err)
			return
		}
		data, err := codec.Decode(got.Event)
		fmt.Printf("%s %s: %+v, %v\n", source, got.ID(), data, err)
	}
	// Output:
	// /bank/cards cap/card-42@7: {ID:pay-981 Minor:1234 Currency:EUR}, <nil>
}

// What was stored before the currency came is read as if it had been there.
func ExampleUpcast() {
	addCurrency := func(old []byte) ([]byte, error) {
		return []byte(strings.TrimSuffix(string(old), "}") + `,"currency":"EUR"}`), nil
	}
	codec := event.MustCodec(
		[]event.Type{event.TypeOf[Authorized]()},
		event.Upcast{From: "example.authorized.v1", To: "example.authorized.v2", Convert: addCurrency},
	)
	data, err := codec.Decode(event.Event{Type: "example.authorized.v1", Data: []byte(`{"id":"pay-7","minor":500}`)})
	fmt.Printf("%+v %v\n", data, err)
	// Output:
	// {ID:pay-7 Minor:500 Currency:EUR} <nil>
}
