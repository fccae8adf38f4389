package python

import (
	"fmt"
	"unicode"
)

// Classes of bytes. All bytes of characters beyond ASCII are taken for parts of
// identifiers first and looked at afterwards.
const (
	idStart = 1 << iota
	idContinue
	digit
)

var class = func() (class [256]uint8) {
	for c := range 256 {
		switch {
		case 'a' <= c|0x20 && c|0x20 <= 'z' && c < 128, c == '_', c >= 128:
			class[c] = idStart | idContinue
		case '0' <= c && c <= '9':
			class[c] = idContinue | digit
		}
	}
	return class
}()

// Characters that Unicode's XID properties leave out of identifiers because
// their NFKC form would be none (UAX #31).
var (
	notXID = &unicode.RangeTable{R16: []unicode.Range16{
		{Lo: 0x037a, Hi: 0x037a, Stride: 1},
		{Lo: 0x2e2f, Hi: 0x2e2f, Stride: 1},
		{Lo: 0x309b, Hi: 0x309c, Stride: 1},
		{Lo: 0xfc5e, Hi: 0xfc63, Stride: 1},
		{Lo: 0xfdfa, Hi: 0xfdfb, Stride: 1},
		{Lo: 0xfe70, Hi: 0xfe7e, Stride: 2},
	}}
	notXIDStart = &unicode.RangeTable{R16: []unicode.Range16{
		{Lo: 0x0e33, Hi: 0x0e33, Stride: 1},
		{Lo: 0x0eb3, Hi: 0x0eb3, Stride: 1},
		{Lo: 0xff9e, Hi: 0xff9f, Stride: 1},
	}}
)

// isIDStart reports whether an identifier may begin with r.
func isIDStart(r rune) bool {
	return r == '_' || unicode.In(r, unicode.L, unicode.Nl, unicode.Other_ID_Start) &&
		!unicode.In(r, notXID, notXIDStart)
}

// isIDContinue reports whether an identifier may go on with r.
func isIDContinue(r rune) bool {
	return r == '_' || unicode.In(r, unicode.L, unicode.Nl, unicode.Other_ID_Start,
		unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc, unicode.Other_ID_Continue) && !unicode.Is(notXID, r)
}

func invalidCharacter(r rune) string {
	if unicode.IsPrint(r) {
		return fmt.Sprintf("invalid character '%c' (U+%04X)", r, r)
	}
	return fmt.Sprintf("invalid non-printable character U+%04X", r)
}

// operatorAt is the operator that begins with c and goes on with d and e.
func operatorAt(c, d, e byte) (s sym, size int) {
	switch c {
	case ',':
		return comma, 1
	case ';':
		return semi, 1
	case '~':
		return tilde, 1
	case '.':
		if d == '.' && e == '.' {
			return ellipsis, 3
		}
		return dot, 1
	case ':':
		return either(d == '=', walrus, colon)
	case '=':
		return either(d == '=', eqequal, assign)
	case '!':
		if d == '=' {
			return notequal, 2
		}
		return noSym, 0
	case '+':
		return either(d == '=', plusAssign, plus)
	case '%':
		return either(d == '=', percentAssign, percent)
	case '@':
		return either(d == '=', atAssign, at)
	case '&':
		return either(d == '=', amperAssign, amper)
	case '|':
		return either(d == '=', vbarAssign, vbar)
	case '^':
		return either(d == '=', circumflexAssign, circumflex)
	case '-':
		if d == '>' {
			return arrow, 2
		}
		return either(d == '=', minusAssign, minus)
	case '*':
		return doubled(c, d, e, star, starAssign, doublestar, doublestarAssign)
	case '/':
		return doubled(c, d, e, slash, slashAssign, doubleslash, doubleslashAssign)
	case '<':
		return doubled(c, d, e, less, lessequal, lshift, lshiftAssign)
	case '>':
		return doubled(c, d, e, greater, greaterequal, rshift, rshiftAssign)
	}
	return noSym, 0
}

func either(two bool, long, short sym) (s sym, size int) {
	if two {
		return long, 2
	}
	return short, 1
}

// doubled chooses between c, c=, cc and cc=.
func doubled(c, d, e byte, single, singleAssign, double, doubleAssign sym) (s sym, size int) {
	switch {
	case d == c && e == '=':
		return doubleAssign, 3
	case d == c:
		return double, 2
	case d == '=':
		return singleAssign, 2
	}
	return single, 1
}
