// Package style finds what pycodestyle 2.10 finds, with its rule ids, messages and
// positions, and an exact span for each.
//
// Most rules look at one of two views of a program. The physical view is its lines as
// they are. The logical view is a statement's tokens on one line, comments left out and
// the contents of strings replaced by x, so that a rule about spaces around "=" needs to
// know nothing of strings, comments and line breaks. [checker] goes through the tokens
// once and calls the rules of both views; rules.go lists the rules, the other files hold
// the functions that check them.
//
// What differs from the tool: an empty place, such as the one where a space is missing,
// is reported with the character that follows it; a column before the first one of a
// line, which the tool can report for a line that begins with a comma, is the first one;
// where a program ends in a string of several lines and without a line end, the last
// line is measured and not the whole string; spans count bytes of UTF-8. In programs
// that are not Python, a closing bracket without an opening one ends with its line, and
// what follows a quote that is not closed on its line is not taken for code. A line of
// indentation and a backslash alone is not looked at.
//
// Rules and behaviour: https://pycodestyle.pycqa.org/en/2.10.0/.
package style

import (
	"strings"

	"hone/source"
	"hone/source/python"
)

// Tool is the name of the tool whose rules these are, as in [source.Finding], and Version
// its release.
const (
	Tool    = "pycodestyle"
	Version = "2.10.0"
)

// Options say what is checked. The zero value is what the tool does without options.
type Options struct {
	// MaxLine is the longest line that is not E501, in characters; 0 means 79.
	MaxLine int
	// MaxDoc is the longest line of a comment or docstring that is not W505, in
	// characters; 0 leaves W505 out, as the tool does.
	MaxDoc int
	// HangClosing wants a closing bracket on a line of its own indented (E133).
	HangClosing bool
	// Strict also reports what a comment ("# noqa") silences: E12, E402, E501, E711, E712,
	// E721, E722 and W605.
	Strict bool
	// Keep says which rules are reported; nil means all but [DefaultIgnore].
	Keep func(rule string) bool
}

// DefaultIgnore are prefixes of the rules that are reported only on demand. The tool
// leaves them out because not everyone agrees with them.
var DefaultIgnore = []string{"E121", "E123", "E126", "E226", "E24", "E704", "W503", "W504"}

func keepDefault(rule string) bool {
	for _, prefix := range DefaultIgnore {
		if strings.HasPrefix(rule, prefix) {
			return false
		}
	}
	return true
}

// Check finds what is wrong with the style of a program: text must be what
// [python.Decode] gives, tokens what [python.Tokenize] gives of it, and lines its lines.
// The findings are in the order in which the rules come to them.
func Check(text []byte, tokens []python.Token, lines *source.Lines, opts Options) []source.Finding {
	if opts.MaxLine == 0 {
		opts.MaxLine = 79
	}
	if opts.Keep == nil {
		opts.Keep = keepDefault
	}
	c := &checker{text: text, lines: lines, opts: opts, total: lines.Count()}
	if n := len(text); n == 0 || text[n-1] == '\n' || text[n-1] == '\r' {
		c.total-- // the empty line after the last line end is none
	}
	kept := scratch.Get().(*[]token)
	converted := c.convert(python.JoinFStrings(tokens), *kept)
	c.run(converted)
	clear(converted) // programs are let go of
	*kept = converted
	scratch.Put(kept)
	return c.findings
}
