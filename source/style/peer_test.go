package style_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"

	"hone/source/internal/peer"
	"hone/source/style"
)

func (p *place) UnmarshalJSON(text []byte) error {
	return json.Unmarshal(text, &[]any{&p.line, &p.column, &p.rule, &p.message})
}

func (p place) String() string { return fmt.Sprintf("%s column %d: %s", p.rule, p.column, p.message) }

// byLine are findings by line, each once.
func byLine(places []place) map[int][]string {
	out := map[int][]string{}
	slices.SortFunc(places, place.compare)
	for _, p := range slices.Compact(places) {
		out[p.line] = append(out[p.line], p.String())
	}
	return out
}

// TestRealPrograms compares with pycodestyle, all rules on, over programs of this machine:
// 50, or 3,000 with HONE_LONG=1. Columns and whole messages have to be the same.
func TestRealPrograms(t *testing.T) {
	n := 50
	if peer.Long() {
		n = 3000
	}
	answers := peer.Ask[place](t, "pycodestyle", peer.Programs(t, n), "testdata/gen/findings.py", style.Version)
	var agreement peer.Agreement
	for _, a := range answers {
		src, err := os.ReadFile(a.Path)
		if err != nil {
			t.Fatal(err)
		}
		if a.Error != "" {
			t.Logf("%s: pycodestyle fails: %s", a.Path, a.Error)
			continue
		}
		findings, lines := check(src, style.Options{Keep: keepAll})
		agreement.Add(a.Path, lines.Count()-1, byLine(places(findings, lines)), byLine(a.Findings))
	}
	t.Log(&agreement)
	if all, either := agreement.Share(); all < 0.9999 || either < 0.999 {
		t.Errorf("agreement is %.5f of all lines and %.5f of those with findings", all, either)
	}
}
