package flakes

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"hone/source"
	"hone/source/internal/peer"
	"hone/source/python"
)

// flake is a finding of pyflakes: [line, column, code, message].
type flake struct {
	line, column  int
	code, message string
}

func (f *flake) UnmarshalJSON(text []byte) error {
	return json.Unmarshal(text, &[]any{&f.line, &f.column, &f.code, &f.message})
}

func (f flake) String() string { return fmt.Sprintf("%s column %d: %s", f.code, f.column, f.message) }

// TestRealPrograms compares with pyflakes on programs of this machine: 50, or
// 3,000 with HONE_LONG=1.
func TestRealPrograms(t *testing.T) {
	n := 50
	if peer.Long() {
		n = 3000
	}
	answers := peer.Ask[flake](t, "pyflakes", peer.Programs(t, n), "testdata/gen/pyflakes_oracle.py")
	var agreement peer.Agreement
	for _, a := range answers {
		text, err := os.ReadFile(a.Path)
		if err != nil {
			t.Fatal(err)
		}
		m, err := python.Parse(text)
		if (err != nil) != (a.Error != "") {
			t.Logf("%s: we say %v, pyflakes %q", a.Path, err, a.Error)
		}
		if err != nil || a.Error != "" {
			continue
		}
		theirs := map[int][]string{}
		for _, f := range a.Findings {
			theirs[f.line] = append(theirs[f.line], f.String())
		}
		o := Options{Package: filepath.Base(a.Path) == "__init__.py"}
		agreement.Add(a.Path, bytes.Count(text, []byte("\n")), byLine(m, o.Inspect(m)), theirs)
	}
	t.Log(&agreement)
	if all, either := agreement.Share(); all < 0.999 || either < 0.99 {
		t.Errorf("agreement is %.4f of all lines and %.4f of those with findings", all, either)
	}
}

// byLine are the findings of pyflakes's rules by line, as it words them.
func byLine(m *python.Module, flakes []Flake) map[int][]string {
	lines := source.NewLines(m.Text)
	found := map[int][]string{}
	for _, f := range flakes {
		if f.Tool == Pyflakes {
			p := lines.Position(f.Reported)
			found[p.Line] = append(found[p.Line], flake{p.Line, p.Column, f.Rule, f.Message}.String())
		}
	}
	return found
}
