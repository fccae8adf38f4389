package plainyaml

import (
	"strings"
	"testing"

	"github.com/goccy/go-yaml/lexer"
)

func TestRefused(t *testing.T) {
	for _, c := range []struct{ text, why string }{
		{"a: 1\nb: [x, {c: d}]\n", ""},
		{"a: &x 1\nb: *x\n", "anchors and aliases"},
		{"a: !!str 1\n", "tags"},
		{"<<: 1\n", "merge keys"},
		{"a: " + strings.Repeat("[", 60) + strings.Repeat("]", 60), "nested too deep"},
		{"a: " + strings.Repeat("[", 40) + strings.Repeat("]", 40), ""},
	} {
		at, why := Refused(lexer.Tokenize(c.text), 50)
		if !strings.HasPrefix(why, c.why) || (at == nil) != (c.why == "") {
			t.Errorf("%.30q is refused for %q, want %q", c.text, why, c.why)
		}
	}
}
