package python

import (
	"unicode"
	"unicode/utf8"
)

const hexDigitsOf = "0123456789abcdef"

// repr prints a str as Python's repr does; which characters it escapes depends
// on the version of Unicode only for those that are new.
func (d *dumper) repr(s string) {
	q := quoteFor(s)
	d.b = append(d.b, q)
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			d.b = appendASCII(d.b, c, q)
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			r, size = surrogateAt(s[i:])
		}
		d.b = appendPrintable(d.b, r)
		i += size
	}
	d.b = append(d.b, q)
}

// surrogateAt reads a lone surrogate, which [Constant] keeps in three bytes.
func surrogateAt(s string) (r rune, size int) {
	if len(s) >= 3 && s[0] == 0xed {
		return 0xd000 | rune(s[1]&0x3f)<<6 | rune(s[2]&0x3f), 3
	}
	return utf8.RuneError, 1
}

func appendPrintable(b []byte, r rune) []byte {
	switch {
	case unicode.IsPrint(r):
		return utf8.AppendRune(b, r)
	case r < 0x100:
		return appendHex(append(b, '\\', 'x'), r, 2)
	case r < 0x10000:
		return appendHex(append(b, '\\', 'u'), r, 4)
	}
	return appendHex(append(b, '\\', 'U'), r, 8)
}

func appendHex(b []byte, r rune, digits int) []byte {
	for shift := 4 * (digits - 1); shift >= 0; shift -= 4 {
		b = append(b, hexDigitsOf[r>>shift&15])
	}
	return b
}

// appendASCII appends an ASCII character as it stands between the quotes q.
func appendASCII(b []byte, c, q byte) []byte {
	switch {
	case c == q || c == '\\':
		return append(b, '\\', c)
	case c == '\n':
		return append(b, '\\', 'n')
	case c == '\r':
		return append(b, '\\', 'r')
	case c == '\t':
		return append(b, '\\', 't')
	case c < ' ' || c == 127:
		return append(b, '\\', 'x', hexDigitsOf[c>>4], hexDigitsOf[c&15])
	}
	return append(b, c)
}

func (d *dumper) reprBytes(s string) {
	q := quoteFor(s)
	d.b = append(d.b, 'b', q)
	for i := range len(s) {
		if c := s[i]; c < utf8.RuneSelf {
			d.b = appendASCII(d.b, c, q)
		} else {
			d.b = append(d.b, '\\', 'x', hexDigitsOf[c>>4], hexDigitsOf[c&15])
		}
	}
	d.b = append(d.b, q)
}
