package robot

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// parsePython reads what Python's repr() writes of None, booleans, numbers, texts, and
// lists and tuples of these.
func parsePython(s string) (any, error) {
	p := &pyReader{s: s}
	v, err := p.value(0)
	if err == nil && p.space() != len(s) {
		err = p.fault("the end")
	}
	return v, err
}

type pyReader struct {
	s string
	i int
}

func (p *pyReader) space() int {
	for p.i < len(p.s) && p.s[p.i] == ' ' {
		p.i++
	}
	return p.i
}

func (p *pyReader) fault(want string) error {
	return fmt.Errorf("%s is wanted at byte %d of %q", want, p.i, clip(p.s))
}

func (p *pyReader) value(depth int) (any, error) {
	if depth > maxDepth || p.space() == len(p.s) {
		return nil, p.fault("a value")
	}
	switch c := p.s[p.i]; c {
	case '[':
		return p.list(']', depth)
	case '(':
		return p.list(')', depth)
	case '\'', '"':
		return p.text(c)
	}
	end := p.i
	for end < len(p.s) && strings.IndexByte(",]) ", p.s[end]) < 0 {
		end++
	}
	word := p.s[p.i:end]
	var v any
	switch word {
	case "None":
	case "True", "False":
		v = word == "True"
	default:
		if i, err := strconv.ParseInt(word, 10, 64); err == nil {
			v = i
		} else if x, err := strconv.ParseFloat(word, 64); err == nil {
			v = x
		} else {
			return nil, p.fault("a text, a number, None, a list")
		}
	}
	p.i = end
	return v, nil
}

func (p *pyReader) list(end byte, depth int) (any, error) {
	p.i++
	out := []any{}
	for {
		if p.space() < len(p.s) && p.s[p.i] == end {
			p.i++
			return out, nil
		}
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
		if p.space() == len(p.s) || p.s[p.i] != ',' && p.s[p.i] != end {
			return nil, p.fault(fmt.Sprintf("a comma or %c", end))
		}
		if p.s[p.i] == ',' {
			p.i++
		}
	}
}

// escapes are the escapes of one letter that repr uses.
var escapes = map[byte]byte{'n': '\n', 't': '\t', 'r': '\r', '\\': '\\', '\'': '\'', '"': '"'}

// digitsAfter is how many hexadecimal digits follow \x, \u and \U.
var digitsAfter = map[byte]int{'x': 2, 'u': 4, 'U': 8}

func (p *pyReader) text(quote byte) (any, error) {
	var b strings.Builder
	for p.i++; p.i < len(p.s); p.i++ {
		c := p.s[p.i]
		switch {
		case c == quote:
			p.i++
			return b.String(), nil
		case c != '\\':
			b.WriteByte(c)
			continue
		}
		if p.i++; p.i == len(p.s) {
			break
		}
		c = p.s[p.i]
		if plain, ok := escapes[c]; ok {
			b.WriteByte(plain)
			continue
		}
		n := digitsAfter[c]
		if n == 0 || p.i+n >= len(p.s) {
			return nil, p.fault("an escape that repr writes")
		}
		r, err := strconv.ParseUint(p.s[p.i+1:p.i+1+n], 16, 32)
		if err != nil || r > utf8.MaxRune {
			return nil, p.fault("a character")
		}
		b.WriteRune(rune(r)) // a lone surrogate becomes U+FFFD
		p.i += n
	}
	return nil, p.fault("the closing quote")
}
