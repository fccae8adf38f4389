package generate

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestCut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text    string
		stops   []string
		want    string
		stopped bool
	}{
		{"abc", nil, "abc", false},
		{"abc", []string{"b"}, "a", true},
		{"abc", []string{"bc", "ab"}, "", true}, // ab is complete first
		{"abc", []string{"c", "bc"}, "a", true}, // both at once: the longer
		{"ab", []string{"abc"}, "ab", false},    // never completed
		{"    return 1\ndef f", []string{"\ndef ", "\nclass "}, "    return 1", true},
		{"x\xe4\xb8", nil, "x\uFFFD\uFFFD", false},
		{"中\xff文", []string{"文"}, "中\uFFFD", true},
		{"", []string{"a"}, "", false},
	} {
		if got, stopped := Cut(c.text, c.stops); got != c.want || stopped != c.stopped {
			t.Errorf("Cut(%q, %q) = %q, %v; want %q, %v", c.text, c.stops, got, stopped, c.want, c.stopped)
		}
	}
}

// TestCutterDivided: however a text is divided, the pieces are what Cut makes of it;
// each is valid UTF-8, and nothing is said that is taken back.
func TestCutterDivided(t *testing.T) {
	t.Parallel()
	letter := rapid.SampledFrom([]string{"a", "b", "\n", "é", "中", "🙂", "\xff", "\xe4\xb8"})
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(letter, 0, 30).Draw(t, "text"), "")
		stops := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string {
			return strings.Join(rapid.SliceOfN(letter, 1, 4).Draw(t, "stop"), "")
		}), 0, 3).Draw(t, "stops")
		want, wantStopped := Cut(text, stops)

		c := NewCutter(stops)
		var got strings.Builder
		stopped := false
		for rest := text; rest != "" && !stopped; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "bytes")
			var p string
			p, stopped = c.Add(rest[:n])
			if !utf8.ValidString(p) {
				t.Fatalf("piece %q is no UTF-8", p)
			}
			got.WriteString(p)
			rest = rest[n:]
		}
		got.WriteString(c.End())
		if got.String() != want || stopped != wantStopped {
			t.Fatalf("divided: %q, %v; whole: %q, %v", got.String(), stopped, want, wantStopped)
		}
		for _, s := range stops {
			if utf8.ValidString(s) && strings.Contains(want, s) {
				t.Fatalf("%q still holds the stop %q", want, s)
			}
		}
	})
}

func TestRequestCheck(t *testing.T) {
	t.Parallel()
	good := func() Request { return Request{Prompt: "p", N: 1, MaxTokens: 1} }
	r := good()
	if err := r.Check(); err != nil {
		t.Fatal(err)
	}
	nan := 0.0
	nan /= nan
	for field, spoil := range map[string]func(r *Request){
		"prompt":      func(r *Request) { r.Messages = []Message{{"user", "x"}} },
		"n":           func(r *Request) { r.N = 0 },
		"max_tokens":  func(r *Request) { r.MaxTokens = -1 },
		"temperature": func(r *Request) { r.Temperature = nan },
		"top_p":       func(r *Request) { r.TopP = 1.5 },
		"top_k":       func(r *Request) { r.TopK = -1 },
		"first":       func(r *Request) { r.First = -1 },
		"stop":        func(r *Request) { r.Stop = []string{""} },
		"messages":    func(r *Request) { r.Prompt, r.Messages = "", []Message{{"robot", "x"}} },
	} {
		r := good()
		spoil(&r)
		err, ok := r.Check().(*RequestError)
		if !ok || err.Field != field {
			t.Errorf("spoiled %s: %v", field, r.Check())
		}
	}
}
