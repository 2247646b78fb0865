package cashback

import (
	"errors"
	"fmt"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/event"
	"github.com/payrules/payrules/internal/jsonfields"
	"github.com/payrules/payrules/internal/texts"
	"github.com/payrules/payrules/money"
)

// checkRule checks all of a rule but its id, and whether there are the group and the budget that it names.
func (s *Spec) checkRule(r *Rule) (where string, err error) {
	if text := texts.Fault(r.Label, MaxLabel); text != "" {
		return ".label", errors.New(text)
	}
	if err = within(r.Priority, -MaxPriority, MaxPriority); err != nil {
		return ".priority", err
	}
	for _, day := range [...]struct {
		where string
		ok    bool
	}{{".from", r.From.IsZero() || r.From.Valid()}, {".through", r.Through.IsZero() || r.Through.Valid()}} {
		if !day.ok {
			return day.where, errors.New("no date of the calendar")
		}
	}
	if r.Through.Valid() && r.Through < r.From {
		return ".through", fmt.Errorf("%s, which is before %s, the first day", r.Through, r.From)
	}
	if where, err = r.Include.check(); err != nil {
		return ".include" + where, err
	}
	if where, err = r.Exclude.check(); err != nil {
		return ".exclude" + where, err
	}
	if where, err = s.checkTerms(&r.Terms, r.AllowAboveWhole); err != nil {
		return where, err
	}
	return checkFunding(r.Funding)
}

// check checks the lists of a filter.
func (f *Filter) check() (where string, err error) {
	if len(f.MCC) > MaxEntries {
		return ".mcc", fmt.Errorf("%d of them, want at most %d", len(f.MCC), MaxEntries)
	}
	for i, m := range f.MCC {
		switch {
		case !m.Valid():
			err = fmt.Errorf("%s, want 0001 to 9999, upwards", m)
		case i > 0 && m.From <= f.MCC[i-1].To:
			err = fmt.Errorf("%s does not lie after %s", m, f.MCC[i-1])
		}
		if err != nil {
			return fmt.Sprintf(".mcc[%d]", i), err
		}
	}
	for _, list := range [...]struct {
		where string
		names []string
	}{{".merchants", f.Merchants}, {".merchant_groups", f.Groups}, {".categories", f.Categories}, {".tiers", f.Tiers}} {
		if where, err = ascending(list.where, MaxEntries, list.names, checkName); err != nil {
			return where, err
		}
	}
	return ascending(".countries", MaxEntries, f.Countries, func(c cap.Country) error {
		if !c.Valid() {
			return fmt.Errorf("%q, want two capital letters of ISO 3166-1", jsonfields.Clip(string(c)))
		}
		return nil
	})
}

// checkName returns an error if s cannot be the id of a merchant, or a name of the bank's own.
func checkName(s string) error {
	if event.ValidateKey(s) != nil {
		return fmt.Errorf("%q, want 1 to %d bytes of UTF-8 without control characters", jsonfields.Clip(s), event.MaxName)
	}
	return nil
}

// ascending checks a list of names, each with check. One order for each list gives one text, and so one digest, for each program.
func ascending[T ~string](where string, most int, list []T, check func(T) error) (string, error) {
	if len(list) > most {
		return where, fmt.Errorf("%d of them, want at most %d", len(list), most)
	}
	for i, name := range list {
		err := check(name)
		if err == nil && i > 0 && name <= list[i-1] {
			err = fmt.Errorf("%q does not lie after %q", jsonfields.Clip(string(name)), jsonfields.Clip(string(list[i-1])))
		}
		if err != nil {
			return fmt.Sprintf("%s[%d]", where, i), err
		}
	}
	return "", nil
}

