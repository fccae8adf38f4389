package problem

import (
	"bufio"
	"encoding/json"
	"math"
	"math/big"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// golden is a line of testdata/values.jsonl, written by CPython.
type golden struct {
	Raw   json.RawMessage `json:"v"`
	Repr  *string         `json:"r"`
	Equal []int           `json:"eq"`
}

func readGolden(t testing.TB) ([]golden, []Value) {
	t.Helper()
	f, err := os.Open("testdata/values.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var rows []golden
	var values []Value
	for sc := bufio.NewScanner(f); sc.Scan(); {
		var g golden
		if err := json.Unmarshal(sc.Bytes(), &g); err != nil {
			t.Fatal(err)
		}
		v, err := DecodeValue(g.Raw)
		if err != nil {
			t.Fatalf("line %d: %v", len(rows)+1, err)
		}
		rows, values = append(rows, g), append(values, v)
	}
	if len(rows) < 1000 {
		t.Fatalf("only %d values", len(rows))
	}
	return rows, values
}

func TestValueGoldenEncoding(t *testing.T) {
	rows, values := readGolden(t)
	for i, g := range rows {
		if got := EncodeValue(values[i]); string(got) != string(g.Raw) {
			t.Errorf("line %d: EncodeValue = %s, want %s", i+1, got, g.Raw)
		}
	}
}

func TestReprGolden(t *testing.T) {
	rows, values := readGolden(t)
	for i, g := range rows {
		if got := Repr(values[i]); g.Repr != nil && got != *g.Repr {
			t.Errorf("line %d: Repr = %s, want %s", i+1, got, *g.Repr)
		}
	}
}

// TestEqualGolden compares every pair, some 800,000, with Python's ==.
func TestEqualGolden(t *testing.T) {
	rows, values := readGolden(t)
	keys := make([]string, len(values))
	hashable := make([]bool, len(values))
	for i, v := range values {
		keys[i], hashable[i] = hashKey(v)
	}
	for i, g := range rows {
		want := map[int]bool{}
		for _, j := range g.Equal {
			want[j] = true
		}
		for j := range i + 1 {
			if got := Equal(values[i], values[j]); got != want[j] {
				t.Errorf("Equal(%s, %s) = %v, Python says %v", Show(values[i]), Show(values[j]), got, want[j])
			}
			if Equal(values[j], values[i]) != want[j] {
				t.Errorf("Equal(%s, %s) is not symmetric", Show(values[i]), Show(values[j]))
			}
			if hashable[i] && hashable[j] && (keys[i] == keys[j]) != want[j] {
				t.Errorf("keys of %s and %s: %q and %q, equal in Python: %v", Show(values[i]), Show(values[j]), keys[i], keys[j], want[j])
			}
		}
	}
}

func TestEqualRaw(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{`[1,2]`, `[1,2]`, true},
		{`[1,2]`, `[1, 2.0]`, true},
		{`{"float":"nan"}`, `{"float":"nan"}`, false},
		{`[{"decimal":"NaN"}]`, `[{"decimal":"NaN"}]`, false},
		{`{"object":"Thing"}`, `{"object":"Thing"}`, false},
		{`{"float":"n\u0061n"}`, `{"float":"n\u0061n"}`, false},
		{`"nan"`, `"nan"`, true},
		{`{"set":[1,2]}`, `{"frozenset":[2,1]}`, true},
	} {
		got, err := EqualRaw(json.RawMessage(c.a), json.RawMessage(c.b))
		if err != nil || got != c.want {
			t.Errorf("EqualRaw(%s, %s) = %v, %v", c.a, c.b, got, err)
		}
	}
	if _, err := EqualRaw(json.RawMessage(`1`), json.RawMessage(`{"x":1}`)); err == nil {
		t.Error("an unknown tag is no error")
	}
}

// What no Python would write must still be treated in a sane way.
func TestForgedValues(t *testing.T) {
	one := int64(1)
	for _, c := range []struct {
		a, b Value
		want bool
	}{
		{Set{one, 1.0}, Set{one}, true},
		{Set{List{one}}, Set{List{one}}, false},
		{Dict{{List{}, one}}, Dict{{List{}, one}}, false},
		{Dict{{one, "a"}, {1.0, "b"}}, Dict{{one, "b"}}, true},
		{big.NewInt(1), one, true},
		{Tuple{"a", "b"}, Tuple{"ab"}, false},
		{FrozenSet{Tuple{"1", "i1"}}, FrozenSet{Tuple{"1i", "1"}}, false},
	} {
		if Equal(c.a, c.b) != c.want || Equal(c.b, c.a) != c.want {
			t.Errorf("Equal(%s, %s) is not %v", Repr(c.a), Repr(c.b), c.want)
		}
	}
	for _, bad := range []string{
		`1]`, `1 2`, `{"range":[0,1,0]}`, `{"decimal":"abc"}`, `{"decimal":"1'+x"}`, `{"str":"/w=="}`,
		`{"fraction":["1","0"]}`, `{"tuple":1}`, `{"nope":[]}`, `{}`, `{"dict":[[1]]}`, `{"complex":[1,2]}`, ``, `nul`,
		strings.Repeat("[", 1000) + strings.Repeat("]", 1000),
	} {
		if v, err := DecodeValue([]byte(bad)); err == nil {
			t.Errorf("DecodeValue(%.40s) = %s", bad, Show(v))
		}
	}
}

// A program must not be able to stall its judge with numbers that are small as
// text, or with many values that hash alike.
func TestEqualIsBounded(t *testing.T) {
	huge := Decimal("1E+999999999999999999")
	if Equal(huge, int64(1)) || !Equal(huge, Decimal("10E+999999999999999998")) || Equal(huge, Decimal("1E-999999999999999999")) {
		t.Error("huge decimals")
	}
	if Matches(CompareEqual, 1, huge, int64(1)) || Matches(CompareSet, 0, Range{int64(0), int64(math.MaxInt64), int64(1)}, int64(1)) {
		t.Error("huge values match")
	}
	const n = 50_000
	a, b := make(Set, n), make(Set, n)
	p := new(big.Int).SetInt64(1<<61 - 1) // CPython's hash modulus
	for i := range n {
		a[i] = normInt(new(big.Int).Mul(p, big.NewInt(int64(i))))
		b[n-1-i] = a[i]
	}
	if !Equal(a, b) {
		t.Error("permuted sets differ")
	}
}

func TestReprSpecial(t *testing.T) {
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(4300), nil)
	below := new(big.Int).Sub(limit, big.NewInt(1))
	if s := Repr(below); len(s) != 4300 || s[0] != '9' {
		t.Errorf("4300 digits: %.20s…", s)
	}
	if s := Repr(limit); !strings.HasPrefix(s, "0x") {
		t.Errorf("4301 digits: %.20s…", s)
	}
	if s := Repr(Object{"Thing"}); s != "<Thing object>" {
		t.Error(s)
	}
	long := strings.Repeat("é", 1000)
	if s := Show(long); len(s) > MaxShown || len(s) < MaxShown-1 || !utf8.ValidString(s) || !strings.HasSuffix(s, "é…") {
		t.Errorf("Show cut to %d bytes: %q", len(s), s)
	}
	if s := Show(strings.Repeat("x", MaxShown-2)); len(s) != MaxShown || strings.HasSuffix(s, "…") {
		t.Errorf("Show cut a text of exactly MaxShown bytes: %q", s)
	}
	if got := testing.AllocsPerRun(1, func() { Show(make(List, 1_000_000)) }); got > 100 {
		t.Errorf("Show of a long list allocates %v times", got)
	}
}

