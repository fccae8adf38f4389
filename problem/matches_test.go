package problem

import (
	"bufio"
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"
)

// TestMatchesEvalPlusGolden compares with EvalPlus' rule as numpy computes it.
func TestMatchesEvalPlusGolden(t *testing.T) {
	f, err := os.Open("testdata/matches.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n := 0
	for sc := bufio.NewScanner(f); sc.Scan(); n++ {
		var row struct {
			Got, Want json.RawMessage
			Atol      float64
			OK        bool
		}
		if err := json.Unmarshal(sc.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		got, err := DecodeValue(row.Got)
		if err != nil {
			t.Fatal(err)
		}
		want, err := DecodeValue(row.Want)
		if err != nil {
			t.Fatal(err)
		}
		if ok := Matches(CompareEvalPlus, row.Atol, got, want); ok != row.OK {
			t.Errorf("line %d: %s for %s with atol %v: %v, EvalPlus says %v", n+1, Show(got), Show(want), row.Atol, ok, row.OK)
		}
	}
	if n < 1500 {
		t.Errorf("only %d comparisons", n)
	}
}

func TestMatches(t *testing.T) {
	i := func(n int64) Value { return n }
	deep := func(leaf Value) Value {
		for range 899 {
			leaf = List{leaf}
		}
		return leaf
	}
	for _, c := range []struct {
		name          string
		cmp           Comparison
		atol          float64
		got, expected Value
		want          bool
	}{
		{"default is ==", "", 0, 1.0, i(1), true},
		{"unknown", "roughly", 0, i(1), i(1), false},
		{"within atol", CompareEqual, 0.1, 1.05, i(1), true},
		{"outside atol", CompareEqual, 0.01, 1.05, i(1), false},
		{"no relative tolerance", CompareEqual, 1e-6, 1e10 + 1, 1e10, false},
		{"nested", CompareEqual, 0.1, Dict{{"a", List{1.05, "x"}}}, Dict{{"a", List{i(1), "x"}}}, true},
		{"nested text differs", CompareEqual, 0.1, List{1.05, "x"}, List{1.0, "y"}, false},
		{"list for tuple", CompareEqual, 0.1, List{1.05}, Tuple{1.0}, false},
		{"dict keys are exact", CompareEqual, 0.1, Dict{{1.05, i(1)}}, Dict{{1.0, i(1)}}, false},
		{"bool has no tolerance", CompareEqual, 0.1, 1.05, true, false},
		{"bool equals one", CompareEqual, 0.1, i(1), true, true},
		{"infinities", CompareEqual, 0.1, math.Inf(1), math.Inf(1), true},
		{"infinity and number", CompareEqual, math.MaxFloat64, math.Inf(1), 1.0, false},
		{"nan", CompareEqual, 0.1, math.NaN(), math.NaN(), false},
		{"decimal", CompareEqual, 0.1, Decimal("1.05"), 1.0, true},
		{"complex", CompareEqual, 0.1, complex(1, 0.05), i(1), true},
		{"deep", CompareEqual, 0.1, deep(1.05), deep(1.0), true},
		{"deep", CompareEvalPlus, 0.1, deep(1.05), deep(1.0), true},
		{"exact without atol", CompareEvalPlus, 0, List{1.0, i(2) /* not all floats */}, List{1.0 + 1e-9, i(2)}, false},
		{"float gets 1e-6", CompareEvalPlus, 0, 1.0 + 5e-7, 1.0, true},
		{"int for float", CompareEvalPlus, 1, i(2), 2.5, false},
		{"set", CompareSet, 0, List{i(1), i(2), i(2)}, Tuple{2.0, true}, true},
		{"set of unhashable", CompareSet, 0, List{List{i(1)}, List{}}, List{List{}, List{i(1)}}, false},
		{"equal and unhashable", CompareSet, 0, List{List{}}, List{List{}}, true},
		{"set of dict", CompareSet, 0, Dict{{"a", i(1)}}, List{"a"}, true},
		{"set of text", CompareSet, 0, "aé\xed\xa0\x80", List{"\xed\xa0\x80", "é", "a"}, true},
		{"set of bytes", CompareSet, 0, Bytes("ab"), List{i(97), i(98)}, true},
		{"set of range", CompareSet, 0, Range{i(0), i(3), i(1)}, FrozenSet{i(0), i(1), i(2)}, true},
		{"set of number", CompareSet, 0, i(1), List{i(1)}, false},
		{"not none", CompareNotNone, 0, List{}, true, true},
		{"none", CompareNotNone, 0, nil, true, false},
		{"none expected", CompareNotNone, 0, nil, false, true},
		{"bool counts as itself", CompareNotNone, 0, false, true, false},
		{"any", CompareAny, 0, Object{"x"}, nil, true},
	} {
		if got := Matches(c.cmp, c.atol, c.got, c.expected); got != c.want {
			t.Errorf("%s: Matches(%s, %v, %s, %s) = %v", c.name, c.cmp, c.atol, Show(c.got), Show(c.expected), got)
		}
	}
	if !strings.HasPrefix(Show(deep(i(1))), "[[[") {
		t.Error("deep repr")
	}
}
