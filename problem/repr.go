package problem

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// reprDigits is the longest decimal integer CPython converts to text
// (sys.int_info.default_max_str_digits).
const reprDigits = 4300

// Repr returns Python's repr of v. Sets and dicts keep the order of the encoding.
// An integer of more than 4,300 digits, for which Python's repr raises, is written
// in hexadecimal; an [Object] as <TypeName object>.
func Repr(v Value) string {
	p := printer{limit: math.MaxInt}
	p.value(v)
	return string(p.b)
}

// Show returns Repr(v), cut at a character to at most [MaxShown] bytes of which the
// last is "…" where something is missing.
func Show(v Value) string {
	p := printer{limit: MaxShown}
	p.value(v)
	return Cut(string(p.b))
}

// Cut shortens valid UTF-8 to at most [MaxShown] bytes, "…" included.
func Cut(s string) string {
	if len(s) <= MaxShown {
		return s
	}
	n := MaxShown - len("…")
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// printer appends Python reprs until limit bytes are there; what comes after may be missing.
type printer struct {
	b     []byte
	limit int
}

func (p *printer) full() bool { return len(p.b) > p.limit }

func (p *printer) text(s string) { p.b = append(p.b, s...) }

func (p *printer) value(v Value) {
	if p.full() {
		return
	}
	switch t := v.(type) {
	case nil:
		p.text("None")
	case bool:
		if t {
			p.text("True")
		} else {
			p.text("False")
		}
	case int:
		p.b = strconv.AppendInt(p.b, int64(t), 10)
	case int64:
		p.b = strconv.AppendInt(p.b, t, 10)
	case *big.Int:
		p.text(reprInt(t))
	case float64:
		p.text(reprFloat(t))
	case complex128:
		p.text(reprComplex(t))
	case string:
		p.str(t)
	case Bytes:
		p.bytes(string(t), quoteFor(string(t)))
	case ByteArray:
		p.text("bytearray(")
		p.bytes(string(t), '\'') // CPython 3.11 escapes ' here also inside "
		p.text(")")
	case List:
		p.list("[", t, "]")
	case Tuple:
		if len(t) == 1 {
			p.list("(", t, ",)")
		} else {
			p.list("(", t, ")")
		}
	case Set:
		if len(t) == 0 {
			p.text("set()")
		} else {
			p.list("{", t, "}")
		}
	case FrozenSet:
		if len(t) == 0 {
			p.text("frozenset()")
		} else {
			p.list("frozenset({", t, "})")
		}
	case Deque:
		p.list("deque([", t, "])")
	case Dict:
		p.dict(t)
	case Range:
		p.text("range(" + reprInt(bigOf(t.Start)) + ", " + reprInt(bigOf(t.Stop)))
		if step := reprInt(bigOf(t.Step)); step != "1" {
			p.text(", " + step)
		}
		p.text(")")
	case Decimal:
		p.text("Decimal('" + string(t) + "')")
	case Fraction:
		p.text("Fraction(" + reprInt(t.Num()) + ", " + reprInt(t.Denom()) + ")")
	case Object:
		p.text("<" + t.Type + " object>")
	default:
		p.text(fmt.Sprintf("<%T>", v))
	}
}

func (p *printer) list(open string, l []Value, end string) {
	p.text(open)
	for i, v := range l {
		if p.full() {
			return
		}
		if i > 0 {
			p.text(", ")
		}
		p.value(v)
	}
	p.text(end)
}

func (p *printer) dict(d Dict) {
	p.text("{")
	for i, item := range d {
		if p.full() {
			return
		}
		if i > 0 {
			p.text(", ")
		}
		p.value(item.Key)
		p.text(": ")
		p.value(item.Value)
	}
	p.text("}")
}

// quoteFor is ' unless the text has one and no ".
func quoteFor(s string) byte {
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		return '"'
	}
	return '\''
}

func (p *printer) str(s string) {
	quote := quoteFor(s)
	p.b = append(p.b, quote)
	for len(s) > 0 && !p.full() {
		r, size := decodeRune(s)
		switch {
		case r < utf8.RuneSelf:
			p.ascii(byte(r), quote)
		case unicode.IsPrint(r):
			p.b = utf8.AppendRune(p.b, r)
		case r < 0x100:
			p.b = fmt.Appendf(p.b, `\x%02x`, r)
		case r < 0x10000:
			p.b = fmt.Appendf(p.b, `\u%04x`, r)
		default:
			p.b = fmt.Appendf(p.b, `\U%08x`, r)
		}
		s = s[size:]
	}
	p.b = append(p.b, quote)
}

// bytes writes a bytes literal with a backslash before each escaped quote.
func (p *printer) bytes(s string, escaped byte) {
	quote := quoteFor(s)
	p.b = append(p.b, 'b', quote)
	for i := 0; i < len(s) && !p.full(); i++ {
		p.ascii(s[i], escaped)
	}
	p.b = append(p.b, quote)
}

// ascii writes one character or byte as it stands inside quotes.
func (p *printer) ascii(c, quote byte) {
	switch {
	case c == quote || c == '\\':
		p.b = append(p.b, '\\', c)
	case c == '\t':
		p.text(`\t`)
	case c == '\n':
		p.text(`\n`)
	case c == '\r':
		p.text(`\r`)
	case c < ' ' || c >= 0x7f:
		p.b = fmt.Appendf(p.b, `\x%02x`, c)
	default:
		p.b = append(p.b, c)
	}
}

func reprInt(i *big.Int) string {
	// 4,300 digits need at most ceil(4300·log2 10) = 14,285 bits.
	if i.BitLen() < 14285 {
		return i.Text(10)
	}
	if i.BitLen() == 14285 {
		if s := i.Text(10); len(strings.TrimPrefix(s, "-")) <= reprDigits {
			return s
		}
	}
	return hexInt(i)
}

func reprFloat(f float64) string {
	switch {
	case math.IsNaN(f):
		return "nan"
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	}
	return FloatRepr(f)
}

func reprComplex(c complex128) string {
	part := func(f float64) string { return strings.TrimSuffix(reprFloat(f), ".0") }
	re, im := real(c), imag(c)
	if re == 0 && !math.Signbit(re) {
		return part(im) + "j"
	}
	sign := ""
	if !math.Signbit(im) || math.IsNaN(im) {
		sign = "+"
	}
	return "(" + part(re) + sign + part(im) + "j)"
}