// scalars has few distinct values, so that equal pairs are common.
func scalars() *rapid.Generator[Value] {
	return rapid.Custom(func(t *rapid.T) Value {
		n := rapid.Int64Range(-2, 2).Draw(t, "n")
		switch rapid.IntRange(0, 16).Draw(t, "kind") {
		case 0:
			return nil
		case 1:
			return n > 0
		case 2, 3:
			return n
		case 4:
			return float64(n)
		case 5:
			return complex(float64(n), 0)
		case 6:
			return complex(float64(n), 1)
		case 7:
			return Decimal(big.NewInt(n).String() + ".0")
		case 8:
			return Fraction{big.NewRat(n, 3)}
		case 9:
			return Fraction{big.NewRat(n, 1)}
		case 10:
			return rapid.String().Draw(t, "s")
		case 11:
			return Bytes(rapid.SliceOfN(rapid.Byte(), 0, 3).Draw(t, "b"))
		case 12:
			return Range{int64(0), n, int64(1)}
		case 13:
			return rapid.Float64().Draw(t, "f")
		case 14:
			return rapid.Int64().Draw(t, "i")
		case 15:
			i := new(big.Int).Lsh(big.NewInt(rapid.Int64().Draw(t, "i")), uint(rapid.IntRange(0, 2000).Draw(t, "shift")))
			return normInt(i)
		}
		d := rapid.StringMatching(`-?[0-9]{1,4}(\.[0-9]{1,3})?(E[+-][0-9]{1,4})?`).Draw(t, "d")
		return Decimal(d)
	})
}

