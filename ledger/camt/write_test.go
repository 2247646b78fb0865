package camt_test

import (
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/payrules/payrules/internal/golden"
	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/ledger/camt"
	"github.com/payrules/payrules/ledger/internal/sheettest"
	"github.com/payrules/payrules/money"
)

// What a bank sends is what somebody has looked at: go test ./ledger/camt -update writes the files anew, and then look again.
func TestGolden(t *testing.T) {
	for name, s := range sheettest.Scenes() {
		o := options(name)
		golden.File(t, filepath.Join("testdata", name+".xml"), written(t, s, o), *update)
		if name == "reversal" {
			o.Version = camt.V02
			golden.File(t, filepath.Join("testdata", name+"-02.xml"), written(t, s, o), *update)
		}
	}
}

// On which side a balance stands, and an entry that grows the account, for each type of account.
func TestSides(t *testing.T) {
	for _, tc := range []struct {
		typ              ledger.Type
		opening          int64
		side             ledger.Side
		amount           int64
		open, move, ends string
	}{
		{ledger.Liability, 100, ledger.Debit, 30, "1.00 CRDT", "0.30 DBIT", "0.70 CRDT"},
		{ledger.Liability, 10, ledger.Debit, 30, "0.10 CRDT", "0.30 DBIT", "0.20 DBIT"},
		{ledger.Liability, -20, ledger.Credit, 20, "0.20 DBIT", "0.20 CRDT", "0.00 CRDT"},
		{ledger.Asset, 500, ledger.Debit, 1, "5.00 DBIT", "0.01 DBIT", "5.01 DBIT"},
		{ledger.Asset, 0, ledger.Credit, 1, "0.00 CRDT", "0.01 CRDT", "0.01 CRDT"},
		{ledger.Expense, 7, ledger.Credit, 7, "0.07 DBIT", "0.07 CRDT", "0.00 CRDT"},
		{ledger.Income, 7, ledger.Credit, 7, "0.07 CRDT", "0.07 CRDT", "0.14 CRDT"},
		{ledger.Equity, 7, ledger.Debit, 7, "0.07 CRDT", "0.07 DBIT", "0.00 CRDT"},
	} {
		s := sheettest.Scenes()["overdrawn"]
		s.Type, s.Opening, s.Entries = tc.typ, money.New(tc.opening, money.EUR), s.Entries[:1]
		s.Entries[0].Side, s.Entries[0].Amount = tc.side, money.New(tc.amount, money.EUR)
		n, err := parse(bytes.NewReader(written(t, sheettest.Complete(s), options("empty"))))
		if err != nil {
			t.Fatal(err)
		}
		stmt := n.kid("BkToCstmrStmt").kid("Stmt")
		var got []string
		for _, k := range stmt.kids {
			if k.name == "Bal" || k.name == "Ntry" {
				got = append(got, k.kid("Amt").text+" "+k.kid("CdtDbtInd").text)
			}
		}
		if diff := cmp.Diff([]string{tc.open, tc.ends, tc.move}, got); diff != "" {
			t.Errorf("%v %d, %v %d (-want +got):\n%s", tc.typ, tc.opening, tc.side, tc.amount, diff)
		}
	}
}

// Days are those of the zone, with their 23 or 25 hours, and its distance from UTC then.
func TestPeriod(t *testing.T) {
	for _, tc := range []struct{ day, zone, from, to string }{
		{"2026-11-20", "UTC", "2026-11-20T00:00:00Z", "2026-11-20T23:59:59Z"},
		{"2026-03-29", "Europe/Warsaw", "2026-03-29T00:00:00+01:00", "2026-03-29T23:59:59+02:00"},
		{"2026-10-25", "Europe/Warsaw", "2026-10-25T00:00:00+02:00", "2026-10-25T23:59:59+01:00"},
		{"2018-11-04", "America/Sao_Paulo", "2018-11-04T01:00:00-02:00", "2018-11-04T23:59:59-02:00"}, // no midnight
		{"9999-12-31", "Asia/Tokyo", "9999-12-31T00:00:00+09:00", "9999-12-31T23:59:59+09:00"},
		{"0001-01-01", "UTC", "0001-01-01T00:00:00Z", "0001-01-01T23:59:59Z"},
	} {
		zone, err := time.LoadLocation(tc.zone)
		if err != nil {
			t.Fatal(err)
		}
		s := sheettest.Scenes()["empty"]
		s.Zone = zone
		if err := s.From.UnmarshalText([]byte(tc.day)); err != nil {
			t.Fatal(err)
		}
		s.To = s.From
		got := string(written(t, s, options("empty")))
		if !strings.Contains(got, "<FrDtTm>"+tc.from+"</FrDtTm>") || !strings.Contains(got, "<ToDtTm>"+tc.to+"</ToDtTm>") {
			t.Errorf("%s in %s: want %s to %s in\n%s", tc.day, tc.zone, tc.from, tc.to, got)
		}
	}
}

