package security

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"hone/source"
	"hone/source/internal/peer"
	"hone/source/python"
)

// issue is a finding of Bandit: [line, id, severity, confidence, message].
type issue struct {
	line                              int
	id, severity, confidence, message string
}

func (i *issue) UnmarshalJSON(text []byte) error {
	return json.Unmarshal(text, &[]any{&i.line, &i.id, &i.severity, &i.confidence, &i.message})
}

func (i issue) String() string {
	return fmt.Sprintf("%s %s/%s: %s", i.id, i.severity, i.confidence, i.message)
}

// asleep are the rules that Bandit 1.6.2 has but does not follow under Python 3.8
// and newer.
var asleep = map[string]bool{"B104": true, "B105": true, "B108": true, "B608": true}

// TestRealPrograms compares with Bandit on programs of this machine: 50, or 2,500
// with HONE_LONG=1; then also with Bandit as it is, without the rules that are asleep.
func TestRealPrograms(t *testing.T) {
	if !peer.Long() {
		compare(t, 50, false)
		return
	}
	t.Run("awake", func(t *testing.T) { compare(t, 2500, false) })
	t.Run("as it is", func(t *testing.T) { compare(t, 2500, true) })
}

func compare(t *testing.T, n int, asIs bool) {
	var args []string
	if asIs {
		args = []string{"as-is"}
	}
	answers := peer.Ask[issue](t, "bandit", peer.Programs(t, n), "testdata/gen/bandit_oracle.py", args...)
	var agreement peer.Agreement
	for _, a := range answers {
		text, err := os.ReadFile(a.Path)
		if err != nil {
			t.Fatal(err)
		}
		m, err := python.Parse(text)
		if (err != nil) != (a.Error != "") {
			t.Logf("%s: we say %v, bandit %q", a.Path, err, a.Error)
		}
		if err != nil || a.Error != "" {
			continue
		}
		theirs := map[int][]string{}
		for _, f := range a.Findings {
			theirs[f.line] = append(theirs[f.line], f.String())
		}
		agreement.Add(a.Path, bytes.Count(text, []byte("\n")), byLine(m, asIs), theirs)
	}
	t.Log(&agreement)
	if all, either := agreement.Share(); all < 0.999 || either < 0.99 {
		t.Errorf("agreement is %.4f of all lines and %.4f of those with findings", all, either)
	}
}

// byLine are our findings by line, without those of rules that are asleep if asIs.
func byLine(m *python.Module, asIs bool) map[int][]string {
	lines := source.NewLines(m.Text)
	found := map[int][]string{}
	for _, i := range (Options{}).Inspect(m) {
		if asIs && asleep[i.Rule] {
			continue
		}
		line := lines.Line(i.Reported)
		found[line] = append(found[line], issue{line, i.Rule, i.Severity.String(), i.Confidence.String(), i.Message}.String())
	}
	return found
}