// hashables are scalars, and tuples and frozensets of them.
func hashables(depth int) *rapid.Generator[Value] {
	if depth == 0 {
		return scalars()
	}
	inner := rapid.SliceOfN(rapid.Deferred(func() *rapid.Generator[Value] { return hashables(depth - 1) }), 0, 3)
	return rapid.OneOf(
		scalars(),
		rapid.Map(inner, func(l []Value) Value { return Tuple(l) }),
		rapid.Map(inner, func(l []Value) Value { return FrozenSet(l) }),
	)
}

// values has neither NaN nor objects: every value equals itself.
func values(depth int) *rapid.Generator[Value] {
	if depth == 0 {
		return hashables(1)
	}
	inner := rapid.SliceOfN(rapid.Deferred(func() *rapid.Generator[Value] { return values(depth - 1) }), 0, 3)
	keys := rapid.SliceOfN(hashables(1), 0, 3)
	return rapid.OneOf(
		hashables(1),
		rapid.Map(inner, func(l []Value) Value { return List(l) }),
		rapid.Map(inner, func(l []Value) Value { return Tuple(l) }),
		rapid.Map(inner, func(l []Value) Value { return Deque(l) }),
		rapid.Map(keys, func(l []Value) Value { return Set(l) }),
		rapid.Custom(func(t *rapid.T) Value {
			d := Dict{}
			for _, k := range keys.Draw(t, "keys") {
				d = append(d, Pair{k, values(depth-1).Draw(t, "value")})
			}
			return d
		}),
	)
}

func TestEqualProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := values(2).Draw(t, "a"), values(2).Draw(t, "b")
		if !Equal(a, a) {
			t.Fatal("not reflexive")
		}
		if Equal(a, b) != Equal(b, a) {
			t.Fatal("not symmetric")
		}
		ka, oka := hashKey(a)
		kb, okb := hashKey(b)
		if oka && okb && Equal(a, b) != (ka == kb) {
			t.Fatalf("keys %q and %q", ka, kb)
		}
		if Equal(List{a, math.NaN()}, List{a, math.NaN()}) || Equal(List{a, Object{"x"}}, List{a, Object{"x"}}) {
			t.Fatal("NaN or an object equals itself")
		}
		for _, cmp := range []Comparison{CompareEqual, CompareEvalPlus, CompareSet} {
			if Equal(a, b) && !Matches(cmp, 0, a, b) {
				t.Fatalf("equal values do not match under %s", cmp)
			}
			if Matches(cmp, 0, a, b) && !Matches(cmp, 1e-3, a, b) {
				t.Fatalf("a tolerance loses a match under %s", cmp)
			}
		}
	})
}

func TestValueRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := values(2).Draw(t, "v")
		raw := EncodeValue(v)
		back, err := DecodeValue(raw)
		if err != nil {
			t.Fatal(err)
		}
		if !Equal(v, back) || Repr(v) != Repr(back) {
			t.Fatalf("%s came back as %s", Repr(v), Repr(back))
		}
		if again := EncodeValue(back); string(again) != string(raw) {
			t.Fatalf("%s encodes as %s", raw, again)
		}
	})
}

func FuzzDecodeValue(f *testing.F) {
	rows, _ := readGolden(f)
	for i := 0; i < len(rows); i += 7 {
		f.Add([]byte(rows[i].Raw))
	}
	f.Add([]byte(`{"str":"7aCA"}`))
	f.Add([]byte(`[1e999,-0,-0.0,1E5]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		v, err := DecodeValue(raw)
		if err != nil {
			return
		}
		first := EncodeValue(v)
		back, err := DecodeValue(first)
		if err != nil {
			t.Fatalf("EncodeValue wrote %s: %v", first, err)
		}
		if second := EncodeValue(back); string(first) != string(second) {
			t.Fatalf("%s, then %s", first, second)
		}
		if Repr(v) != Repr(back) || !utf8.ValidString(Show(v)) {
			t.Fatalf("Repr %s, then %s", Repr(v), Repr(back))
		}
		Equal(v, back)
		Matches(CompareEvalPlus, 0, v, back)
		Matches(CompareSet, 0, v, back)
	})
}

func BenchmarkEqual(b *testing.B) {
	list := func() List {
		l := make(List, 1000)
		for i := range l {
			l[i] = Tuple{int64(i), "text", 0.5}
		}
		return l
	}
	set := func() Set { return Set(list()) }
	for name, pair := range map[string][2]Value{"list": {list(), list()}, "set": {set(), set()}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if !Equal(pair[0], pair[1]) {
					b.Fatal("not equal")
				}
			}
		})
	}
}

func BenchmarkDecodeValue(b *testing.B) {
	l := make(List, 1000)
	for i := range l {
		l[i] = Tuple{int64(i), "text", 0.5}
	}
	raw := EncodeValue(l)
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		if _, err := DecodeValue(raw); err != nil {
			b.Fatal(err)
		}
	}
}
