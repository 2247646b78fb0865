package storage

import (
	"context"
	"errors"
	"fmt"

	"github.com/payrules/payrules/event"
)

// SealStream is the stream that a Sealer writes to, and nobody else.
const SealStream = "seal/journal"

// MaxSealed is how many records one seal covers at the most. Such a seal has about 44 KB.
const MaxSealed = 4096

// pieceSize is how many bytes of each record's hash a seal keeps, so that the first record that differs is named.
const pieceSize = 8

// Sealed says what the records From to To of a journal were.
type Sealed struct {
	_ struct{} // disallow positional literals

	From    Position `json:"from"`
	To      Position `json:"to"`
	Hash    Hash     `json:"hash"`    // Chain of To, over all records up to it
	Records []byte   `json:"records"` // the first 8 bytes of Chain of each record from From on
}

// EventType returns "storage.sealed.v1".
func (Sealed) EventType() string { return "storage.sealed.v1" }

// piece is what the seal keeps of a record's hash.
func (s Sealed) piece(p Position) []byte {
	at := int(p-s.From) * pieceSize
	return s.Records[at : at+pieceSize]
}

// Sealer keeps the hash chain of a journal whose store does not: it reads what was committed, and appends a
// [Sealed] to SealStream for up to MaxSealed records at a time. Seals are records, so the next seal covers them.
//
// Let it run once in a while; until then what is new is not sealed. It goes on where the last seal ends, whoever
// wrote that, so it can be stopped anywhere, and several may run at once: of two that write the same seal, one
// loses by its expected version, and goes on behind the other's. [VerifySeals] reads what it wrote.
//
// Make it with NewSealer. One Sealer is not safe for concurrent use.
type Sealer struct {
	journal Journal
	codec   *event.Codec
	version Version // of SealStream, as far as it was read
	last    Seal    // what the record of that version says
}

// NewSealer makes a sealer. It reads nothing yet.
func NewSealer(journal Journal) *Sealer {
	return &Sealer{journal: journal, codec: sealCodec()}
}

func sealCodec() *event.Codec { return event.MustCodec([]event.Type{event.TypeOf[Sealed]()}) }

// Seal seals the records that the journal has at the call, and returns the last seal: what an auditor keeps
// elsewhere. Where nothing but seals is new, it writes none. The first call reads all seals, a hundredth or so
// of the journal, and each call what is not sealed yet.
//
// Returns an error if:
//   - ctx is done, the journal is closed, or it cannot be read or written. What was sealed before stays so. After
//     ErrUnknownOutcome, call again: it looks first;
//   - a record is missing, or a seal is none (ErrCorrupt).
func (s *Sealer) Seal(ctx context.Context) (Seal, error) {
	head, err := s.journal.Head(ctx)
	if err != nil {
		return Seal{}, fmt.Errorf("storage: seal: %w", err)
	}
	if err := s.catchUp(ctx); err != nil {
		return Seal{}, err
	}
	for s.last.Position < head {
		next, err := s.next(ctx, head)
		if err != nil {
			return Seal{}, err
		}
		if next.To == 0 {
			break
		}
		if err := s.append(ctx, next); err != nil {
			return Seal{}, err
		}
	}
	return s.last, nil
}

// catchUp reads the seals that are new.
func (s *Sealer) catchUp(ctx context.Context) error {
	for r, err := range s.journal.Stream(ctx, SealStream, s.version) {
		if err != nil {
			return fmt.Errorf("storage: seal: %w", err)
		}
		sealed, err := readSeal(s.codec, r, s.last.Position)
		if err != nil {
			return err
		}
		s.version, s.last = r.Version, Seal{Position: sealed.To, Hash: sealed.Hash}
	}
	return nil
}

// readSeal reads the seal after the one that ends at a position.
//
// Returns a *CorruptError that names it if it is of another type, or its parts do not add up.
func readSeal(codec *event.Codec, r event.Record, after Position) (Sealed, error) {
	data, err := codec.Decode(r.Event)
	if err != nil {
		return Sealed{}, &CorruptError{Name: r.ID(), Reason: "is not a seal", Err: err}
	}
	s := data.(Sealed)
	n := s.To - s.From + 1
	if s.From != after+1 || s.To < s.From || s.To >= r.Position || n > MaxSealed || len(s.Records) != int(n)*pieceSize {
		return Sealed{}, &CorruptError{Name: r.ID(), Reason: fmt.Sprintf(
			"seals %d to %d with %d bytes, and stands at %d behind a seal up to %d", s.From, s.To, len(s.Records), r.Position, after)}
	}
	return s, nil
}

// next makes the next seal, up to the head. Its To is 0 if there are only seals left.
func (s *Sealer) next(ctx context.Context, head Position) (Sealed, error) {
	end := min(head, s.last.Position+MaxSealed)
	sealed := Sealed{From: s.last.Position + 1}
	hash, last, idle := s.last.Hash, s.last.Position, true
	for r, err := range s.journal.All(ctx, last) {
		if err != nil {
			return Sealed{}, fmt.Errorf("storage: seal: %w", err)
		}
		if r.Position != last+1 {
			return Sealed{}, missing(last + 1)
		}
		last, hash = r.Position, Chain(hash, r)
		sealed.Records = append(sealed.Records, hash[:pieceSize]...)
		if idle = idle && r.Stream == SealStream; last == end {
			break
		}
	}
	if last < end {
		return Sealed{}, missing(last + 1)
	}
	if idle && end == head {
		return Sealed{}, nil
	}
	sealed.To, sealed.Hash = last, hash
	return sealed, nil
}

func missing(p Position) error {
	return &CorruptError{Name: recordName(p), Reason: "is missing"}
}

func recordName(p Position) string { return fmt.Sprintf("record %d", p) }

// append stores a seal, or reads the one that another sealer stored meanwhile.
func (s *Sealer) append(ctx context.Context, sealed Sealed) error {
	e, err := s.codec.Encode(sealed)
	if err != nil {
		return fmt.Errorf("storage: seal: %w", err)
	}
	receipts, err := s.journal.Append(ctx, Batch{
		Key:    fmt.Sprintf("seal-%d", sealed.To),
		Digest: sealed.Hash,
		Writes: []Write{{Stream: SealStream, Expect: s.version, Events: []event.Event{e}}},
	})
	if err == nil {
		err = receipts[0].Err
	}
	if err == nil {
		s.version, s.last = s.version+1, Seal{Position: sealed.To, Hash: sealed.Hash}
		return nil
	}
	before := s.version
	if errors.Is(err, ErrConflict) {
		if err := s.catchUp(ctx); err != nil {
			return err
		}
	}
	if s.version == before { // so nobody else got on, either
		return fmt.Errorf("storage: seal: %w", err)
	}
	return nil
}
