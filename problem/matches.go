package problem

import (
	"fmt"
	"math"
	"math/big"
	"math/cmplx"
	"reflect"
	"slices"
)

// Tolerances of EvalPlus (evalplus/eval/__init__.py, version 0.3.1).
const (
	evalPlusRtol = 1e-7
	evalPlusAtol = 1e-6 // where the problem gives none and floats are expected
)

// maxElements bounds how many elements of a range are written out.
const maxElements = 1 << 20

// maxArray bounds the numbers of an expected array.
const maxArray = 4 << 20

// Matches reports whether a program's result counts as the expected value under
// cmp (empty is [CompareEqual]) with the absolute tolerance atol, 0 for none.
// An unknown cmp matches nothing.
func Matches(cmp Comparison, atol float64, got, expected Value) bool {
	switch cmp {
	case CompareEqual, "":
		if atol > 0 {
			return within(got, expected, atol)
		}
		return Equal(got, expected)
	case CompareEvalPlus:
		return matchesEvalPlus(atol, got, expected)
	case CompareSet:
		return Equal(got, expected) || equalAsSets(got, expected)
	case CompareNotNone:
		// EvalPlus: a bool is taken at its word, anything else by whether it is None.
		if _, ok := got.(bool); ok {
			return Equal(got, expected)
		}
		return Equal(got != nil, expected)
	case CompareAny:
		return true
	}
	return false
}

// within reports whether two values are equal, where numbers may differ by atol
// wherever they stand in lists, tuples, deques and as values of dicts. Sets,
// dict keys and booleans have no tolerance.
func within(a, b Value, atol float64) bool {
	near := func(x, y Value) bool { return within(x, y, atol) }
	if x, ok := a.(Dict); ok {
		y, ok := b.(Dict)
		return ok && equalDicts(x, y, near)
	}
	if _, isRange := a.(Range); !isRange && reflect.TypeOf(a) == reflect.TypeOf(b) {
		if x, ok := sequence(a); ok {
			y, _ := sequence(b)
			return slices.EqualFunc(x, y, near)
		}
	}
	return Equal(a, b) || closeNumbers(a, b, atol)
}

func closeNumbers(a, b Value, atol float64) bool {
	if x, ok := a.(float64); ok {
		if y, ok := b.(float64); ok {
			return math.Abs(x-y) <= atol && !math.IsInf(x-y, 0)
		}
	}
	_, ca := a.(complex128)
	_, cb := b.(complex128)
	if ca || cb {
		x, ok1 := complexOf(a)
		y, ok2 := complexOf(b)
		return ok1 && ok2 && !cmplx.IsInf(x) && !cmplx.IsInf(y) && cmplx.Abs(x-y) <= atol
	}
	x, y, tol := ratOf(a), ratOf(b), new(big.Rat).SetFloat64(atol)
	if x == nil || y == nil || tol == nil {
		return false
	}
	d := new(big.Rat).Sub(x, y)
	return d.Abs(d).Cmp(tol) <= 0
}

// ratOf returns a finite real number exactly; nil for anything else, a bool included.
func ratOf(v Value) *big.Rat {
	switch t := v.(type) {
	case int64:
		return new(big.Rat).SetInt64(t)
	case *big.Int:
		return new(big.Rat).SetInt(t)
	case float64:
		return new(big.Rat).SetFloat64(t)
	case Fraction:
		return t.Rat
	case Decimal:
		if d, ok := parseDecimal(string(t)); ok {
			return d.rat()
		}
	}
	return nil
}

// complexOf converts an int, float or complex; integers beyond float64's range fail, as in Python.
func complexOf(v Value) (complex128, bool) {
	switch t := v.(type) {
	case int64:
		return complex(float64(t), 0), true
	case float64:
		return complex(t, 0), true
	case complex128:
		return t, true
	case *big.Int:
		f, _ := new(big.Float).SetInt(t).Float64()
		return complex(f, 0), !math.IsInf(f, 0)
	}
	return 0, false
}

// matchesEvalPlus follows EvalPlus: ==, else (with a tolerance) the same type, for
// lists and tuples the same length, and numpy.allclose with rtol 1e-7.
func matchesEvalPlus(atol float64, got, expected Value) bool {
	if Equal(got, expected) {
		return true
	}
	if atol == 0 && allFloats(expected) {
		atol = evalPlusAtol
	}
	return atol != 0 && pythonType(got) == pythonType(expected) && allClose(got, expected, atol)
}

