package security

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

// TestCases compares with what Bandit 1.6.2 said about our cases (testdata/gen),
// and sees to it that each rule has one.
func TestCases(t *testing.T) {
	met := map[string]bool{}
	for _, a := range peer.Answers[issue](t, "testdata/bandit.jsonl") {
		t.Run(filepath.Base(a.Path), func(t *testing.T) {
			m := parse(t, a.Path)
			lines := source.NewLines(m.Text)
			var got, want []string
			for _, i := range (Options{}).Inspect(m) {
				line := lines.Line(i.Reported)
				got = append(got, located(issue{line, i.Rule, i.Severity.String(), i.Confidence.String(), i.Message}))
			}
			for _, i := range a.Findings {
				met[i.id] = true
				want = append(want, located(i))
			}
			slices.Sort(got)
			slices.Sort(want)
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s (-bandit +ours):\n%s", a.Path, d)
			}
		})
	}
	for _, r := range Rules() {
		if !met[r.ID] {
			t.Errorf("no case breaks %s %s", r.ID, r.Name)
		}
	}
}

func located(i issue) string { return fmt.Sprintf("line %d: %v", i.line, i) }

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

// TestCurrent compares the rules in which editions differ with what Bandit 1.9.4
// said about our cases.
func TestCurrent(t *testing.T) {
	differ := map[string]bool{"B303": true, "B309": true, "B322": true, "B324": true, "B325": true}
	for _, a := range peer.Answers[issue](t, "testdata/bandit_current.jsonl") {
		m := parse(t, a.Path)
		lines := source.NewLines(m.Text)
		var got, want []string
		for _, i := range (Options{Edition: Current}).Inspect(m) {
			if line := lines.Line(i.Reported); differ[i.Rule] {
				got = append(got, located(issue{line, i.Rule, i.Severity.String(), i.Confidence.String(), i.Message}))
			}
		}
		for _, i := range a.Findings {
			if differ[i.id] {
				want = append(want, located(i))
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-bandit +ours):\n%s", a.Path, d)
		}
	}
}
