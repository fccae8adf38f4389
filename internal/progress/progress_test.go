package progress

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestLine(t *testing.T) {
	for _, c := range []struct {
		done, total, base int
		elapsed           time.Duration
		note              string
		columns           int
		want              string
	}{
		{0, 0, 0, 0, "", 80, "judged 0  0/s"},
		{50, 200, 0, 5 * time.Second, "20 passed", 80, "judged 50/200 25%  10/s  15s left  20 passed"},
		{150, 200, 100, 5 * time.Second, "", 80, "judged 150/200 75%  10/s  5s left"}, // resumed: the rate is of this run
		{200, 200, 0, 5 * time.Second, "", 80, "judged 200/200 100%  40/s  0s left"},
		{50, 200, 0, 5 * time.Second, "20 passed", 20, "judged 50/200 25%"},
		{50, 200, 0, 5 * time.Second, "élan", 38, "judged 50/200 25%  10/s  15s left"},
		{50, 200, 0, 5 * time.Second, "élan", 39, "judged 50/200 25%  10/s  15s left  élan"},
		{50, 200, 0, 5 * time.Second, "x", 9, "judged 50"},
		{50, 200, 0, 5 * time.Second, "x", 0, ""},
		{50, 200, 0, 5 * time.Second, "x", -1, ""},
	} {
		got := Line("judged", c.done, c.total, c.base, c.elapsed, c.note, c.columns)
		if got != c.want || utf8.RuneCountInString(got) > max(c.columns, 0) {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

// TestNarrow: on a terminal the line never wraps, and messages stand above it.
func TestNarrow(t *testing.T) {
	var out bytes.Buffer
	b := &Bar{w: &out, terminal: true, width: func() int { return 60 }, label: "judged", total: 3000, start: time.Now()}
	b.Add(1000, strings.Repeat("long note ", 2))
	b.Println("a message")
	b.Finish()
	const clear = "\r\x1b[K"
	drawn, rest, ok := strings.Cut(strings.TrimPrefix(out.String(), clear), clear)
	if !ok || rest != "a message\n" {
		t.Fatalf("%q", out.String())
	}
	if n := utf8.RuneCountInString(drawn); n > 59 || !strings.HasPrefix(drawn, "judged 1000/3000 33%") {
		t.Errorf("%d columns: %q", n, drawn)
	}
}

// TestNil: a nil bar does nothing.
func TestNil(*testing.T) {
	var b *Bar
	b.Add(1, "")
	b.Finish()
}
