package contract_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/payrules/payrules/contract"
)

// changed is a contract with so many changes beside its subscription.
func changed(b *testing.B, n int) *contract.Contract {
	b.Helper()
	c := active(b)
	for i := 1; i < n; i++ {
		d := decide(b, c, contract.Amend{At: at("2026-02-01").Add(time.Duration(i) * time.Hour), Set: contract.Patch{Limit: eur(int64(i))}})
		if !d.Done() {
			b.Fatal(said(d))
		}
	}
	return c
}

// A change costs a step for each other one.
func BenchmarkDecide(b *testing.B) {
	for _, n := range []int{1, 10, 100, 900} {
		b.Run(fmt.Sprintf("changes=%d", n), func(b *testing.B) {
			c, command := changed(b, n), contract.Suspend{At: at("2026-03-20")}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := command.Decide(c); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// What a purchase has to ask costs next to nothing, whatever has become of the contract.
func BenchmarkViewAt(b *testing.B) {
	for _, n := range []int{1, 10, 100, 900} {
		b.Run(fmt.Sprintf("changes=%d", n), func(b *testing.B) {
			v, now := changed(b, n).View(), at("2026-02-10")
			b.ReportAllocs()
			for b.Loop() {
				if v.At(now).Status == 0 {
					b.Fatal("no phase")
				}
			}
		})
	}
}
