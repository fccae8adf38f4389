package problem

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Value is a Python value as plain data:
//
//	nil  bool  int64  *big.Int (outside int64)  float64  complex128  string
//	List  Tuple  Set  FrozenSet  Deque  Dict  Bytes  ByteArray  Range  Decimal  Fraction
//	Object (something that is no data; equal to nothing)
//
// In JSON, null, booleans, strings, arrays, integers within ±(2^53−1) and finite
// floats (always with a point or an exponent) stand for themselves. Everything
// else is an object with exactly one key, its tag:
//
//	{"int":"-0x1f…"}  {"float":"nan"|"inf"|"-inf"}  {"complex":[re,im]}  {"str":"<base64 of WTF-8>"}
//	{"tuple":[…]}  {"set":[…]}  {"frozenset":[…]}  {"deque":[…]}  {"dict":[[k,v],…]}
//	{"bytes":"<base64>"}  {"bytearray":"<base64>"}  {"range":[start,stop,step]}
//	{"decimal":"1.50"}  {"fraction":["0x1","0x3"]}  {"object":"TypeName"}
//
// The JSON Schema is [ValueSchema]. A string with lone surrogates holds them as
// three-byte WTF-8 sequences.
type Value any

// Sequence and collection types of [Value].
type (
	List      []Value
	Tuple     []Value
	Set       []Value
	FrozenSet []Value
	Deque     []Value
	Dict      []Pair
	Bytes     string
	ByteArray string
	Decimal   string
)

// Pair is one item of a Dict, in insertion order.
type Pair struct{ Key, Value Value }

// Range is Python's range; the fields are int64 or *big.Int.
type Range struct{ Start, Stop, Step Value }

// Fraction is fractions.Fraction.
type Fraction struct{ *big.Rat }

// Object stands for a value that is not data (an instance, a function, a generator).
type Object struct{ Type string }

const maxSafeInt = 1<<53 - 1

// maxDepth bounds the nesting of encoded values.
const maxDepth = 900

// maxHexDigits bounds an integer in hexadecimal digits, which take time in
// proportion to their length; where time grows with its square, [maxDigits] does.
const maxHexDigits = 1 << 22

// ErrTooLarge means that a value holds a number of more digits than are read.
var ErrTooLarge = errors.New("value: a number of too many digits")

// DecodeValue reads one tagged value.
func DecodeValue(raw []byte) (Value, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var x any
	if err := d.Decode(&x); err != nil {
		return nil, fmt.Errorf("value: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("value: text after the value")
	}
	return fromJSON(x, 0)
}

func fromJSON(x any, depth int) (Value, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("value: nested deeper than %d", maxDepth)
	}
	switch t := x.(type) {
	case nil, bool, string:
		return t, nil
	case json.Number:
		return numberFromText(string(t))
	case []any:
		l, err := listFrom(t, depth)
		return List(l), err
	case map[string]any:
		if len(t) != 1 {
			return nil, fmt.Errorf(`value: an object needs exactly one tag, this has %d keys (write a dict as {"dict":[[key,value],…]})`, len(t))
		}
		for tag, v := range t {
			return tagged(tag, v, depth)
		}
	}
	return nil, fmt.Errorf("value: unexpected %T", x)
}

