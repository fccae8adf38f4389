package problem

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"math/big"
	"slices"
)

// Equal reports whether Python's == holds between a and b, as data:
// numbers of every type are compared exactly by value, str is never bytes,
// bytes may equal bytearray and set may equal frozenset, every other pair of
// types differs. Unlike Python, identity counts for nothing: NaN and [Object]
// are equal to nothing at all, also inside containers, and a set or dict that
// holds either (or something unhashable) among its keys is equal to nothing.
func Equal(a, b Value) bool {
	switch x := a.(type) {
	case nil:
		return b == nil
	case string:
		y, ok := b.(string)
		return ok && x == y
	case Bytes:
		return equalBytes(string(x), b)
	case ByteArray:
		return equalBytes(string(x), b)
	case List:
		y, ok := b.(List)
		return ok && slices.EqualFunc(x, y, Equal)
	case Tuple:
		y, ok := b.(Tuple)
		return ok && slices.EqualFunc(x, y, Equal)
	case Deque:
		y, ok := b.(Deque)
		return ok && slices.EqualFunc(x, y, Equal)
	case Set:
		return equalSets(x, b)
	case FrozenSet:
		return equalSets(x, b)
	case Dict:
		y, ok := b.(Dict)
		return ok && equalDicts(x, y, Equal)
	case Range:
		y, ok := b.(Range)
		return ok && string(x.appendKey(nil)) == string(y.appendKey(nil))
	case Object:
		return false
	}
	return equalNumbers(a, b)
}

// equalNumbers is false where a or b is no number.
func equalNumbers(a, b Value) bool {
	switch x := a.(type) {
	case int64:
		if y, ok := b.(int64); ok {
			return x == y
		}
	case float64:
		if y, ok := b.(float64); ok {
			return x == y
		}
	case *big.Int:
		if y, ok := b.(*big.Int); ok {
			return x.Cmp(y) == 0
		}
	}
	if beyondFloat(a) && isMachineNumber(b) || beyondFloat(b) && isMachineNumber(a) {
		return false // the key of a huge integer is dear
	}
	ka, ok := appendNumberKey(nil, a)
	if !ok {
		return false
	}
	kb, ok := appendNumberKey(nil, b)
	return ok && bytes.Equal(ka, kb)
}

// beyondFloat reports whether v is an integer larger than any float64.
func beyondFloat(v Value) bool {
	i, ok := v.(*big.Int)
	return ok && i.BitLen() > 1024
}

func isMachineNumber(v Value) bool {
	switch v.(type) {
	case bool, int, int64, float64, complex128:
		return true
	}
	return false
}

func equalBytes(a string, b Value) bool {
	switch y := b.(type) {
	case Bytes:
		return a == string(y)
	case ByteArray:
		return a == string(y)
	}
	return false
}

func equalSets(a []Value, b Value) bool {
	switch y := b.(type) {
	case Set:
		return equalElements(a, y)
	case FrozenSet:
		return equalElements(a, y)
	}
	return false
}

// equalElements reports set(a) == set(b). It stops at the first element of a
// that b lacks, since keys can be dear.
func equalElements(a, b []Value) bool {
	bs, ok := keySet(b)
	if !ok {
		return false
	}
	found := make(map[string]struct{}, len(bs))
	for _, e := range a {
		k, ok := hashKey(e)
		if !ok {
			return false
		}
		if _, ok := bs[k]; !ok {
			return false
		}
		found[k] = struct{}{}
	}
	return len(found) == len(bs)
}

func keySet(elements []Value) (map[string]struct{}, bool) {
	keys := make(map[string]struct{}, len(elements))
	for _, e := range elements {
		k, ok := hashKey(e)
		if !ok {
			return nil, false
		}
		keys[k] = struct{}{}
	}
	return keys, true
}

// equalDicts compares the values with eq and the keys with Equal. Where a key
// comes twice, which Python never writes, its last value counts.
func equalDicts(a, b Dict, eq func(a, b Value) bool) bool {
	am, ok := byKey(a)
	if !ok {
		return false
	}
	bm, ok := byKey(b)
	if !ok || len(am) != len(bm) {
		return false
	}
	for k, x := range am {
		if y, ok := bm[k]; !ok || !eq(x, y) {
			return false
		}
	}
	return true
}

