package webhook_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"time"

	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/event/webhook"
)

// A bank tells a shop of its decisions. The shop's first answer is that it is busy.
func Example() {
	// Both have the secret.
	secret, err := webhook.ParseSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		fmt.Println(err)
		return
	}

	// The shop.
	takes := webhook.Handler(webhook.Verifier{Keys: []webhook.Key{secret}}, func(_ context.Context, source string, r event.Record) error {
		fmt.Println("received from", source, r.ID(), string(r.Data))
		return nil // it is kept now
	})
	busy := true
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if busy {
			busy = false
			w.Header().Set("Retry-After", "120")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		takes.ServeHTTP(w, r)
	}))
	defer shop.Close()

	// The bank. The shop of this example is on this machine; elsewhere the options stay empty.
	sender := webhook.NewSender(webhook.SenderOptions{
		AllowHTTP: true, Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
	})
	defer sender.Close()
	endpoint := webhook.Endpoint{URL: shop.URL + "/hook", Signers: []webhook.Signer{secret}}
	message, err := webhook.NewMessage("/bank/cards", event.Record{
		Event:  event.Event{Type: "cap.authorized.v1", Data: []byte(`{"id":"pay-981","minor":1234}`)},
		Stream: "cap/card-42", Version: 7, Position: 1024, At: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	schedule := webhook.Schedule{Draw: func(int64) int64 { return 0 }} // without jitter, for this example
	now := time.Date(2026, 3, 1, 12, 0, 1, 0, time.UTC)
	for made := 1; ; made++ {
		attempt, err := sender.Send(context.Background(), endpoint, message)
		if err != nil {
			fmt.Println(err)
			return
		}
		at, again := schedule.Next(made, attempt, now)
		if !again {
			fmt.Println(attempt.MessageID, attempt.Outcome)
			return
		}
		fmt.Println(attempt.MessageID, attempt.Outcome, "- again in", at.Sub(now))
		now = at // a host keeps message and instant, and comes back then
	}
	// Output:
	// cap/card-42@7 throttled - again in 2m0s
	// received from /bank/cards cap/card-42@7 {"id":"pay-981","minor":1234}
	// cap/card-42@7 delivered
}