func listFrom(xs []any, depth int) ([]Value, error) {
	out := make([]Value, len(xs))
	for i, x := range xs {
		v, err := fromJSON(x, depth+1)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

func numberFromText(s string) (Value, error) {
	if strings.ContainsAny(s, ".eE") {
		f, err := strconv.ParseFloat(s, 64)
		if err != nil && !errors.Is(err, strconv.ErrRange) {
			return nil, fmt.Errorf("value: number %s: %w", s, err)
		}
		return f, nil
	}
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return i, nil
	}
	if len(s) > maxDigits {
		return nil, ErrTooLarge
	}
	if b, ok := new(big.Int).SetString(s, 10); ok {
		return b, nil
	}
	return nil, fmt.Errorf("value: %q is not a number", s)
}

// tooLong reports whether the text of an integer, decimal or with a prefix, is longer than is read.
func tooLong(s string) bool {
	if strings.HasPrefix(strings.TrimPrefix(s, "-"), "0x") {
		return len(s) > maxHexDigits
	}
	return len(s) > maxDigits
}

// normInt returns i as int64 where it fits.
func normInt(i *big.Int) Value {
	if i.IsInt64() {
		return i.Int64()
	}
	return i
}

func tagged(tag string, v any, depth int) (Value, error) {
	bad := func() (Value, error) { return nil, fmt.Errorf("value: malformed {%q: …}", tag) }
	switch s := v.(type) {
	case string:
		switch tag {
		case "int":
			if tooLong(s) {
				return nil, ErrTooLarge
			}
			if i, ok := new(big.Int).SetString(s, 0); ok {
				return normInt(i), nil
			}
		case "float":
			switch s {
			case "nan":
				return math.NaN(), nil
			case "inf":
				return math.Inf(1), nil
			case "-inf":
				return math.Inf(-1), nil
			}
		case "str", "bytes", "bytearray":
			b, err := base64.StdEncoding.DecodeString(s)
			if err != nil {
				return nil, fmt.Errorf("value: {%q: …}: %w", tag, err)
			}
			switch tag {
			case "bytes":
				return Bytes(b), nil
			case "bytearray":
				return ByteArray(b), nil
			}
			if isWTF8(string(b)) {
				return string(b), nil
			}
		case "decimal":
			if len(s) > maxHexDigits {
				return nil, ErrTooLarge
			}
			if _, ok := parseDecimal(s); ok {
				return Decimal(s), nil
			}
		case "object":
			return Object{s}, nil
		}
	case []any:
		if tag == "dict" {
			return dictFrom(s, depth)
		}
		if tag == "fraction" {
			if len(s) == 2 {
				n, ok1 := s[0].(string)
				m, ok2 := s[1].(string)
				if len(n)+len(m) > maxDigits {
					return nil, ErrTooLarge
				}
				num, ok3 := new(big.Int).SetString(n, 0)
				den, ok4 := new(big.Int).SetString(m, 0)
				if ok1 && ok2 && ok3 && ok4 && den.Sign() != 0 {
					return Fraction{new(big.Rat).SetFrac(num, den)}, nil
				}
			}
			return bad()
		}
		l, err := listFrom(s, depth)
		if err != nil {
			return nil, err
		}
		switch tag {
		case "tuple":
			return Tuple(l), nil
		case "set":
			return Set(l), nil
		case "frozenset":
			return FrozenSet(l), nil
		case "deque":
			return Deque(l), nil
		case "complex":
			if len(l) == 2 {
				re, ok1 := l[0].(float64)
				im, ok2 := l[1].(float64)
				if ok1 && ok2 {
					return complex(re, im), nil
				}
			}
		case "range":
			if len(l) == 3 && isInt(l[0]) && isInt(l[1]) && isInt(l[2]) && l[2] != Value(int64(0)) {
				if dear(l[0]) || dear(l[1]) || dear(l[2]) {
					return nil, ErrTooLarge // its length takes a division
				}
				return Range{l[0], l[1], l[2]}, nil
			}
		}
	}
	if !slices.Contains(valueTags, tag) {
		return nil, fmt.Errorf(`value: unknown tag %q (one of %s; write a dict as {"dict":[[key,value],…]})`, tag, strings.Join(valueTags, ", "))
	}
	return bad()
}

var valueTags = []string{"int", "float", "complex", "str", "tuple", "set", "frozenset", "deque", "dict", "bytes", "bytearray", "range", "decimal", "fraction", "object"}

// dear reports whether an integer is too long for what takes more than linear time.
func dear(v Value) bool {
	i, ok := v.(*big.Int)
	return ok && i.BitLen() > 4*maxDigits
}

func isInt(v Value) bool {
	switch v.(type) {
	case int64, *big.Int:
		return true
	}
	return false
}

func dictFrom(items []any, depth int) (Value, error) {
	d := make(Dict, len(items))
	for i, it := range items {
		kv, ok := it.([]any)
		if !ok || len(kv) != 2 {
			return nil, errors.New(`value: {"dict": …} wants a list of [key, value] pairs`)
		}
		k, err := fromJSON(kv[0], depth+1)
		if err != nil {
			return nil, err
		}
		v, err := fromJSON(kv[1], depth+1)
		if err != nil {
			return nil, err
		}
		d[i] = Pair{k, v}
	}
	return d, nil
}

// EncodeValue writes v in the tagged encoding. It panics on a Go type that is no Value.
func EncodeValue(v Value) json.RawMessage { return appendValue(nil, v) }

func appendValue(b []byte, v Value) []byte {
	switch t := v.(type) {
	case nil:
		return append(b, "null"...)
	case bool:
		return strconv.AppendBool(b, t)
	case int:
		return appendValue(b, int64(t))
	case int64:
		if t > maxSafeInt || t < -maxSafeInt {
			return appendValue(b, big.NewInt(t))
		}
		return strconv.AppendInt(b, t, 10)
	case *big.Int:
		return append(append(append(b, `{"int":"`...), hexInt(t)...), `"}`...)
	case float64:
		switch {
		case math.IsNaN(t):
			return append(b, `{"float":"nan"}`...)
		case math.IsInf(t, 1):
			return append(b, `{"float":"inf"}`...)
		case math.IsInf(t, -1):
			return append(b, `{"float":"-inf"}`...)
		}
		return append(b, FloatRepr(t)...)
	case complex128:
		b = append(b, `{"complex":[`...)
		b = appendValue(b, real(t))
		b = append(b, ',')
		b = appendValue(b, imag(t))
		return append(b, "]}"...)
	case string:
		if !utf8.ValidString(t) {
			return appendBase64(b, "str", t)
		}
		return appendString(b, t)
	case Bytes:
		return appendBase64(b, "bytes", string(t))
	case ByteArray:
		return appendBase64(b, "bytearray", string(t))
	case List:
		return appendList(b, t)
	case Tuple:
		return append(appendList(append(b, `{"tuple":`...), t), '}')
	case Set:
		return append(appendList(append(b, `{"set":`...), t), '}')
	case FrozenSet:
		return append(appendList(append(b, `{"frozenset":`...), t), '}')
	case Deque:
		return append(appendList(append(b, `{"deque":`...), t), '}')
	case Range:
		return append(appendList(append(b, `{"range":`...), []Value{t.Start, t.Stop, t.Step}), '}')
	case Dict:
		b = append(b, `{"dict":[`...)
		for i, p := range t {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(b, '[')
			b = appendValue(b, p.Key)
			b = append(b, ',')
			b = appendValue(b, p.Value)
			b = append(b, ']')
		}
		return append(b, "]}"...)
	case Decimal:
		return append(appendString(append(b, `{"decimal":`...), string(t)), '}')
	case Fraction:
		// Hexadecimal, because CPython reads no more than 4,300 decimal digits.
		return fmt.Appendf(b, `{"fraction":["%s","%s"]}`, hexInt(t.Num()), hexInt(t.Denom()))
	case Object:
		return append(appendString(append(b, `{"object":`...), t.Type), '}')
	}
	panic(fmt.Sprintf("problem: %T is no Value", v))
}

// appendString writes a JSON string as Python's json.dumps(…, ensure_ascii=False) does.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	for i := range len(s) {
		switch c := s[i]; c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, `\n`...)
		case '\r':
			b = append(b, `\r`...)
		case '\t':
			b = append(b, `\t`...)
		case '\b':
			b = append(b, `\b`...)
		case '\f':
			b = append(b, `\f`...)
		default:
			if c < ' ' {
				b = fmt.Appendf(b, `\u%04x`, c)
			} else {
				b = append(b, c)
			}
		}
	}
	return append(b, '"')
}

