package contract

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// tableText draws a table as the package's doc has it.
func tableText(statuses []string, kinds []kind, names []string, cell func(status uint8, k kind) step, status func(uint8) string) string {
	var out strings.Builder
	line := func(cells ...string) {
		var text strings.Builder
		for i, c := range cells {
			fmt.Fprintf(&text, "%-*s", []int{14, 20}[min(i, 1)], c)
		}
		out.WriteString("//\t" + strings.TrimRight(text.String(), " ") + "\n")
	}
	line(append([]string{""}, names...)...)
	for i := range statuses[1:] {
		row := []string{statuses[i+1]}
		for _, k := range kinds {
			s := cell(uint8(i+1), k)
			switch {
			case s.reason != "":
				row = append(row, "! "+string(s.reason))
			default:
				row = append(row, status(s.to))
			}
		}
		line(row...)
	}
	return out.String()
}

// The tables of the doc are those of the code.
func TestTablesOfTheDoc(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	mandate := func(names []string, kinds ...kind) string {
		return tableText(mandateStatusNames[:], kinds, names, func(s uint8, k kind) step { return mandateTable[s][k] }, mandateRules{}.name)
	}
	for _, want := range []string{
		tableText(statusNames[:], contractKinds[:], []string{"activate", "suspend", "resume", "amend", "cancel"},
			contractRules{}.step, contractRules{}.name),
		mandate([]string{"sign", "submit", "confirm", "activate", "fail"}, sign, submit, confirm, activate, fail),
		mandate([]string{"suspend", "resume", "amend", "collect", "revoke"}, suspend, resume, amend, collect, revoke),
	} {
		if !strings.Contains(string(doc), want) {
			t.Errorf("doc.go does not show\n%s", want)
		}
	}
}

// Every cell of a table says something: a status, or a reason, and not both.
func TestTablesAreFull(t *testing.T) {
	check := func(name string, status, draft uint8, k kind, s step, final func(uint8) bool) {
		if (s.to == 0) == (s.reason == "") || !s.reason.Valid() {
			t.Errorf("%s: %d %d: %+v", name, status, k, s)
		}
		if final(status) && s.reason == "" || s.to == draft && status != draft {
			t.Errorf("%s: %d %d: leads from %d to %d", name, status, k, status, s.to)
		}
	}
	for s := Draft; s <= Expired; s++ {
		for _, k := range contractKinds {
			check("contract", uint8(s), uint8(Draft), k, contractTable[s][k], contractRules{}.final)
		}
	}
	for s := MandateDraft; s <= MandateFailed; s++ {
		for _, k := range mandateKinds {
			check("mandate", uint8(s), uint8(MandateDraft), k, mandateTable[s][k], mandateRules{}.final)
		}
	}
	if initial != uint8(MandateDraft) {
		t.Error("timelines of contracts and mandates begin alike")
	}
}