// checkTerms checks how much is given.
func (s *Spec) checkTerms(t *Terms, aboveWhole bool) (where string, err error) {
	ways := 0
	for _, given := range [...]bool{t.Rate.Sign() != 0, t.Fixed != money.Amount{}, len(t.Ladder) > 0} {
		if given {
			ways++
		}
	}
	if ways != 1 {
		return "", fmt.Errorf("%d of rate, fixed and ladder, want exactly one", ways)
	}
	if where, err = first(
		fault{".min_purchase", s.checkOptional(t.MinPurchase)},
		fault{".rate", checkRate(t.Rate, aboveWhole)},
		fault{".fixed", s.checkOptional(t.Fixed)},
		fault{".max_reward", s.checkOptional(t.MaxReward)},
	); err != nil {
		return where, err
	}
	if len(t.Ladder) > MaxSteps {
		return ".ladder", fmt.Errorf("%d steps, want at most %d", len(t.Ladder), MaxSteps)
	}
	for i := range t.Ladder {
		if where, err = s.checkStep(t, i, aboveWhole); err != nil {
			return fmt.Sprintf(".ladder[%d]%s", i, where), err
		}
	}
	return "", nil
}

// checkRate checks a rate that may be left out. MaxRate of MaxAmount fits an int64.
func checkRate(r money.Rate, aboveWhole bool) error {
	whole, _ := money.NewRate(1, 1)
	most, _ := money.NewRate(MaxRate, 1)
	switch {
	case r.Sign() < 0:
		return fmt.Errorf("%s, want none below 0", r)
	case r.Compare(whole) > 0 && !aboveWhole:
		return fmt.Errorf("%s, which is above 1: that has to be said with allow_above_whole", r)
	case r.Compare(most) > 0:
		return fmt.Errorf("%s, want at most %d", r, MaxRate)
	}
	return nil
}

// checkStep checks step i of a ladder, and how it follows the one before, which is known to be right.
func (s *Spec) checkStep(t *Terms, i int, aboveWhole bool) (where string, err error) {
	step, last := &t.Ladder[i], i == len(t.Ladder)-1
	hasRate, hasFixed, hasEnd := step.Rate.Sign() != 0, step.Fixed != money.Amount{}, step.Until != money.Amount{}
	if err = s.checkAmount(step.From, 0); err != nil {
		return ".from", err
	}
	if i > 0 {
		switch before := t.Ladder[i-1].Until; {
		case step.From.Minor() < before.Minor():
			return ".from", fmt.Errorf("%s, which overlaps the step before it: that one ends at %s", step.From, before)
		case step.From.Minor() > before.Minor():
			return ".from", fmt.Errorf("%s, which leaves a gap after the step before it: that one ends at %s", step.From, before)
		}
	}
	switch {
	case last && hasEnd:
		return ".until", errors.New("the last step has no end")
	case !last && !hasEnd:
		return ".until", errors.New("none given: only the last step has no end")
	case hasEnd:
		if err = s.checkAmount(step.Until, 1); err == nil && step.Until.Minor() <= step.From.Minor() {
			err = fmt.Errorf("%s, want it above from", step.Until)
		}
	}
	if err != nil {
		return ".until", err
	}
	if hasRate == hasFixed {
		return "", errors.New("want a rate or a fixed amount, and not both; to give nothing, fix it at 0")
	}
	if err = checkRate(step.Rate, aboveWhole); err != nil {
		return ".rate", err
	}
	if hasFixed {
		if err = s.checkAmount(step.Fixed, 0); err != nil {
			return ".fixed", err
		}
	}
	if i == 0 {
		return "", nil
	}
	return "", s.checkRise(t, i)
}

// checkRise returns an error if step i of a ladder gives less for the least purchase in it than the step before for the largest. Inside
// of a step nothing falls, since rates are not negative and rounding keeps the order.
func (s *Spec) checkRise(t *Terms, i int) error {
	from := t.Ladder[i].From
	below := money.New(from.Minor()-1, s.Currency)
	was, err := s.gives(t, i-1, below)
	if err != nil {
		return err
	}
	is, err := s.gives(t, i, from)
	if err == nil && is.Minor() < was.Minor() {
		err = fmt.Errorf("gives %s for %s, want no less than the %s that the step before it gives for %s", is, from, was, below)
	}
	return err
}

// gives returns what step i of a ladder gives for a purchase in it.
func (s *Spec) gives(t *Terms, i int, purchase money.Amount) (money.Amount, error) {
	step := &t.Ladder[i]
	given, err := step.Fixed, error(nil)
	if step.Rate.Sign() != 0 {
		given, err = purchase.MulRate(step.Rate, s.Rounding)
	}
	if err == nil && t.MaxReward.Valid() {
		given, err = money.Min(given, t.MaxReward)
	}
	return given, err
}