// decodeRune is utf8.DecodeRuneInString that also reads a lone surrogate.
// Of bytes that are no WTF-8 it returns one, as U+FFFD.
func decodeRune(s string) (r rune, size int) {
	r, size = utf8.DecodeRuneInString(s)
	if r == utf8.RuneError && size == 1 && len(s) >= 3 &&
		s[0] == 0xed && 0xa0 <= s[1] && s[1] <= 0xbf && 0x80 <= s[2] && s[2] <= 0xbf {
		return 0xd000 | rune(s[1]&0x3f)<<6 | rune(s[2]&0x3f), 3
	}
	return r, size
}

// isWTF8 reports whether s is what Python's "surrogatepass" encodes.
func isWTF8(s string) bool {
	for len(s) > 0 {
		r, size := decodeRune(s)
		if r == utf8.RuneError && size == 1 {
			return false
		}
		s = s[size:]
	}
	return true
}

func hexInt(i *big.Int) string {
	if i.Sign() < 0 {
		return "-0x" + new(big.Int).Neg(i).Text(16)
	}
	return "0x" + i.Text(16)
}

func appendBase64(b []byte, tag, s string) []byte {
	b = append(append(append(b, `{"`...), tag...), `":"`...)
	b = base64.StdEncoding.AppendEncode(b, []byte(s))
	return append(b, `"}`...)
}

func appendList(b []byte, l []Value) []byte {
	b = append(b, '[')
	for i, v := range l {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendValue(b, v)
	}
	return append(b, ']')
}

// FloatRepr formats a finite float as Python's repr does: the shortest digits
// that read back, an exponent below 1e-4 and from 1e16 on, always a point or exponent.
func FloatRepr(f float64) string {
	if a := math.Abs(f); a != 0 && (a < 1e-4 || a >= 1e16) {
		s := strconv.FormatFloat(f, 'e', -1, 64) // Go and Python both write at least two exponent digits
		return s
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}
