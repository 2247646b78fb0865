package storage

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/payrules/payrules/event"
)

// VerifySeals reads a journal from its first record on, as All does, and holds each record against the seals that
// a [Sealer] wrote, and against those that were kept elsewhere, in any order. A record that is not what was sealed
// is not given out; in its place comes the error, and that ends it. What comes behind the last seal is given out
// as it is, its positions checked.
//
// Reached says how far the seals of the journal went in the last pass, or have gone in this one. An attacker who takes the
// last seals away, or writes the whole journal and all its seals anew, is noticed by a seal that was kept
// elsewhere; so hold reached against the last one that you know of, or give it.
//
// It holds one seal in memory, and costs about half a microsecond a record beside All. It is for one goroutine at
// a time; others may append, and seal.
//
// The errors are those of the journal, and a *CorruptError that names the first record that differs, or is missing,
// or the seal that is none. A record with a kept seal behind it, and none of the journal's, is named by the first
// one that it may be.
func VerifySeals(ctx context.Context, journal Journal, kept ...Seal) (records iter.Seq2[event.Record, error], reached func() Seal) {
	var pass sealVerifier
	all := func(yield func(event.Record, error) bool) {
		pass = sealVerifier{journal: journal, codec: sealCodec(), kept: slices.Clone(kept)}
		slices.SortFunc(pass.kept, func(a, b Seal) int { return cmp.Compare(a.Position, b.Position) })
		if err := pass.read(ctx, yield); err != nil {
			yield(event.Record{}, err)
		}
	}
	return all, func() Seal { return pass.reached }
}

// sealVerifier is one pass of VerifySeals.
type sealVerifier struct {
	journal Journal
	codec   *event.Codec

	last    Seal     // the record read last, and its hash
	seal    Sealed   // that last.Position+1 is in, or the one before it
	id      string   // of seal
	version Version  // of seal
	reached Seal     // up to the last seal that held to its end
	ended   bool     // there is no further seal
	kept    []Seal   // not reached yet, by position
	held    Position // of the last one of kept that held
}

// read yields the records that hold, and returns why it ended, or nil after the last one.
func (v *sealVerifier) read(ctx context.Context, yield func(event.Record, error) bool) error {
	head, err := v.journal.Head(ctx)
	if err != nil {
		return err
	}
	if err := v.checkKept(); err != nil {
		return err
	}
	for r, err := range v.journal.All(ctx, 0) {
		if err != nil {
			return err
		}
		if err := v.take(ctx, r); err != nil {
			return err
		}
		if !yield(r, nil) {
			return nil
		}
	}
	switch last := v.last.Position; {
	case last < max(head, v.seal.To):
		return missing(last + 1)
	case len(v.kept) > 0:
		return &CorruptError{Name: recordName(last + 1), Reason: fmt.Sprintf("is missing: there is a seal at %d", v.kept[0].Position)}
	}
	return nil
}

// take checks a record.
func (v *sealVerifier) take(ctx context.Context, r event.Record) error {
	p := v.last.Position + 1
	if r.Position != p {
		return &CorruptError{Name: recordName(p), Reason: fmt.Sprintf("is missing: the next one is %d", r.Position)}
	}
	v.last = Seal{Position: p, Hash: Chain(v.last.Hash, r)}
	if p > v.seal.To && !v.ended {
		if err := v.nextSeal(ctx); err != nil {
			return err
		}
	}
	if p <= v.seal.To {
		if !bytes.Equal(v.last.Hash[:pieceSize], v.seal.piece(p)) {
			return &CorruptError{Name: recordName(p), Reason: "is not what " + v.id + " sealed"}
		}
		if p == v.seal.To && v.last.Hash != v.seal.Hash {
			return &CorruptError{Name: v.id, Reason: fmt.Sprintf("has another hash for record %d than its piece of that hash", p)}
		}
		if p == v.seal.To {
			v.reached = v.last
		}
	}
	return v.checkKept()
}

// nextSeal reads the seal behind the one that was read last, if there is one.
func (v *sealVerifier) nextSeal(ctx context.Context) error {
	for r, err := range v.journal.Stream(ctx, SealStream, v.version) {
		if err != nil {
			return err
		}
		seal, err := readSeal(v.codec, r, v.seal.To)
		if err != nil {
			return err
		}
		v.seal, v.id, v.version = seal, r.ID(), r.Version
		return nil
	}
	v.ended = true
	return nil
}

// checkKept holds the seals that were kept elsewhere against the record read last.
func (v *sealVerifier) checkKept() error {
	for ; len(v.kept) > 0 && v.kept[0].Position == v.last.Position; v.kept = v.kept[1:] {
		if v.kept[0].Hash != v.last.Hash {
			return &CorruptError{Name: recordName(v.held + 1), Reason: fmt.Sprintf("or one of those up to %d, is not what was sealed", v.last.Position)}
		}
		v.held = v.last.Position
	}
	return nil
}
