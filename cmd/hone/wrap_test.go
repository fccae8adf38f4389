package main

import (
	"bytes"
	"fmt"
	"testing"
)

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		line    string
		columns int
		want    string
	}{
		{"", 20, ""},
		{"short enough", 12, "short enough"},
		{"3280 programs for 164 of 164 tasks", 20, "3280 programs for\n164 of 164 tasks"},
		{"✓ tier full  works, used by default", 24, "✓ tier full  works, used\n             by default"},
		{"a tier of its own  works, used by default", 26, "a tier of its own  works,\nused by default"}, // too far right
		{"✓ full  works, used by default", 20, "✓ full  works, used\n        by default"},
		{"        for: no network at all", 20, "        for: no\n        network at\n        all"},
		{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 20, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
		{"see aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa or not", 20, "see\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaa or not"},
	} {
		if got := wrap(c.line, c.columns); got != c.want {
			t.Errorf("%q in %d columns:\n%s\nwant\n%s", c.line, c.columns, got, c.want)
		}
	}
	var b bytes.Buffer
	w := &wrapper{w: &b, columns: 20}
	fmt.Fprint(w, "one line in ")
	fmt.Fprint(w, "two pieces\nand another\nrest")
	fmt.Fprint(w, "\n")
	if want := "one line in two\npieces\nand another\nrest\n"; b.String() != want {
		t.Errorf("%q, want %q", b.String(), want)
	}
}
