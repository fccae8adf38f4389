package problem

import (
	"errors"
	"math/big"
	"testing"
)

// TestBounds: what stands for much more than it is written with is not written out.
func TestBounds(t *testing.T) {
	long := new(big.Int).Lsh(big.NewInt(1), 1_000_000)
	if _, err := DecodeValue(EncodeValue(Range{int64(0), long, int64(3)})); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a range to 2^1000000: %v", err)
	}
	million := Range{int64(0), int64(maxElements), int64(1)}
	many := make(List, 100_000) // 1.6 TiB, written out
	for i := range many {
		many[i] = million
	}
	if _, _, ok := asArray(many, maxArray); ok {
		t.Error("100,000 ranges of a million elements are an array")
	}
	if shape, numbers, ok := asArray(List{million, million}, maxArray); !ok || len(shape) != 2 || len(numbers) != 2*maxElements {
		t.Errorf("two of them are not: %v", shape)
	}
}

// FuzzMatches compares any two values in every way: whoever calls what the other,
// the answer is the same, and a value that equals itself matches itself.
func FuzzMatches(f *testing.F) {
	for _, s := range [][2]string{
		{`1`, `1.0`},
		{`[1,2.5]`, `{"tuple":[1,2.5]}`},
		{`{"range":[0,1000000,1]}`, `[0.5,{"range":[0,3,1]}]`},
		{`{"decimal":"1E+999999999"}`, `{"fraction":["0x1","0x3"]}`},
		{`{"dict":[[1,2],[1.0,3]]}`, `{"dict":[[{"decimal":"1"},3]]}`},
		{`{"float":"nan"}`, `{"complex":[1,0]}`},
		{`"ab"`, `{"set":["a","b"]}`},
		{`{"object":"A"}`, `null`},
		{`[{"range":[0,1048576,1]},{"range":[0,1048576,1]},{"range":[0,1048576,1]},{"range":[0,1048576,1]},{"range":[0,1048576,1]}]`, `[0.5]`},
		{`{"frozenset":[{"frozenset":[1]},{"tuple":[1]}]}`, `{"set":[{"frozenset":[{"frozenset":[true]},{"tuple":[1.0]}]}]}`},
	} {
		f.Add([]byte(s[0]), []byte(s[1]), 1e-6)
		f.Add([]byte(s[1]), []byte(s[0]), 0.0)
	}
	f.Fuzz(func(t *testing.T, rawA, rawB []byte, atol float64) {
		a, err := DecodeValue(rawA)
		if err != nil {
			return
		}
		b, err := DecodeValue(rawB)
		if err != nil {
			return
		}
		if Equal(a, b) != Equal(b, a) {
			t.Errorf("%s == %s is %v one way", rawA, rawB, Equal(a, b))
		}
		if same, err := EqualRaw(rawA, rawB); err != nil || same != Equal(a, b) {
			t.Errorf("encoded %s == %s is %v, %v", rawA, rawB, same, err)
		}
		for _, cmp := range []Comparison{CompareEqual, CompareEvalPlus, CompareSet, CompareNotNone, CompareAny} {
			m := Matches(cmp, atol, a, b)
			if Equal(a, b) && cmp != CompareNotNone && !m {
				t.Errorf("%s: %s is no match for its equal %s", cmp, rawA, rawB)
			}
			if _, object := a.(Object); object && m && (cmp == CompareEqual || cmp == CompareEvalPlus || cmp == CompareSet) {
				t.Errorf("%s: an object matches %s", cmp, rawB)
			}
		}
		Show(a)
	})
}
