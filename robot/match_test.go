package robot

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestFindGolden compares with Python's re.search(…, re.IGNORECASE).
func TestFindGolden(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("NOT RUN: needs python3")
	}
	patterns := []string{
		"", ".*", "kitchen", "Bob's office", `a\.b`, `a.b`, `\bno\b`, `^(?=.*gumm)(?=.*1|.*one).*$`, `^(?!.*\bno\b|\bnot\b)(?=.*bob).*$`,
		`\b(?:[5-6][0-9]|7[01])\b`, `x|y`, `(?P<a>o)(?P=a)`, `end\Z`, `end$`, `\d+`, `\w+é`, "s", "k", "i", "É", `[a-c]`, `\s`, `a{2}`,
	}
	texts := []string{
		"", "the KITCHEN", "bob's office", "a.b", "axb", "no", "know", "Two gummies, ONE bear", "not bob", "bob", "it is 70", "it is 72",
		"foo", "the end", "the end\n", "the end\n\n", "٣", "cafÉ", "ſ", "\u212a", "İ", "ı", "é", "AAa", "a\nb", "12 one gummy\n", "x y",
	}
	in, err := json.Marshal([2][]string{patterns, texts})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, "-I", "-c", "import json,re,sys\nps,ts=json.load(sys.stdin)\nprint(json.dumps([[bool(re.search(p,t,re.I)) for t in ts] for p in ps]))")
	cmd.Stdin = strings.NewReader(string(in))
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var want [][]bool
	if err := json.Unmarshal(out, &want); err != nil {
		t.Fatal(err)
	}
	for i, source := range patterns {
		p, err := compilePattern(source)
		if err != nil {
			t.Fatal(err)
		}
		for k, text := range texts {
			if got, err := p.find(text); err != nil || got != want[i][k] {
				t.Errorf("%q in %q: %v, %v, Python says %v", source, text, got, err, want[i][k])
			}
		}
	}
}

// TestQuotePattern: a quoted text finds itself, and only texts that hold it.
func TestQuotePattern(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.RuneFrom([]rune("ab.*+?()[]{}|^$\\é "))).Draw(t, "text")
		other := rapid.StringOf(rapid.RuneFrom([]rune("ab.*+?()[]{}|^$\\é "))).Draw(t, "other")
		p, err := compilePattern(quotePattern(text))
		if err != nil {
			t.Fatal(err)
		}
		for _, in := range []string{text, other, other + text + other} {
			if got, err := p.find(in); err != nil || got != strings.Contains(in, text) {
				t.Fatalf("%q in %q: %v, %v", text, in, got, err)
			}
		}
	})
}

// TestFindSlow: a pattern that takes exponential time is an error, not a hang.
func TestFindSlow(t *testing.T) {
	p, err := compilePattern(`^(a+)+$`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.find(strings.Repeat("a", 40) + "!"); err == nil {
		t.Error("no error")
	}
}
