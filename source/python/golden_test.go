package python

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestConstructs compares trees of every construct with what CPython 3.11 and
// 3.13 made of them (testdata/gen/golden.py).
func TestConstructs(t *testing.T) {
	dumps, err := filepath.Glob("testdata/constructs/*.dump")
	if err != nil || len(dumps) < 30 {
		t.Fatal(err, dumps)
	}
	for _, dump := range dumps {
		var version Version
		name, suffix, _ := strings.Cut(filepath.Base(dump), ".")
		if _, err := fmt.Sscanf(suffix, "3.%d.dump", &version); err != nil {
			t.Fatal(dump, err)
		}
		src, err := os.ReadFile("testdata/constructs/" + name + ".py")
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(dump)
		if err != nil {
			t.Fatal(err)
		}
		m, err := Parse(src)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if have := dumpLike(m, version); have != string(want) {
			t.Errorf("%s for 3.%d differs %s", name, version, firstDifference(have, string(want)))
		}
	}
}

// TestConstructTokens compares tokens with those of the python3 at hand.
func TestConstructTokens(t *testing.T) {
	o := newOracle(t, "oracle.py")
	paths, _ := filepath.Glob("testdata/constructs/*.py")
	for _, path := range paths {
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		a := o.program(t, path)
		switch name := filepath.Base(path); {
		case a.Tokens == nil || a.Version >= 12:
			continue
		case name == "newfstrings.py": // which 3.11 sees otherwise
			continue
		}
		text, _, err := Decode(src)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		tokens, err := Tokenize(text)
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
		if have := tokensLike(text, JoinFStrings(tokens)); have != *a.Tokens {
			t.Errorf("%s: tokens differ %s", path, firstDifference(have, *a.Tokens))
		}
	}
}
