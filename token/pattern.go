package token

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// known holds the scanners of the patterns that have one by hand.
var known = map[string]scanner{
	gpt2Pattern:   scanGPT2,
	qwen2Pattern:  scanQwen2,
	llama3Pattern: scanLlama3,
}

// blankTail is how patterns end that leave the last space to the word after it. It is
// the only look-ahead that is understood.
const blankTail = `\s+(?!\S)|\s+`

// newSplit makes the splitter of a component of type Split.
func newSplit(c *component) (splitter, error) {
	if c.Pattern == nil || (c.Pattern.Regex == nil) == (c.Pattern.String == nil) {
		return nil, errors.New("pattern: want one of Regex and String")
	}
	// What Removed leaves out of a text has no token, unless it is what lies between
	// matches of a pattern that matches everything.
	invert := c.Invert != nil && *c.Invert
	keepsAll := c.Behavior == "Isolated" || c.Behavior == "Removed" && invert
	if c.Pattern.Regex != nil {
		if scan, ok := known[*c.Pattern.Regex]; ok && keepsAll {
			return scan.split, nil
		}
	}
	join, ok := behaviors[c.Behavior]
	if !ok {
		return nil, fmt.Errorf("behavior: %q is not supported with this pattern (Isolated, Contiguous, MergedWithPrevious, MergedWithNext)", c.Behavior)
	}
	find, err := finder(c.Pattern)
	if err != nil {
		return nil, fmt.Errorf("pattern: %w", err)
	}
	return func(s string, each func(string)) {
		from := 0
		for _, p := range join(parts(s, find, invert)) {
			each(s[from:p.end])
			from = p.end
		}
	}, nil
}

// part is a match of a pattern, or what lies between two; it begins where the one
// before ends.
type part struct {
	end   int
	match bool
}

// parts cuts s at the matches that find gives.
func parts(s string, find func(string) (int, int), invert bool) []part {
	var out []part
	for at := 0; at < len(s); {
		from, to := find(s[at:])
		if to <= from {
			return append(out, part{len(s), invert})
		}
		if from > 0 {
			out = append(out, part{at + from, invert})
		}
		at += to
		out = append(out, part{at, !invert})
	}
	return out
}

// behaviors says which parts stay together.
var behaviors = map[string]func([]part) []part{
	"Isolated": func(p []part) []part { return p },
	"Contiguous": func(p []part) []part {
		return join(p, func(a, b part) bool { return a.match == b.match })
	},
	"MergedWithPrevious": func(p []part) []part {
		return join(p, func(a, b part) bool { return b.match && !a.match })
	},
	"MergedWithNext": func(p []part) []part {
		return join(p, func(a, b part) bool { return a.match && !b.match })
	},
}

// join puts neighbours together where together says so.
func join(parts []part, together func(a, b part) bool) []part {
	var out []part
	for i, p := range parts {
		if i > 0 && together(parts[i-1], p) {
			out[len(out)-1].end = p.end
		} else {
			out = append(out, p)
		}
	}
	return out
}

// finder returns what finds the first match of p in a text: from where to where, or an
// empty match if there is none.
func finder(p *pattern) (func(s string) (from, to int), error) {
	if p.String != nil {
		literal := *p.String
		if literal == "" {
			return nil, errors.New("the String to find is empty")
		}
		return func(s string) (int, int) {
			if i := strings.Index(s, literal); i >= 0 {
				return i, i + len(literal)
			}
			return 0, 0
		}, nil
	}
	body, tail := strings.CutSuffix(*p.Regex, blankTail)
	body = strings.TrimSuffix(body, "|")
	text, err := translate(body)
	if err != nil {
		return nil, fmt.Errorf("regex %q is not supported: %w", *p.Regex, err)
	}
	if tail {
		text += "|(" + blank + "+)"
		if body == "" {
			text = text[1:]
		}
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil, fmt.Errorf("regex %q is not supported: %w", *p.Regex, err)
	}
	group := 2 * re.NumSubexp()
	return func(s string) (int, int) {
		m := re.FindStringSubmatchIndex(s)
		for m != nil && m[0] == m[1] { // an empty match cuts nothing
			if m[1] == len(s) {
				return 0, 0
			}
			_, skip := utf8.DecodeRuneInString(s[m[1]:])
			at := m[1] + skip
			if m = re.FindStringSubmatchIndex(s[at:]); m != nil {
				m = slices.Clone(m)
				for i := range m {
					m[i] += at
				}
			}
		}
		if m == nil {
			return 0, 0
		}
		if tail && m[group] >= 0 {
			n, _ := blanks(s[m[0]:])
			return m[0], m[0] + n
		}
		return m[0], m[1]
	}, nil
}

// The classes of Oniguruma (which Hugging Face's patterns are written for) are those of
// Unicode, those of package regexp are ASCII.
const (
	blankSet = `\t-\r \x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}`
	blank    = `[` + blankSet + `]`
	notBlank = `[^` + blankSet + `]`
)

// translate rewrites a pattern of Oniguruma for package regexp, which matches the same
// way but in linear time. What means something else there is refused.
func translate(p string) (string, error) {
	var b strings.Builder
	inClass := false
	for i := 0; i < len(p); i++ {
		rest := p[i:]
		switch c := p[i]; {
		case c == '\\':
			if len(rest) == 1 {
				return "", errors.New(`it ends in \`)
			}
			i++
			e := rest[1]
			switch {
			case e == 's' && inClass:
				b.WriteString(blankSet)
			case e == 's':
				b.WriteString(blank)
			case e == 'S' && !inClass:
				b.WriteString(notBlank)
			case e == 'd':
				b.WriteString(`\p{Nd}`)
			case e == 'p' || e == 'P' || strings.IndexByte("rntfv", e) >= 0 || !isAlnum(e):
				b.WriteString(rest[:2])
			default:
				return "", fmt.Errorf(`\%c is not understood`, e)
			}
		case inClass && c == '[' || inClass && strings.HasPrefix(rest, "&&"):
			return "", errors.New("sets in sets are not understood")
		case inClass:
			inClass = c != ']'
			b.WriteByte(c)
		case c == '[':
			if strings.HasPrefix(rest, "[]") || strings.HasPrefix(rest, "[^]") {
				return "", errors.New("an empty set is not understood")
			}
			inClass = true
			b.WriteByte(c)
		case c == '^' || c == '$' || strings.HasPrefix(rest, "{,"):
			return "", fmt.Errorf("%q is not understood", rest)
		case strings.HasPrefix(rest, "(?") && !strings.HasPrefix(rest, "(?:") && !strings.HasPrefix(rest, "(?i:"):
			return "", fmt.Errorf("%q is not understood", rest)
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), nil
}

func isAlnum(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c >= 0x80
}
