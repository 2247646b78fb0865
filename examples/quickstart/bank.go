package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/payrules/payrules/cap"
	"github.com/payrules/payrules/engine"
	"github.com/payrules/payrules/storage/pebble"
)

// meterKind is the kind of the meters' streams.
const meterKind = "cap"

// bank is the library at work: a journal in a folder, an engine on it, and the aggregates that it decides about.
// It is safe for concurrent use.
type bank struct {
	journal    *pebble.Journal
	engine     *engine.Engine
	meters     *engine.Repository[*cap.Meter]
	statements *engine.Repository[*statement]
}

// openBank opens the journal in a folder, or makes it, under the caps.
//
// Returns an error if the journal cannot be opened, or was made with other caps: what was decided under them is not
// decided again.
func openBank(ctx context.Context, dir string, c caps) (_ *bank, err error) {
	b := &bank{}
	if b.journal, err = pebble.Open(dir, nil); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.close())
		}
	}()
	if b.engine, err = engine.New(b.journal, nil); err != nil {
		return nil, err
	}
	b.meters, err = engine.NewRepository(b.engine, engine.Kind[*cap.Meter]{
		Name:  meterKind,
		Codec: cap.Codec(),
		New:   func(string) *cap.Meter { return cap.NewMeter(c.policy) },
	}, nil)
	if err != nil {
		return nil, err
	}
	if b.statements, err = engine.NewRepository(b.engine, statementKind(), nil); err != nil {
		return nil, err
	}
	return b, b.ensureCaps(ctx, dir, c.texts())
}

// ensureCaps journals the caps of a new journal. Of an old one it asks the same again, and the engine finds out
// whether they are the same.
func (b *bank) ensureCaps(ctx context.Context, dir string, caps []string) error {
	repo, err := engine.NewRepository(b.engine, settingsKind(), nil)
	if err != nil {
		return err
	}
	_, err = engine.Do(ctx, repo, "caps", "caps", chooseCaps{Caps: caps})
	if !errors.Is(err, engine.ErrKeyReused) {
		return err
	}
	return engine.View(ctx, repo, "caps", func(s *settings) error {
		return fmt.Errorf("the journal in %s was made with -cap %s, and its decisions stand: give the same, or another -data",
			dir, strings.Join(s.caps, " -cap "))
	})
}

// answer is what came of a row.
type answer struct {
	decision cap.Decision // of a withdrawal
	replayed bool         // it was in the journal already
	took     time.Duration
}

// decide takes a row to the aggregate that it concerns, and returns once the answer is durable. The rows of an
// account must come one after the other.
func (b *bank) decide(ctx context.Context, t *transaction) (answer, error) {
	started := time.Now()
	if !t.withdrawal() {
		a, err := engine.DoAnswer(ctx, b.statements, t.Account, t.ID, enter(*t))
		return answer{replayed: a.Replayed, took: time.Since(started)}, err
	}
	c := cap.Authorize{ID: t.ID, At: t.At, Amount: t.Amount}
	a, err := engine.DoAnswer(ctx, b.meters, t.Account, t.ID, c)
	return answer{a.Result, a.Replayed, time.Since(started)}, err
}

// close waits for what is under way, and closes the journal.
func (b *bank) close() error {
	if b.engine != nil {
		if err := b.engine.Close(context.Background()); err != nil {
			return err
		}
	}
	return b.journal.Close()
}
