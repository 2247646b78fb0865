package event

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/payrules/payrules/internal/strictjson"
)

// CloudEvent is a record on the wire: CloudEvents 1.0 in JSON ("structured mode"), with the extensions
// partitionkey, sequence and traceparent of that specification, and five of our own: stream, version, position,
// and commandid and commanddigest, which are the record's Key and Digest. Consumers that know only CloudEvents read it as well.
//
// Source: https://github.com/cloudevents/spec/tree/v1.0.2/cloudevents.
type CloudEvent struct {
	SpecVersion     string          `json:"specversion"`             // always "1.0"
	ID              string          `json:"id"`                      // Record.ID
	Source          string          `json:"source"`                  // the bank's name of the journal, a URI reference
	Type            string          `json:"type"`                    // Event.Type
	Subject         string          `json:"subject"`                 // the id part of the stream
	Time            string          `json:"time"`                    // Record.At, RFC 3339 with six decimals
	DataContentType string          `json:"datacontenttype"`         // always "application/json"
	PartitionKey    string          `json:"partitionkey"`            // the stream: what must stay in order goes to one partition
	Sequence        string          `json:"sequence"`                // the version, zero-padded: sorts as text
	TraceParent     string          `json:"traceparent,omitempty"`   // W3C trace context
	Stream          string          `json:"stream"`                  // Record.Stream
	Version         Version         `json:"version,string"`          // Record.Version
	Position        Position        `json:"position,string"`         // Record.Position
	CommandID       string          `json:"commandid,omitempty"`     // Record.Key
	CommandDigest   string          `json:"commanddigest,omitempty"` // Record.Digest in hexadecimal
	Data            json.RawMessage `json:"data"`                    // Event.Data
}

const cloudTime = "2006-01-02T15:04:05.000000Z"

// NewCloudEvent is the wire form of r. Source names the journal that it comes from: a URI reference, as
// "/bank/cards" or "https://bank.example/cards"; it and the id together are unique.
//
// Data that a codec wrote goes through json.Marshal byte by byte. Data that was written otherwise comes out
// without white space, and with <, > and & escaped: the same value.
func NewCloudEvent(source string, r Record) CloudEvent {
	_, subject := SplitStream(r.Stream)
	c := CloudEvent{
		SpecVersion:     "1.0",
		ID:              r.ID(),
		Source:          source,
		Type:            r.Type,
		Subject:         subject,
		Time:            r.At.UTC().Format(cloudTime),
		DataContentType: "application/json",
		PartitionKey:    r.Stream,
		Sequence:        fmt.Sprintf("%020d", r.Version),
		TraceParent:     r.TraceParent,
		Stream:          r.Stream,
		Version:         r.Version,
		Position:        r.Position,
		CommandID:       r.Key,
		Data:            r.Data,
	}
	if r.Key != "" {
		c.CommandDigest = fmt.Sprintf("%x", r.Digest)
	}
	return c
}

// ParseCloudEvent reads the JSON of a CloudEvent that a payrules publisher wrote, and gives back its
// source and record.
//
// Returns an error that wraps ErrInvalid if:
//   - data is larger than 2 MaxData, is not JSON, or has a field that is unknown or given twice;
//   - a required attribute is missing, breaks its form, or contradicts another (id and stream, say).
func ParseCloudEvent(data []byte) (source string, r Record, err error) {
	if len(data) > 2*MaxData {
		return "", Record{}, fmt.Errorf("%w cloud event: %d bytes, want at most %d", ErrInvalid, len(data), 2*MaxData)
	}
	var c CloudEvent
	if err := strictjson.Unmarshal(data, &c); err != nil {
		return "", Record{}, fmt.Errorf("%w cloud event: %w", ErrInvalid, err)
	}
	at, err := time.Parse(cloudTime, c.Time)
	if err != nil {
		return "", Record{}, fmt.Errorf("%w time %q: want RFC 3339 in UTC with six decimals", ErrInvalid, clip(c.Time))
	}
	r = Record{
		Event:    Event{Type: c.Type, Data: c.Data, TraceParent: c.TraceParent},
		Stream:   c.Stream,
		Version:  c.Version,
		Position: c.Position,
		At:       at,
		Key:      c.CommandID,
	}
	if err := c.validate(&r); err != nil {
		return "", Record{}, err
	}
	return c.Source, r, nil
}

// validate checks c against the record that was read from it, and fills in the record's digest.
func (c *CloudEvent) validate(r *Record) error {
	if c.Source == "" || len(c.Source) > MaxName {
		return fmt.Errorf("%w source: want 1 to %d bytes", ErrInvalid, MaxName)
	}
	if err := ValidateStream(r.Stream); err != nil {
		return err
	}
	if r.Version == 0 || r.Position == 0 {
		return fmt.Errorf("%w version %d, position %d: both start at 1", ErrInvalid, r.Version, r.Position)
	}
	if err := r.Validate(); err != nil {
		return err
	}
	if r.Key != "" {
		if err := ValidateKey(r.Key); err != nil {
			return err
		}
		digest, err := hex.DecodeString(c.CommandDigest)
		if err != nil || len(digest) != len(r.Digest) {
			return fmt.Errorf("%w commanddigest %q: want 64 hexadecimal digits", ErrInvalid, clip(c.CommandDigest))
		}
		copy(r.Digest[:], digest)
	}
	again := NewCloudEvent(c.Source, *r)
	if again.derived() != c.derived() {
		return fmt.Errorf("%w cloud event %q: its attributes contradict each other", ErrInvalid, clip(c.ID))
	}
	return nil
}

// derived are the attributes that follow from the others.
func (c *CloudEvent) derived() [8]string {
	return [...]string{c.SpecVersion, c.ID, c.Subject, c.Time, c.DataContentType, c.PartitionKey, c.Sequence, c.CommandDigest}
}
