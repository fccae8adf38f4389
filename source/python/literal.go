package python

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxDigits is how many decimal digits CPython converts to or from text.
const maxDigits = 4300

// normalize is an identifier as Python compares it.
func normalize(name string) string {
	for i := range len(name) {
		if name[i] >= utf8.RuneSelf {
			return norm.NFKC.String(name)
		}
	}
	return name
}

// numberValue is the type of a numeric literal and what repr prints for it, or
// what is wrong with it.
func numberValue(word string) (kind ConstantKind, value, problem string) {
	if strings.IndexByte(word, '_') >= 0 {
		word = strings.ReplaceAll(word, "_", "")
	}
	if len(word) > 1 && word[0] == '0' && strings.IndexByte("xXoObB", word[1]) >= 0 {
		return IntConstant, prefixedInt(word), ""
	}
	if last := word[len(word)-1] | 0x20; last == 'j' {
		f, _ := strconv.ParseFloat(word[:len(word)-1], 64)
		return ComplexConstant, strings.TrimSuffix(reprFloat(f), ".0") + "j", ""
	}
	if strings.ContainsAny(word, ".eE") {
		f, _ := strconv.ParseFloat(word, 64) // beyond the range it is infinite or 0, as in Python
		return FloatConstant, reprFloat(f), ""
	}
	word = strings.TrimLeft(word, "0")
	if word == "" {
		word = "0"
	}
	if len(word) > maxDigits {
		return 0, "", fmt.Sprintf("Exceeds the limit (%d digits) for integer string conversion: value has %d digits; "+
			"use sys.set_int_max_str_digits() to increase the limit - Consider hexadecimal for huge integer "+
			"literals to avoid decimal conversion limits.", maxDigits, len(word))
	}
	return IntConstant, word, ""
}

// prefixedInt is the value of a literal with a base prefix.
func prefixedInt(word string) string {
	if u, err := strconv.ParseUint(strings.ToLower(word), 0, 64); err == nil {
		return strconv.FormatUint(u, 10)
	}
	i, ok := new(big.Int).SetString(strings.ToLower(word), 0)
	if !ok {
		return "0" // a malformed literal, of which the tokenizer has complained
	}
	if float64(i.BitLen()) < (maxDigits-1)*3.3219 {
		return i.String()
	}
	if s := i.String(); len(s) <= maxDigits {
		return s
	}
	return "0x" + i.Text(16)
}

// reprFloat is Python's repr of f, which a literal cannot make negative or NaN.
func reprFloat(f float64) string {
	if f > 1.7976931348623157e308 {
		return "inf"
	}
	if f != 0 && (f < 1e-4 || f >= 1e16) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if strings.IndexByte(s, '.') < 0 {
		s += ".0"
	}
	return s
}

// lineFeeds makes all line ends those of Python strings.
func lineFeeds(s string) string {
	if strings.IndexByte(s, '\r') < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

// unescape is the value of the text of a string or bytes literal, or what is
// wrong with it.
func unescape(body string, isBytes, raw bool) (value, problem string) {
	if isBytes {
		for i := range len(body) {
			if body[i] >= utf8.RuneSelf {
				return "", "bytes can only contain ASCII literal characters"
			}
		}
	}
	body = lineFeeds(body)
	if raw || strings.IndexByte(body, '\\') < 0 {
		return body, ""
	}
	b := make([]byte, 0, len(body))
	for i := 0; i < len(body); {
		if body[i] != '\\' {
			b = append(b, body[i])
			i++
			continue
		}
		var size int
		b, size, problem = appendEscape(b, body[i:], isBytes)
		if problem != "" {
			if isBytes {
				return "", fmt.Sprintf("(value error) %s at position %d", problem, i)
			}
			return "", fmt.Sprintf("(unicode error) 'unicodeescape' codec can't decode bytes in position %d-%d: %s",
				i, i+size-1, problem)
		}
		i += size
	}
	return string(b), ""
}

// simpleEscapes are the characters after a backslash that stand for one other.
var simpleEscapes = [256]byte{
	'\\': '\\', '\'': '\'', '"': '"', 'a': '\a', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v',
}

// appendEscape appends the meaning of the escape that s begins with, and gives
// its size in s.
func appendEscape(b []byte, s string, isBytes bool) (out []byte, size int, problem string) {
	if len(s) == 1 {
		return append(b, '\\'), 1, ""
	}
	c := s[1]
	switch {
	case c == '\n':
		return b, 2, ""
	case simpleEscapes[c] != 0:
		return append(b, simpleEscapes[c]), 2, ""
	case '0' <= c && c <= '7':
		v, n := 0, 1
		for ; n < 4 && n < len(s) && '0' <= s[n] && s[n] <= '7'; n++ {
			v = 8*v + int(s[n]-'0')
		}
		if isBytes {
			return append(b, byte(v)), n, ""
		}
		return appendCodePoint(b, rune(v)), n, ""
	case c == 'x':
		v, n := hexDigits(s[2:], 2)
		if n < 2 {
			if isBytes {
				return b, 2 + n, `invalid \x escape`
			}
			return b, 2 + n, `truncated \xXX escape`
		}
		if isBytes {
			return append(b, byte(v)), 4, ""
		}
		return appendCodePoint(b, v), 4, ""
	case isBytes:
	case c == 'u':
		v, n := hexDigits(s[2:], 4)
		if n < 4 {
			return b, 2 + n, `truncated \uXXXX escape`
		}
		return appendCodePoint(b, v), 6, ""
	case c == 'U':
		v, n := hexDigits(s[2:], 8)
		if n < 8 {
			return b, 2 + n, `truncated \UXXXXXXXX escape`
		}
		if v < 0 || v > utf8.MaxRune {
			return b, 10, "illegal Unicode character"
		}
		return appendCodePoint(b, v), 10, ""
	case c == 'N':
		return appendNamed(b, s)
	}
	return append(b, '\\'), 1, ""
}

// appendNamed appends the character that \N{name} names.
func appendNamed(b []byte, s string) (out []byte, size int, problem string) {
	end := strings.IndexByte(s, '}')
	if len(s) < 3 || s[2] != '{' || end < 4 {
		return b, min(len(s), 3), `malformed \N character escape`
	}
	r, ok := characterNamed(s[3:end])
	if !ok {
		return b, end + 1, "unknown Unicode character name"
	}
	return appendCodePoint(b, r), end + 1, ""
}

// hexDigits reads up to limit hexadecimal digits.
func hexDigits(s string, limit int) (value rune, n int) {
	for n < limit && n < len(s) && digitValue(s[n]) < 16 {
		value = value<<4 | rune(digitValue(s[n]))
		n++
	}
	return value, n
}

// appendCodePoint appends UTF-8, for lone surrogates too.
func appendCodePoint(b []byte, r rune) []byte {
	if 0xd800 <= r && r <= 0xdfff {
		return append(b, 0xe0|byte(r>>12), 0x80|byte(r>>6)&0x3f, 0x80|byte(r)&0x3f)
	}
	return utf8.AppendRune(b, r)
}
