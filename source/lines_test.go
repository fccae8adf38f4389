package source

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestLines(t *testing.T) {
	src := []byte("ab\r\né\xffz\rc\x0cd\n")
	l := NewLines(src)
	if l.Count() != 4 {
		t.Fatalf("%d lines, want 4", l.Count())
	}
	for i, want := range []string{"ab", "é\xffz", "c\x0cd", ""} {
		if got := string(l.Text(i + 1)); got != want {
			t.Errorf("line %d: %q, want %q", i+1, got, want)
		}
	}
	for offset, want := range map[int]Position{
		-3: {1, 0, 0}, 0: {1, 0, 0}, 2: {1, 2, 2}, 3: {1, 3, 3}, 4: {2, 0, 0}, 6: {2, 2, 1}, 7: {2, 3, 2},
		8: {2, 4, 3}, 9: {3, 0, 0}, 13: {4, 0, 0}, 99: {4, 0, 0},
	} {
		if got := l.Position(offset); got != want {
			t.Errorf("offset %d: %+v, want %+v", offset, got, want)
		}
	}
	if s := l.Span(9); s != (Span{13, 13}) {
		t.Errorf("a line after the last: %v", s)
	}
	if s := l.Span(0); s != (Span{}) {
		t.Errorf("a line before the first: %v", s)
	}
	if o := l.Offset(1, 50); o != 4 {
		t.Errorf("a column after the line's end: %d", o)
	}
}

// Lines of any text are those of Python's universal line ends, joined they are the text,
// and positions lead back to their offsets.
func TestLinesOfAnyText(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		src := strings.Join(rapid.SliceOf(rapid.SampledFrom([]string{"a", "\n", "\r", "\r\n", "é", "\xff", "\x0c", "\u2028", ""})).Draw(r, "pieces"), "")
		l := NewLines([]byte(src))
		universal := strings.ReplaceAll(strings.ReplaceAll(src, "\r\n", "\n"), "\r", "\n")
		want := strings.Split(universal, "\n")
		if l.Count() != len(want) {
			r.Fatalf("%d lines, want %d", l.Count(), len(want))
		}
		var joined strings.Builder
		for i := range want {
			if string(l.Text(i+1)) != want[i] {
				r.Fatalf("line %d: %q, want %q", i+1, l.Text(i+1), want[i])
			}
			span := l.Span(i + 1)
			joined.WriteString(src[span.Start:span.End])
			for offset := span.Start; offset < span.End; offset++ {
				p := l.Position(offset)
				if p.Line != i+1 || l.Offset(p.Line, p.Column) != offset || p.Rune != utf8.RuneCountInString(src[span.Start:offset]) {
					r.Fatalf("offset %d: %+v", offset, p)
				}
			}
		}
		if joined.String() != src {
			r.Fatalf("lines joined: %q, want %q", joined.String(), src)
		}
	})
}

func TestFindingAsJSON(t *testing.T) {
	in := Finding{Tool: "bandit", Rule: "B602", Message: "m", Span: Span{1, 5}, Severity: High, Confidence: Low}
	b, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"tool":"bandit","rule":"B602","message":"m","span":{"start":1,"end":5},"severity":"high","confidence":"low"}`
	if string(b) != want {
		t.Errorf("%s, want %s", b, want)
	}
	var out Finding
	if err := json.Unmarshal(b, &out); err != nil || out != in {
		t.Errorf("read back: %+v, %v", out, err)
	}
	if err := json.Unmarshal([]byte(`{"severity":"worst"}`), &out); err == nil {
		t.Error("worst is a severity")
	}
	if _, err := json.Marshal(Severity(9)); err == nil || Severity(9).String() != "Severity(9)" {
		t.Error("severity 9 has a name")
	}
	if s := (Span{2, 6}); s.Len() != 4 || !s.Contains(Span{2, 6}) || !s.Contains(Span{6, 6}) || s.Contains(Span{1, 3}) || s.Contains(Span{5, 7}) {
		t.Error("spans")
	}
}