// A refusal names the field, and nothing is written.
func TestRefusals(t *testing.T) {
	long := func(n int) string { return strings.Repeat("é", n) }
	describe := func(f func(*camt.Transaction)) func(*ledger.Statement, *camt.Options) {
		return func(_ *ledger.Statement, o *camt.Options) {
			o.Describe = func(e *ledger.Entry, t *camt.Transaction) {
				if e.Number == 2 {
					f(t)
				}
			}
		}
	}
	amount := func(minor int64) func(*ledger.Statement, *camt.Options) {
		return func(s *ledger.Statement, _ *camt.Options) {
			s.Entries[0].Amount = money.New(minor, money.EUR)
			sheettest.Complete(s)
		}
	}
	for _, tc := range []struct {
		want string
		edit func(s *ledger.Statement, o *camt.Options)
	}{
		{"GrpHdr/MsgId: 0 characters", func(_ *ledger.Statement, o *camt.Options) { o.MessageID = "" }},
		{"GrpHdr/MsgId: 36 characters, want 1 to 35", func(_ *ledger.Statement, o *camt.Options) { o.MessageID = long(36) }},
		{"GrpHdr/CreDtTm: want an instant", func(_ *ledger.Statement, o *camt.Options) { o.Created = time.Time{} }},
		{"GrpHdr/CreDtTm: want an instant", func(_ *ledger.Statement, o *camt.Options) { o.Created = o.Created.AddDate(8000, 0, 0) }},
		{"GrpHdr/CreDtTm: the zone", func(s *ledger.Statement, _ *camt.Options) {
			s.Entries, s.Zone = nil, time.FixedZone("", 14*3600+60)
			sheettest.Complete(s)
		}},
		{"version 3", func(_ *ledger.Statement, o *camt.Options) { o.Version = 3 }},
		{"by booking", func(s *ledger.Statement, _ *camt.Options) { s.By = ledger.ByValue }},
		{"Stmt/Id: 36 characters", func(_ *ledger.Statement, o *camt.Options) { o.StatementID = long(36) }},
		{"Stmt/ElctrncSeqNb: more than 18 digits", func(_ *ledger.Statement, o *camt.Options) { o.Sequence = 1e18 }},
		{"Stmt/Acct/Id/IBAN: the check digits", func(_ *ledger.Statement, o *camt.Options) { o.Account.IBAN = "PL61109010140000071219812875" }},
		{"Stmt/Acct/Id/IBAN: want an IBAN", func(_ *ledger.Statement, o *camt.Options) { o.Account.IBAN = "PL61 1090 1014 0000 0712 1981 2874" }},
		{"Stmt/Acct/Id/IBAN: want an IBAN", func(_ *ledger.Statement, o *camt.Options) { o.Account.IBAN = "<PL6" }},
		{"Stmt/Acct/Id/IBAN: there is another", func(_ *ledger.Statement, o *camt.Options) { o.Account.Other = "7" }},
		{"Stmt/Acct/Id/Othr/Id: 35 characters", func(_ *ledger.Statement, o *camt.Options) { o.Account = camt.AccountID{Other: long(35)} }},
		{"Stmt/Acct/Nm: 71 characters", func(s *ledger.Statement, _ *camt.Options) { s.Name = long(71) }},
		{"Stmt/Acct/Ownr/Nm: 141 characters", func(_ *ledger.Statement, o *camt.Options) { o.Owner = long(141) }},
		{"Stmt/Acct/Svcr/FinInstnId/BICFI: want a BIC", func(_ *ledger.Statement, o *camt.Options) { o.Servicer = "EXBKPLP" }},
		{"Stmt/Acct/Svcr/FinInstnId/BICFI: want a BIC", func(_ *ledger.Statement, o *camt.Options) { o.Servicer = "EXBK1LPW" }},
		{"Stmt/Acct/Svcr/FinInstnId/BIC: want a BIC", func(_ *ledger.Statement, o *camt.Options) { o.Version, o.Servicer = camt.V02, "EXB1PLPW" }},
		{"Stmt/Acct/Svcr/FinInstnId/BIC: want a BIC", func(_ *ledger.Statement, o *camt.Options) { o.Version, o.Servicer = camt.V02, "EXBKPLPO" }},
		{"Stmt/Bal: CLAV is not in", func(_ *ledger.Statement, o *camt.Options) { o.Available = money.New(1, money.USD) }},
		{"Stmt/Bal/Amt: more than 18 digits", func(_ *ledger.Statement, o *camt.Options) { o.Available = money.New(-1e18, money.EUR) }},
		{"Stmt/Bal/Amt: more than 18 digits", func(s *ledger.Statement, _ *camt.Options) {
			s.Opening = money.New(-1<<63+100_00, money.EUR)
			sheettest.Complete(s)
		}},
		{"Stmt/Bal/Amt: more than 18 digits", amount(1e18 + 100_00)},
		{"Stmt/Ntry[2]/AcctSvcrRef: 36 characters", func(s *ledger.Statement, _ *camt.Options) { s.Entries[1].Transfer = long(36) }},
		{"Stmt/Ntry[2]/NtryDtls/TxDtls/Refs/EndToEndId: 36 characters", func(s *ledger.Statement, _ *camt.Options) { s.Entries[1].Reference = long(36) }},
		{"Stmt/Ntry[2]/NtryDtls/TxDtls/RmtInf/Ustrd: 141 characters", func(s *ledger.Statement, _ *camt.Options) { s.Entries[1].Text = long(141) }},
		{"Stmt/Ntry[2]/NtryDtls/TxDtls/RmtInf/Ustrd: byte 3: XML has no character U+001B", func(s *ledger.Statement, _ *camt.Options) { s.Entries[1].Text = "no\x1b[2J" }},
		{"Stmt/Ntry[2]/NtryDtls/TxDtls/RmtInf/Ustrd: byte 1: XML has no character U+FFFE", func(s *ledger.Statement, _ *camt.Options) { s.Entries[1].Text = "\ufffe" }},
		{"Stmt/Ntry[2]/NtryDtls/TxDtls/RmtInf/Ustrd: byte 2 is not UTF-8", func(s *ledger.Statement, _ *camt.Options) { s.Entries[1].Text = "a\xffb" }},
		{"Stmt/Ntry[2]/NtryDtls/TxDtls/RmtInf/Ustrd: byte 1 is not UTF-8", func(s *ledger.Statement, _ *camt.Options) { s.Entries[1].Text = "\xed\xa0\x80" }},
		{"Stmt/Ntry[2]/BkTxCd/Prtry/Cd: 36 characters", func(s *ledger.Statement, _ *camt.Options) { s.Entries[1].Code = long(36) }},
		{"Stmt/Ntry[2]/BkTxCd/Prtry/Cd: 0 characters", describe(func(t *camt.Transaction) { t.Code = camt.Code{Issuer: "x"} })},
		{"Stmt/Ntry[2]/BkTxCd/Domn/Fmly/SubFmlyCd: 0 characters", describe(func(t *camt.Transaction) { t.Code = camt.Code{Domain: "PMNT", Family: "ICDT"} })},
		{"Stmt/Ntry[2]/BkTxCd/Domn/Cd: 5 characters", describe(func(t *camt.Transaction) { t.Code = camt.Code{Domain: long(5), Family: "ICDT"} })},
		{"Stmt/Ntry[2]/NtryDtls/TxDtls/RltdPties/CdtrAcct/Id/Othr/Id: 35 characters", func(s *ledger.Statement, _ *camt.Options) { s.Entries[1].Counter = long(35) }},
		{"Stmt/Ntry[2]/NtryDtls/TxDtls/RltdPties/Cdtr/Pty/Nm: 141 characters", describe(func(t *camt.Transaction) { t.Counter.Name = long(141) })},
		{"Stmt/Ntry[2]/AddtlNtryInf: 501 characters", describe(func(t *camt.Transaction) { t.Info = long(501) })},
		{"statement: there is none", nil},
	} {
		s, o := sheettest.Scenes()["overdrawn"], options("overdrawn")
		o.Available = money.Amount{}
		if tc.edit != nil {
			tc.edit(s, o)
		} else {
			s = nil
		}
		var b bytes.Buffer
		err := camt.Write(&b, s, o)
		if !errors.Is(err, ledger.ErrInvalid) || !strings.Contains(err.Error(), tc.want) || b.Len() > 0 {
			t.Errorf("want %q and nothing written; got %v and %d bytes", tc.want, err, b.Len())
		}
	}
	if err := camt.Write(io.Discard, sheettest.Scenes()["empty"], nil); !errors.Is(err, ledger.ErrInvalid) {
		t.Errorf("no options: got %v", err)
	}
}

