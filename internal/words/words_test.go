package words

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"abc", "abc", 0}, {"", "abc", 3}, {"kitten", "sitting", 3}, {"lrate", "rlate", 1}, {"ca", "abc", 3}} {
		if got := Distance(c.a, c.b); got != c.want {
			t.Errorf("%q to %q: %d, not %d", c.a, c.b, got, c.want)
		}
	}
}

// TestMetric: symmetric, zero for equal words alone, and one edit is one.
func TestMetric(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[abc]{0,12}`)
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		if d := Distance(a, b); d != Distance(b, a) || (d == 0) != (a == b) || d > max(len(a), len(b)) {
			t.Errorf("%q and %q: %d and %d", a, b, d, Distance(b, a))
		}
		at := rapid.IntRange(0, len(a)).Draw(t, "at")
		if got := Distance(a, a[:at]+"x"+a[at:]); got != 1 {
			t.Errorf("one letter more is %d edits", got)
		}
	})
}

func TestNearest(t *testing.T) {
	known := []string{"Prompt", "tests", "task_id"}
	for word, want := range map[string]string{"promt": "Prompt", "TSAK_ID": "task_id", "test": "tests", strings.Repeat("q", 500): "Prompt"} {
		if got := Nearest(word, known); got != want {
			t.Errorf("%q: %q, not %q", word, got, want)
		}
	}
	if got := Nearest("x", nil); got != "" {
		t.Errorf("of nothing: %q", got)
	}
}
