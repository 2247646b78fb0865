package camt_test

import (
	"bytes"
	stdcmp "cmp"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/payrules/payrules/ledger"
	"github.com/payrules/payrules/ledger/camt"
	"github.com/payrules/payrules/ledger/internal/sheettest"
	"github.com/payrules/payrules/money"
)

// kid returns an element in n, an empty one if there is none.
func (n *node) kid(name string) *node {
	for _, k := range n.kids {
		if k.name == name {
			return k
		}
	}
	return &node{}
}

// at returns the text of an element some levels down; "" if there is none.
func (n *node) at(path string) string {
	for name := range strings.SplitSeq(path, "/") {
		n = n.kid(name)
	}
	return n.text
}

func valid(message []byte, v camt.Version) error {
	n, err := parse(bytes.NewReader(message))
	if err != nil {
		return err
	}
	return check(n, v)
}

// signed reads an amount with its indicator: positive on the credit side.
func signed(t rapid.TB, n *node, c money.Currency) money.Amount {
	t.Helper()
	a, err := money.ParseAmount(n.kid("Amt").text, c)
	if err != nil {
		t.Fatal(err)
	}
	if n.kid("CdtDbtInd").text == "DBIT" {
		a, _ = a.Neg()
	}
	return a
}

// Every statement that adds up can be written, the message is valid, and what is read back from it is the statement.
func TestReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, o := random(t)
		readsBack(t, s, o)
	})
}

func readsBack(t rapid.TB, s *ledger.Statement, o *camt.Options) {
	t.Helper()
	var b bytes.Buffer
	if err := camt.Write(&b, s, o); err != nil {
		t.Fatal(err)
	}
	v := o.Version
	if v == 0 {
		v = camt.V08
	}
	n, err := parse(&b)
	if err == nil {
		err = check(n, v)
	}
	if err != nil {
		t.Fatal(err)
	}
	stmt := n.kid("BkToCstmrStmt").kid("Stmt")
	sign := int64(1)
	if s.Type.Normal() == ledger.Debit {
		sign = -1
	}
	var balances, wanted []money.Amount
	for _, k := range stmt.kids {
		if k.name != "Bal" {
			continue
		}
		balances = append(balances, signed(t, k, s.Currency))
		code, day := k.at("Tp/CdOrPrtry/Cd"), s.To
		if len(balances) == 1 {
			day = s.From
		}
		if want := [...]string{"OPBD", "CLBD", "CLAV"}[len(balances)-1]; code != want || k.at("Dt/Dt") != day.String() {
			t.Fatalf("balance %s of %s, want %s of %s", code, k.at("Dt/Dt"), want, day)
		}
	}
	wanted = append(wanted, money.New(sign*s.Opening.Minor(), s.Currency), money.New(sign*s.Closing.Minor(), s.Currency))
	if o.Available.Valid() {
		wanted = append(wanted, o.Available)
	}
	got := map[string]string{
		"message": n.at("BkToCstmrStmt/GrpHdr/MsgId"), "owner": stmt.at("Acct/Ownr/Nm"), "name": stmt.at("Acct/Nm"),
		"account": stmt.at("Acct/Id/IBAN") + stmt.at("Acct/Id/Othr/Id"), "servicer": stmt.at("Acct/Svcr/FinInstnId/BIC") + stmt.at("Acct/Svcr/FinInstnId/BICFI"),
		"count": stmt.at("TxsSummry/TtlNtries/NbOfNtries"), "credits": stmt.at("TxsSummry/TtlCdtNtries/Sum"), "debits": stmt.at("TxsSummry/TtlDbtNtries/Sum"),
	}
	account := o.Account.IBAN
	if account == "" {
		account = s.Account
	}
	want := map[string]string{
		"message": o.MessageID, "owner": o.Owner, "name": stdcmp.Or(o.Name, s.Name), "account": account, "servicer": o.Servicer,
		"count": strconv.Itoa(len(s.Entries)), "credits": s.Credits.Amount.Number(), "debits": s.Debits.Amount.Number(),
	}
	if diff := cmp.Diff(want, got) + cmp.Diff(wanted, balances); diff != "" {
		t.Fatalf("header (-want +got):\n%s", diff)
	}
	if at, err := time.Parse(time.RFC3339Nano, n.at("BkToCstmrStmt/GrpHdr/CreDtTm")); err != nil || !at.Equal(o.Created) {
		t.Fatalf("created: got %v, %v; want %v", at, err, o.Created)
	}
	var entries []*node
	for _, k := range stmt.kids {
		if k.name == "Ntry" {
			entries = append(entries, k)
		}
	}
	if len(entries) != len(s.Entries) {
		t.Fatalf("got %d entries, want %d", len(entries), len(s.Entries))
	}
	for i, k := range entries {
		entryReadsBack(t, s, &s.Entries[i], o, k)
	}
}