// The last text of a long statement is refused before the first byte is written.
func TestNothingIsWrittenBeforeAllIsChecked(t *testing.T) {
	s := sheettest.Scenes()["many"]
	s.Entries[len(s.Entries)-1].Text = "\x00"
	var b bytes.Buffer
	if err := camt.Write(&b, s, options("many")); !errors.Is(err, ledger.ErrInvalid) || b.Len() > 0 {
		t.Errorf("got %v and %d bytes", err, b.Len())
	}
	s = sheettest.Scenes()["many"]
	s.Closing = money.New(1, money.EUR)
	if err := camt.Write(&b, s, options("many")); !errors.Is(err, ledger.ErrInvalid) || b.Len() > 0 {
		t.Errorf("does not add up: got %v and %d bytes", err, b.Len())
	}
}

// What is as long or as large as can be is written.
func TestEdges(t *testing.T) {
	s, o := sheettest.Scenes()["overdrawn"], options("overdrawn")
	s.Opening = money.New(999_999_999_999_999_999, money.EUR)
	s.Entries = s.Entries[:1]
	s.Entries[0].Text, s.Entries[0].Reference = strings.Repeat("𝒲", 140), strings.Repeat("漢", 35)
	o.Sequence, o.Owner = 999_999_999_999_999_999, strings.Repeat("é", 140)
	if err := valid(written(t, sheettest.Complete(s), o), camt.V08); err != nil {
		t.Error(err)
	}
	for _, iban := range []string{"NO9386011117947", "MT84MALT011000012345MTLCAST001S", "FR1420041010050500013M02606"} {
		o.Account.IBAN = iban
		if err := valid(written(t, s, o), camt.V08); err != nil {
			t.Errorf("%s: %v", iban, err)
		}
	}
}

