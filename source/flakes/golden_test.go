package flakes

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hone/source"
	"hone/source/internal/peer"
	"hone/source/python"
)

// TestCases compares with what pyflakes and flake8-bugbear said about our cases
// (testdata/gen), and sees to it that each rule has one.
func TestCases(t *testing.T) {
	met := map[string]bool{}
	for tool, path := range map[string]string{Pyflakes: "testdata/pyflakes.jsonl", Bugbear: "testdata/bugbear.jsonl"} {
		for _, a := range peer.Answers[flake](t, path) {
			t.Run(filepath.Base(path)+"/"+filepath.Base(a.Path), func(t *testing.T) {
				m := parse(t, a.Path)
				var got []string
				lines := source.NewLines(m.Text)
				o := Options{Package: filepath.Base(a.Path) == "__init__.py"}
				for _, f := range o.Inspect(m) {
					if f.Tool == tool {
						p := lines.Position(f.Reported)
						got = append(got, located(p.Line, flake{p.Line, p.Column, f.Rule, f.Message}))
					}
				}
				var want []string
				for _, f := range a.Findings {
					met[f.code] = true
					want = append(want, located(f.line, f))
				}
				slices.Sort(got)
				slices.Sort(want)
				got = slices.Compact(got) // of two findings at one column, one on each operator
				if d := cmp.Diff(want, got); d != "" {
					t.Errorf("%s (-%s +ours):\n%s", a.Path, tool, d)
				}
			})
		}
	}
	for _, r := range Rules() {
		if !met[r.Code] {
			t.Errorf("no case breaks %s %s", r.Code, r.Name)
		}
	}
}

func located(line int, f flake) string {
	return fmt.Sprintf("line %d: %v", line, f)
}

func parse(t testing.TB, path string) *python.Module {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	m, err := python.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return m
}
