package ledger

import (
	"fmt"
	"reflect"

	"github.com/payrules/payrules/internal/strictjson"
)

// Chart is a chart of accounts: the bank's own, in the order of its books. It is data, JSON in and out.
type Chart struct {
	_ struct{} // disallow positional literals

	Accounts []ChartAccount `json:"accounts"`
}

// ChartAccount is one account of a chart.
type ChartAccount struct {
	_ struct{} // disallow positional literals

	ID string `json:"id"`
	Terms
}

// MaxChart is how many accounts a chart may have.
const MaxChart = 10_000

// ParseChart reads a chart from JSON.
//
// Returns an error that wraps ErrInvalid and names the field if data is not a chart's JSON, an unknown field among it, or
// Validate returns one.
func ParseChart(data []byte) (Chart, error) {
	var c Chart
	if err := strictjson.Unmarshal(data, &c); err != nil {
		return Chart{}, fmt.Errorf("%w chart: %w", ErrInvalid, err)
	}
	return c, c.Validate()
}

// Validate returns an error that wraps ErrInvalid if there is no account or more than MaxChart, an id or its terms are malformed,
// an id is there twice, or a parent does not stand before its account with the same type.
func (c *Chart) Validate() error {
	if len(c.Accounts) == 0 || len(c.Accounts) > MaxChart {
		return fmt.Errorf("%w chart: %d accounts, want 1 to %d", ErrInvalid, len(c.Accounts), MaxChart)
	}
	types := make(map[string]Type, len(c.Accounts))
	for i := range c.Accounts {
		a := &c.Accounts[i]
		field := fmt.Sprintf("chart: accounts[%d].", i)
		if err := checkID(field+"id", a.ID); err != nil {
			return err
		}
		if err := a.validate(); err != nil {
			return fmt.Errorf("chart: account %q: %w", a.ID, err)
		}
		parent, known := types[a.Parent]
		switch {
		case types[a.ID] != 0:
			return fmt.Errorf("%w %sid: %q is there twice", ErrInvalid, field, a.ID)
		case a.Parent != "" && (!known || parent != a.Type):
			return fmt.Errorf("%w %sparent: no account of that type stands before it", ErrInvalid, field)
		}
		types[a.ID] = a.Type
	}
	return nil
}

// Conflict returns an error that wraps ErrInvalid and names the field if an account that is open has other terms than the chart
// says. Limits may differ: they may have been set since.
func (a *ChartAccount) Conflict(open Terms) error {
	want := a.Terms
	want.Limits, open.Limits = nil, nil
	if !reflect.DeepEqual(want, open) {
		return fmt.Errorf("%w chart: account %q is open as %+v, not %+v", ErrInvalid, a.ID, open, want)
	}
	return nil
}