type brokenWriter struct{ room int }

var errBroken = errors.New("the disk is full")

func (b *brokenWriter) Write(p []byte) (int, error) {
	if b.room -= len(p); b.room < 0 {
		return 0, errBroken
	}
	return len(p), nil
}

// What the writer says is what comes back, wherever it breaks.
func TestWriterFails(t *testing.T) {
	s, o := sheettest.Scenes()["many"], options("many")
	size := len(written(t, s, o))
	for room := 0; room < size; room += 997 {
		if err := camt.Write(&brokenWriter{room}, s, o); !errors.Is(err, errBroken) {
			t.Errorf("%d bytes of %d: got %v", room, size, err)
		}
	}
}

// The message leaves piece by piece: what waits to be written does not grow with the number of entries.
func TestStreams(t *testing.T) {
	s, largest, size := sheettest.Scenes()["many"], 0, 0
	day := s.Entries
	for range 50 {
		for _, e := range day {
			e.Number = 0
			s.Entries = append(s.Entries, e)
		}
	}
	w := writerFunc(func(p []byte) (int, error) {
		largest, size = max(largest, len(p)), size+len(p)
		return len(p), nil
	})
	if err := camt.Write(w, sheettest.Complete(s), options("many")); err != nil {
		t.Fatal(err)
	}
	if size < 1_000_000 || largest > 1<<16 {
		t.Errorf("%d bytes were written, %d of them at once", size, largest)
	}
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