func byKey(d Dict) (map[string]Value, bool) {
	m := make(map[string]Value, len(d))
	for _, p := range d {
		k, ok := hashKey(p.Key)
		if !ok {
			return nil, false
		}
		m[k] = p.Value
	}
	return m, true
}

// hashKey returns a key that two hashable values share exactly when they are
// [Equal]. It reports false for what is unhashable or equal to nothing.
func hashKey(v Value) (string, bool) {
	b, ok := appendHashKey(make([]byte, 0, 32), v)
	return string(b), ok
}

func appendHashKey(b []byte, v Value) ([]byte, bool) {
	switch t := v.(type) {
	case nil:
		return append(b, 'n'), true
	case string:
		return append(append(b, 's'), t...), true
	case Bytes:
		return append(append(b, 'b'), t...), true
	case Range:
		return t.appendKey(b), true
	case Tuple:
		b = append(b, 't')
		for _, e := range t {
			// The element's length goes before it once it is known.
			at := len(b)
			b = append(b, 0, 0, 0, 0, 0, 0, 0, 0)
			var ok bool
			if b, ok = appendHashKey(b, e); !ok {
				return b, false
			}
			binary.BigEndian.PutUint64(b[at:], uint64(len(b)-at-8))
		}
		return b, true
	case FrozenSet:
		// A digest, so that nested sets do not copy their elements at each level.
		keys, ok := keySet(t)
		if !ok {
			return b, false
		}
		sorted := make([]string, 0, len(keys))
		for k := range keys {
			sorted = append(sorted, k)
		}
		slices.Sort(sorted)
		h := sha256.New()
		for _, k := range sorted {
			h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(k))))
			h.Write([]byte(k))
		}
		return h.Sum(append(b, 'z')), true
	}
	return appendNumberKey(b, v)
}

// EqualRaw is [Equal] on encoded values; the error is that of [DecodeValue].
// Identical bytes are taken to be valid.
func EqualRaw(a, b json.RawMessage) (bool, error) {
	if bytes.Equal(a, b) && !mayDifferFromItself(a) {
		return true, nil
	}
	x, err := DecodeValue(a)
	if err != nil {
		return false, err
	}
	y, err := DecodeValue(b)
	if err != nil {
		return false, err
	}
	return Equal(x, y), nil
}

// mayDifferFromItself is true for encodings with a NaN or an object, and for a few others.
func mayDifferFromItself(raw []byte) bool {
	for _, s := range []string{"nan", "NaN", "object", `\u`} {
		if bytes.Contains(raw, []byte(s)) {
			return true
		}
	}
	return false
}

// parts returns the range as big integers with its number of elements.
func (r Range) parts() (start, step, n *big.Int) {
	start, step = bigOf(r.Start), bigOf(r.Step)
	n = new(big.Int).Sub(bigOf(r.Stop), start)
	if n.Sign()*step.Sign() <= 0 {
		return start, step, new(big.Int)
	}
	// ceil(n / step), both of the same sign.
	n.Abs(n)
	size := new(big.Int).Abs(step)
	n.Add(n, size).Sub(n, big.NewInt(1))
	return start, step, n.Quo(n, size)
}

// appendKey writes what tells ranges with different elements apart.
func (r Range) appendKey(b []byte) []byte {
	start, step, n := r.parts()
	b = n.Append(append(b, 'r'), 16)
	if n.Sign() > 0 {
		b = start.Append(append(b, ','), 16)
	}
	if n.Cmp(big.NewInt(1)) > 0 {
		b = step.Append(append(b, ','), 16)
	}
	return b
}

// bigOf converts an int64 or *big.Int; other values are 0.
func bigOf(v Value) *big.Int {
	switch t := v.(type) {
	case int64:
		return big.NewInt(t)
	case *big.Int:
		return t
	}
	return new(big.Int)
}
