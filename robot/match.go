package robot

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/dlclark/regexp2"
)

// pattern is a regular expression as Python's re.search(pattern, text, re.IGNORECASE)
// takes it. What is no more than a text to be found is found without an engine.
type pattern struct {
	source  string
	any     bool   // ".*" or "": found in everything
	literal string // in lower case; only where re is nil
	re      *regexp2.Regexp
}

// matchTimeout bounds one search: an author's pattern may take exponential time.
const matchTimeout = 250 * time.Millisecond

func compilePattern(source string) (*pattern, error) {
	p := &pattern{source: source}
	if source == "" || source == ".*" {
		p.any = true
		return p, nil
	}
	if text, ok := literalText(source); ok {
		p.literal = foldASCII(text)
		return p, nil
	}
	re, err := regexp2.Compile(fromPython(source), regexp2.IgnoreCase)
	if err != nil {
		return nil, fmt.Errorf("%q is no regular expression: %w", clip(source), err)
	}
	re.MatchTimeout = matchTimeout
	p.re = re
	return p, nil
}

// find reports whether the pattern occurs in text.
func (p *pattern) find(text string) (bool, error) {
	switch {
	case p.any:
		return true, nil
	case p.re == nil:
		return strings.Contains(foldASCII(text), p.literal), nil
	}
	ok, err := p.re.MatchString(text)
	if err != nil {
		return false, fmt.Errorf("the pattern %q took too long on %q", clip(p.source), clip(text))
	}
	return ok, nil
}

const meta = `\.+*?()|[]{}^$`

// literalText is what source finds, if that is one text of ASCII only.
func literalText(source string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(source); i++ {
		c := source[i]
		switch {
		case c >= 0x80:
			return "", false
		case c == '\\':
			if i++; i == len(source) || source[i] >= 0x80 || isWord(source[i]) {
				return "", false
			}
			c = source[i]
		case strings.IndexByte(meta, c) >= 0:
			return "", false
		}
		b.WriteByte(c)
	}
	return b.String(), true
}

func isWord(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// foldASCII maps what equals an ASCII letter without regard to case to that letter in
// lower case. Besides the capitals these are four characters (Python's re, IGNORECASE).
func foldASCII(s string) string {
	fold := func(r rune) rune {
		switch {
		case 'A' <= r && r <= 'Z':
			return r + 'a' - 'A'
		case r == 'İ' || r == 'ı':
			return 'i'
		case r == 'ſ':
			return 's'
		case r == '\u212a': // the Kelvin sign
			return 'k'
		}
		return r
	}
	return strings.Map(fold, s)
}

// quotePattern is a pattern that finds text itself.
func quotePattern(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r < 0x80 && strings.IndexByte(meta, byte(r)) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// fromPython writes what Python spells in its own way as the engine, which is .NET's, does.
func fromPython(source string) string {
	if !strings.Contains(source, `\Z`) && !strings.Contains(source, "(?P") {
		return source
	}
	var b strings.Builder
	for i := 0; i < len(source); i++ {
		switch {
		case strings.HasPrefix(source[i:], `\Z`):
			b.WriteString(`\z`)
			i++
		case source[i] == '\\' && i+1 < len(source):
			b.WriteString(source[i : i+2])
			i++
		case strings.HasPrefix(source[i:], "(?P<"):
			b.WriteString("(?<")
			i += 3
		case strings.HasPrefix(source[i:], "(?P="):
			end := strings.IndexByte(source[i:], ')')
			if end < 0 {
				b.WriteString(source[i:])
				return b.String()
			}
			b.WriteString(`\k<` + source[i+4:i+end] + ">")
			i += end
		default:
			b.WriteByte(source[i])
		}
	}
	return b.String()
}

// patterns keeps the compiled patterns of a definition's worlds and bodies.
type patterns struct {
	mu   sync.Mutex
	done map[string]*pattern
}

// maxPatterns bounds what is kept: a body can make patterns of a program's texts.
const maxPatterns = 4096

func (ps *patterns) get(source string) (*pattern, error) {
	ps.mu.Lock()
	p := ps.done[source]
	ps.mu.Unlock()
	if p != nil {
		return p, nil
	}
	p, err := compilePattern(source)
	if err != nil {
		return nil, err
	}
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if ps.done == nil || len(ps.done) >= maxPatterns {
		ps.done = map[string]*pattern{}
	}
	ps.done[source] = p
	return p, nil
}
