package problem

import (
	"encoding/binary"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// Decimal and binary limits of [appendNumberKey].
const (
	// Integers of at most this many bits are keyed by their hexadecimal digits,
	// longer ones by their decimal digits, so that Decimal('1E+999999999') has a
	// key without being written out. 2^33219 < 10^10001.
	hexKeyBits   = 33219
	hexKeyDigits = 10001
	// No float64 has more decimal places, or more significant decimal digits.
	floatPlaces = 1074
)

// appendNumberKey appends the canonical key of a number: two numbers have the same key
// exactly when Python's == holds between them. It reports false for NaN.
func appendNumberKey(b []byte, v Value) ([]byte, bool) {
	switch t := v.(type) {
	case bool:
		if t {
			return append(b, "i1"...), true
		}
		return append(b, "i0"...), true
	case int:
		return strconv.AppendInt(append(b, 'i'), int64(t), 16), true
	case int64:
		return strconv.AppendInt(append(b, 'i'), t, 16), true
	case *big.Int:
		return appendIntKey(b, t), true
	case float64:
		return appendFloatKey(b, t)
	case complex128:
		if imag(t) == 0 {
			return appendFloatKey(b, real(t))
		}
		b, ok := appendFloatKey(append(b, 'c'), real(t))
		if !ok {
			return b, false
		}
		return appendFloatKey(append(b, '+'), imag(t))
	case Fraction:
		return appendRatKey(b, t.Rat), true
	case Decimal:
		d, ok := parseDecimal(string(t))
		if !ok || d.nan {
			return b, false
		}
		return d.appendKey(b), true
	}
	return b, false
}

func appendIntKey(b []byte, i *big.Int) []byte {
	if i.BitLen() <= hexKeyBits {
		return i.Append(append(b, 'i'), 16)
	}
	digits := i.Text(10)
	kept := strings.TrimRight(digits, "0")
	return appendScaledKey(b, 'I', kept, int64(len(digits)-len(kept)))
}

// appendScaledKey writes digits × 10^exp.
func appendScaledKey(b []byte, kind byte, digits string, exp int64) []byte {
	b = append(append(b, kind), digits...)
	return strconv.AppendInt(append(b, 'e'), exp, 10)
}

func appendFloatKey(b []byte, f float64) ([]byte, bool) {
	switch {
	case math.IsNaN(f):
		return b, false
	case f == math.Trunc(f) && math.Abs(f) < 1<<63:
		return strconv.AppendInt(append(b, 'i'), int64(f), 16), true
	case f == math.Trunc(f) && !math.IsInf(f, 0):
		i, _ := big.NewFloat(f).Int(nil)
		return appendIntKey(b, i), true
	}
	return binary.BigEndian.AppendUint64(append(b, 'f'), math.Float64bits(f)), true
}

func appendRatKey(b []byte, r *big.Rat) []byte {
	if r.IsInt() {
		return appendIntKey(b, r.Num())
	}
	if f, ok := exactFloat(r); ok {
		b, _ = appendFloatKey(b, f)
		return b
	}
	if digits, places, ok := terminating(r); ok {
		return appendScaledKey(b, 'd', digits, -places)
	}
	b = r.Num().Append(append(b, 'q'), 16)
	return r.Denom().Append(append(b, '/'), 16)
}

// exactFloat returns the float64 that equals r, if there is one. What Rat.Float64
// itself says is not enough: it calls 2^-1100 exact, as 0.
func exactFloat(r *big.Rat) (float64, bool) {
	f, exact := r.Float64()
	return f, exact && new(big.Rat).SetFloat64(f).Cmp(r) == 0
}

// terminating writes r as digits × 10^-places where its denominator has no prime
// factors but 2 and 5; digits does not end in 0.
func terminating(r *big.Rat) (digits string, places int64, ok bool) {
	den := new(big.Int).Set(r.Denom())
	twos := den.TrailingZeroBits()
	den.Rsh(den, twos)
	fives := powerOfFive(den)
	if fives < 0 {
		return "", 0, false
	}
	places = max(int64(twos), fives)
	n := new(big.Int).Exp(big.NewInt(10), big.NewInt(places), nil)
	n.Mul(n, r.Num())
	return n.Quo(n, r.Denom()).Text(10), places, true
}

// powerOfFive returns n with 5^n = x, or -1.
func powerOfFive(x *big.Int) int64 {
	// 5^n has floor(n·log2 5) + 1 bits, so the bit length leaves one candidate.
	n := int64(math.Round((float64(x.BitLen()) - 0.5) / math.Log2(5)))
	for _, c := range []int64{n - 1, n, n + 1} {
		if c >= 0 && new(big.Int).Exp(big.NewInt(5), big.NewInt(c), nil).Cmp(x) == 0 {
			return c
		}
	}
	return -1
}

// decimal is a parsed Decimal: (-1)^neg × digits × 10^exp, digits without zeros at
// either end ("" is zero), or an infinity, or NaN.
type decimal struct {
	neg, nan, inf bool
	digits        string
	exp           int64
}

var (
	decimalFinite  = regexp.MustCompile(`^([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]{1,18}))?$`)
	decimalSpecial = regexp.MustCompile(`^([+-]?)(?i:(inf|infinity)|s?nan[0-9]*)$`)
)

// parseDecimal reads what Python's str(Decimal) writes.
func parseDecimal(s string) (decimal, bool) {
	if m := decimalFinite.FindStringSubmatch(s); m != nil && m[2]+m[3] != "" {
		d := decimal{neg: m[1] == "-", exp: -int64(len(m[3]))}
		if m[4] != "" {
			e, err := strconv.ParseInt(m[4], 10, 64)
			if err != nil {
				return decimal{}, false
			}
			d.exp += e
		}
		all := strings.TrimLeft(m[2]+m[3], "0")
		d.digits = strings.TrimRight(all, "0")
		d.exp += int64(len(all) - len(d.digits))
		return d, true
	}
	if m := decimalSpecial.FindStringSubmatch(s); m != nil {
		return decimal{neg: m[1] == "-", inf: m[2] != "", nan: m[2] == ""}, true
	}
	return decimal{}, false
}

func (d decimal) appendKey(b []byte) []byte {
	switch {
	case d.inf:
		sign := 1
		if d.neg {
			sign = -1
		}
		b, _ = appendFloatKey(b, math.Inf(sign))
		return b
	case d.digits == "":
		return append(b, "i0"...)
	}
	if r := d.rat(); r != nil && d.exp >= 0 {
		return appendIntKey(b, r.Num())
	} else if r != nil {
		if f, ok := exactFloat(r); ok {
			b, _ = appendFloatKey(b, f)
			return b
		}
	}
	kind := byte('d')
	if d.exp >= 0 {
		kind = 'I'
	}
	sign := ""
	if d.neg {
		sign = "-"
	}
	return appendScaledKey(b, kind, sign+d.digits, d.exp)
}

// rat returns d exactly, or nil where d is not finite or too large or fine to be a
// float64 or an integer of hexKeyBits.
func (d decimal) rat() *big.Rat {
	if d.inf || d.nan || d.exp < -floatPlaces || int64(len(d.digits))+d.exp > hexKeyDigits {
		return nil
	}
	n := new(big.Int)
	if d.digits != "" {
		n.SetString(d.digits, 10)
	}
	if d.neg {
		n.Neg(n)
	}
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(max(d.exp, -d.exp)), nil)
	if d.exp >= 0 {
		return new(big.Rat).SetInt(n.Mul(n, scale))
	}
	return new(big.Rat).SetFrac(n, scale)
}