func entryReadsBack(t rapid.TB, s *ledger.Statement, e *ledger.Entry, o *camt.Options, k *node) {
	t.Helper()
	tx := camt.Transaction{ServicerRef: e.Transfer, EndToEndID: e.Reference, Remittance: e.Text}
	tx.Code.Proprietary, tx.Counter.Account.Other, tx.Reversal = e.Code, e.Counter, e.Reverses != ""
	if o.Describe != nil {
		o.Describe(e, &tx)
	}
	if tx.Code == (camt.Code{}) {
		tx.Code = camt.Code{Domain: "XTND", Family: "NTAV", SubFamily: "NTAV"}
	}
	amount := e.Amount
	role, other := "Dbtr", "Cdtr"
	if e.Side == ledger.Debit {
		amount, _ = amount.Neg()
		role, other = other, role
	}
	reversal := ""
	if tx.Reversal {
		reversal, role = "true", other
	}
	details := k.kid("NtryDtls").kid("TxDtls")
	parties := details.kid("RltdPties")
	got := []string{
		k.at("NtryRef"), signed(t, k, s.Currency).String(), k.at("RvslInd"), k.at("Sts") + k.at("Sts/Cd"), k.at("BookgDt/Dt"), k.at("ValDt/Dt"), k.at("AcctSvcrRef"),
		k.at("BkTxCd/Domn/Cd"), k.at("BkTxCd/Domn/Fmly/Cd"), k.at("BkTxCd/Domn/Fmly/SubFmlyCd"), k.at("BkTxCd/Prtry/Cd"), k.at("BkTxCd/Prtry/Issr"),
		details.at("Refs/EndToEndId"), details.at("RmtInf/Ustrd"), parties.at(role+"/Nm") + parties.at(role+"/Pty/Nm"), parties.at(role + "Acct/Id/Othr/Id"), k.at("AddtlNtryInf"),
	}
	want := []string{
		strconv.FormatUint(uint64(e.Number), 10), amount.String(), reversal, "BOOK", s.Booked(e).String(), e.Value.String(), tx.ServicerRef,
		tx.Code.Domain, tx.Code.Family, tx.Code.SubFamily, tx.Code.Proprietary, tx.Code.Issuer,
		tx.EndToEndID, tx.Remittance, tx.Counter.Name, tx.Counter.Account.Other, tx.Info,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("entry %d (-want +got):\n%s", e.Number, diff)
	}
}

// Whatever the texts are, they are either refused with the field's name, or read back as they were.
func FuzzTexts(f *testing.F) {
	f.Add("account", "name", "transfer", "reference", "text", "code", "counter", "message", "owner")
	f.Add("a\x00", "é", "0198e2f4-7c11-7d3a-9b5e-5d0f4c1b2a39", "]]>", "\ufffe", "<&>", "\xff", "\r\n\t", "\u202e")
	f.Fuzz(func(t *testing.T, account, name, transfer, reference, text, code, counter, message, owner string) {
		s, o := sheettest.Scenes()["overdrawn"], &camt.Options{MessageID: message, Created: created, Owner: owner}
		s.Account, s.Name = account, name
		e := &s.Entries[1]
		e.Transfer, e.Counter, e.Details = transfer, counter, ledger.Details{Reference: reference, Text: text, Code: code}
		err := camt.Write(io.Discard, s, o)
		switch {
		case err == nil:
			if utf8.RuneCountInString(transfer) == 36 { // a UUID: the one default that is another form of what the ledger has
				e.Transfer = strings.ReplaceAll(transfer, "-", "")
			}
			readsBack(t, s, o)
		case !errors.Is(err, ledger.ErrInvalid) || !strings.Contains(err.Error(), "Stmt/") && !strings.Contains(err.Error(), "GrpHdr/MsgId"):
			t.Errorf("the error does not name the field: %v", err)
		}
	})
}