// allFloats is true for a float and for a list or tuple of at least one, all floats.
func allFloats(v Value) bool {
	var elements []Value
	switch t := v.(type) {
	case float64:
		return true
	case List:
		elements = t
	case Tuple:
		elements = t
	}
	for _, e := range elements {
		if _, ok := e.(float64); !ok {
			return false
		}
	}
	return len(elements) > 0
}

// pythonType names the value's type in Python.
func pythonType(v Value) string {
	switch t := v.(type) {
	case nil:
		return "NoneType"
	case int, int64, *big.Int:
		return "int"
	case Object:
		return t.Type
	}
	return fmt.Sprintf("%T", v)
}

// allClose is numpy.allclose(a, b, rtol=1e-7, atol=atol) on arrays of equal shape
// (numpy itself would broadcast). What is no array of numbers is not close.
func allClose(a, b Value, atol float64) bool {
	// What is expected comes first: no more of the other is written out.
	shapeB, y, ok := asArray(b, maxArray)
	if !ok {
		return false
	}
	most, n := 1, 1 // elements of one level
	for _, length := range shapeB {
		n *= length
		most = max(most, n)
	}
	shapeA, x, ok := asArray(a, most)
	if !ok || !slices.Equal(shapeA, shapeB) {
		return false
	}
	for i, p := range x {
		q := y[i]
		if p != q && (cmplx.IsInf(q) || !(cmplx.Abs(p-q) <= atol+evalPlusRtol*cmplx.Abs(q))) {
			return false
		}
	}
	return true
}

// asArray is numpy.asarray for numbers in nested sequences: the length of each
// dimension and the numbers in order. It fails where sequences of one level
// differ in length or stand beside numbers, and where a level has more than most elements.
func asArray(v Value, most int) (shape []int, numbers []complex128, ok bool) {
	level := []Value{v}
	for len(level) > 0 {
		first, nested := sequence(level[0])
		if !nested {
			break
		}
		shape = append(shape, len(first))
		var next []Value
		for _, e := range level {
			s, ok := sequence(e)
			if !ok || len(s) != len(first) || len(next)+len(s) > most {
				return nil, nil, false
			}
			next = append(next, s...)
		}
		level = next
	}
	numbers = make([]complex128, len(level))
	for i, e := range level {
		if numbers[i], ok = numpyNumber(e); !ok {
			return nil, nil, false
		}
	}
	return shape, numbers, true
}

// numpyNumber converts what a numeric numpy array can hold.
func numpyNumber(v Value) (complex128, bool) {
	switch t := v.(type) {
	case bool:
		if t {
			return 1, true
		}
		return 0, true
	case *big.Int:
		if !t.IsInt64() && !t.IsUint64() {
			return 0, false // an object array
		}
	}
	return complexOf(v)
}

// sequence returns the elements of a list, tuple, deque or range of bounded length.
func sequence(v Value) ([]Value, bool) {
	switch t := v.(type) {
	case List:
		return t, true
	case Tuple:
		return t, true
	case Deque:
		return t, true
	case Range:
		return t.elements()
	}
	return nil, false
}

func (r Range) elements() ([]Value, bool) {
	start, step, n := r.parts()
	if n.Cmp(big.NewInt(maxElements)) > 0 {
		return nil, false
	}
	out := make([]Value, n.Int64())
	at := new(big.Int).Set(start)
	for i := range out {
		out[i] = normInt(new(big.Int).Set(at))
		at.Add(at, step)
	}
	return out, true
}

// equalAsSets reports set(a) == set(b); false where either is not iterable or
// holds something unhashable.
func equalAsSets(a, b Value) bool {
	x, ok := iterate(a)
	if !ok {
		return false
	}
	y, ok := iterate(b)
	return ok && equalElements(x, y)
}

// iterate returns what Python's iter yields: elements, keys, characters, byte values.
func iterate(v Value) ([]Value, bool) {
	switch t := v.(type) {
	case Set:
		return t, true
	case FrozenSet:
		return t, true
	case Dict:
		keys := make([]Value, len(t))
		for i, p := range t {
			keys[i] = p.Key
		}
		return keys, true
	case string:
		var chars []Value
		for len(t) > 0 {
			_, size := decodeRune(t)
			chars = append(chars, t[:size])
			t = t[size:]
		}
		return chars, true
	case Bytes:
		return byteValues(string(t)), true
	case ByteArray:
		return byteValues(string(t)), true
	}
	return sequence(v)
}

func byteValues(s string) []Value {
	out := make([]Value, len(s))
	for i := range len(s) {
		out[i] = int64(s[i])
	}
	return out
}
