package problem

import (
	"fmt"
	"math"
	"unicode/utf8"
)

// maxDigits bounds an integer in a row, so that reading stays linear.
const maxDigits = 20_000

// parsePyJSON reads one JSON text as Python's json module does: objects keep
// their order, integers are exact, NaN and Infinity are numbers, and a lone
// surrogate stays in the string (as WTF-8). Objects become a Dict with string keys.
func parsePyJSON(text []byte) (Value, error) {
	p := &pyParser{b: text}
	if !utf8.Valid(text) {
		return nil, fmt.Errorf("invalid UTF-8 at column %d (convert the file, as in: iconv -f LATIN1 -t UTF-8)", firstInvalid(text)+1)
	}
	v, err := p.value(0)
	if err != nil {
		return nil, err
	}
	if p.space(); p.i < len(p.b) {
		return nil, fmt.Errorf("%s after the end of the row, at column %d (one JSON object a line is wanted)", p.found(), p.i+1)
	}
	return v, nil
}

func firstInvalid(b []byte) int {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(b)
}

type pyParser struct {
	b []byte
	i int
}

func (p *pyParser) space() {
	for p.i < len(p.b) {
		switch p.b[p.i] {
		case ' ', '\t', '\n', '\r':
			p.i++
		default:
			return
		}
	}
}

// found names what stands at the cursor.
func (p *pyParser) found() string {
	switch {
	case p.i >= len(p.b):
		return "the end of the row"
	case p.b[p.i] < 0x20 || p.b[p.i] == 0x7f:
		return fmt.Sprintf("control character 0x%02x", p.b[p.i])
	}
	r, _ := utf8.DecodeRune(p.b[p.i:])
	return fmt.Sprintf("%q", r)
}

func (p *pyParser) want(what string) error {
	if p.i >= len(p.b) {
		return fmt.Errorf("no valid JSON: the row ends where %s is wanted (each row stands on one line; is the file pretty-printed or cut off?)", what)
	}
	return fmt.Errorf("no valid JSON: %s at column %d where %s is wanted", p.found(), p.i+1, what)
}

func (p *pyParser) literal(s string) bool {
	if len(p.b)-p.i >= len(s) && string(p.b[p.i:p.i+len(s)]) == s {
		p.i += len(s)
		return true
	}
	return false
}

func (p *pyParser) value(depth int) (Value, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("nested deeper than %d at column %d", maxDepth, p.i+1)
	}
	p.space()
	if p.i >= len(p.b) {
		return nil, p.want("a value")
	}
	switch c := p.b[p.i]; {
	case c == '{':
		return p.object(depth)
	case c == '[':
		return p.array(depth)
	case c == '"':
		return p.str()
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	}
	switch {
	case p.literal("null"):
		return nil, nil
	case p.literal("true"):
		return true, nil
	case p.literal("false"):
		return false, nil
	case p.literal("NaN"):
		return math.NaN(), nil
	case p.literal("Infinity"):
		return math.Inf(1), nil
	}
	return nil, p.want("a value")
}

func (p *pyParser) number() (Value, error) {
	start := p.i
	if p.literal("-Infinity") {
		return math.Inf(-1), nil
	}
	p.literal("-")
	first := p.i
	if n := p.digits(); n == 0 || n > 1 && p.b[first] == '0' {
		return nil, p.want("a number")
	}
	if p.i-first > maxDigits {
		return nil, fmt.Errorf("a number of %d digits at column %d (at most %d)", p.i-first, start+1, maxDigits)
	}
	if p.literal(".") && p.digits() == 0 {
		return nil, p.want("a digit")
	}
	if p.literal("e") || p.literal("E") {
		if !p.literal("+") {
			p.literal("-")
		}
		if p.digits() == 0 {
			return nil, p.want("a digit")
		}
	}
	return numberFromText(string(p.b[start:p.i]))
}

func (p *pyParser) digits() int {
	start := p.i
	for p.i < len(p.b) && p.b[p.i] >= '0' && p.b[p.i] <= '9' {
		p.i++
	}
	return p.i - start
}

func (p *pyParser) array(depth int) (Value, error) {
	p.i++
	l := List{}
	if p.space(); p.literal("]") {
		return l, nil
	}
	for {
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		l = append(l, v)
		p.space()
		if p.literal("]") {
			return l, nil
		}
		if !p.literal(",") {
			return nil, p.want(`"," or "]"`)
		}
	}
}

func (p *pyParser) object(depth int) (Value, error) {
	p.i++
	d := Dict{}
	if p.space(); p.literal("}") {
		return d, nil
	}
	at := map[string]int{}
	for {
		p.space()
		if p.i >= len(p.b) || p.b[p.i] != '"' {
			return nil, p.want("a quoted key")
		}
		k, err := p.str()
		if err != nil {
			return nil, err
		}
		p.space()
		if !p.literal(":") {
			return nil, p.want(`":"`)
		}
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if i, again := at[k]; again {
			d[i].Value = v // the last one counts, in the first one's place
		} else {
			at[k] = len(d)
			d = append(d, Pair{k, v})
		}
		p.space()
		if p.literal("}") {
			return d, nil
		}
		if !p.literal(",") {
			return nil, p.want(`"," or "}"`)
		}
	}
}

func (p *pyParser) str() (string, error) {
	p.i++
	start := p.i
	for p.i < len(p.b) && p.b[p.i] != '"' && p.b[p.i] != '\\' && p.b[p.i] >= 0x20 {
		p.i++
	}
	if p.i < len(p.b) && p.b[p.i] == '"' {
		s := string(p.b[start:p.i])
		p.i++
		return s, nil
	}
	out := append([]byte(nil), p.b[start:p.i]...)
	for p.i < len(p.b) {
		switch c := p.b[p.i]; {
		case c == '"':
			p.i++
			return string(out), nil
		case c < 0x20:
			return "", fmt.Errorf("no valid JSON: control character 0x%02x at column %d inside a string (it has to be written \\u%04x)", c, p.i+1, c)
		case c == '\\':
			var err error
			if out, err = p.escape(out); err != nil {
				return "", err
			}
		default:
			out = append(out, c)
			p.i++
		}
	}
	return "", p.want("the end of a string")
}

func (p *pyParser) escape(out []byte) ([]byte, error) {
	p.i++
	if p.i >= len(p.b) {
		return nil, p.want("an escape")
	}
	const from, to = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	for i := range len(from) {
		if p.b[p.i] == from[i] {
			p.i++
			return append(out, to[i]), nil
		}
	}
	u, ok := p.unit()
	if !ok {
		return nil, p.want(`an escape such as \n or \u00e9`)
	}
	if u >= 0xd800 && u < 0xdc00 {
		mark := p.i
		if p.literal(`\`) {
			if low, ok := p.unit(); ok && low >= 0xdc00 && low < 0xe000 {
				return utf8.AppendRune(out, 0x10000+(u-0xd800)<<10+(low-0xdc00)), nil
			}
			p.i = mark
		}
	}
	if u >= 0xd800 && u < 0xe000 {
		return append(out, 0xe0|byte(u>>12), 0x80|byte(u>>6)&0xbf, 0x80|byte(u)&0xbf), nil
	}
	return utf8.AppendRune(out, u), nil
}

// unit reads the four hexadecimal digits of a \u escape.
func (p *pyParser) unit() (rune, bool) {
	if len(p.b)-p.i < 5 || p.b[p.i] != 'u' {
		return 0, false
	}
	var u rune
	for _, c := range p.b[p.i+1 : p.i+5] {
		switch {
		case c >= '0' && c <= '9':
			u = u<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			u = u<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	p.i += 5
	return u, true
}
