package python

import "testing"

func hashOf(t *testing.T, src string, alpha bool) [32]byte {
	t.Helper()
	m, err := Parse([]byte(src))
	if err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	return Hash(m, alpha)
}

func TestHash(t *testing.T) {
	for _, c := range []struct {
		a, b         string
		equal, alpha bool
	}{
		{"def f(a):\n  return a", "def f( a ) : # x\n\treturn (a)", true, true},
		{"def f(a):\n  'doc'\n  return a", "def f(a): return a", true, true},
		{"def f(a): 'doc'", "def f(a): pass", true, true},
		{"'module'\nx = 0x10", "x = 1_6", true, true},
		{"x = 'a' 'b'", `x = u"ab"`, true, true},
		{"x = 1", "x = 1.0", false, false},
		{"x = 1", "y = 1", false, false},
		{"def f(a): return a", "def f(b): return b", false, true},
		{"def f(a): return a", "def g(a): return a", false, false},
		{"def f(a, b): return a", "def f(a, b): return b", false, false},
		{"def f(a): return g(a=a)", "def f(b): return g(a=b)", false, true},
		{"def f(a): return x", "def f(a): return a", false, false},
		{"def f():\n x = 1\n return lambda y: x + y", "def f():\n p = 1\n return lambda q: p + q", false, true},
		{"def f():\n x = 1\n return lambda y: x + y", "def f():\n p = 1\n return lambda p: p + p", false, false},
		{"def f():\n global x\n x = 1", "def f():\n global y\n y = 1", false, false},
		{
			"def f():\n x = 1\n def g():\n  nonlocal x\n  x = 2\n return g",
			"def f():\n y = 1\n def h():\n  nonlocal y\n  y = 2\n return h", false, true,
		},
		{
			"def f():\n x = 1\n def g():\n  nonlocal x\n  x = 2\n return g",
			"def f():\n y = 1\n def h():\n  z = 2\n return h", false, false,
		},
		{"def f(s): return [x for x in s if x]", "def f(t): return [y for y in t if y]", false, true},
		{"[x for x in s]", "[y for y in s]", false, true},
		{"class C:\n  x = 1\n  def f(self): return x", "class C:\n  x = 1\n  def f(me): return x", false, true},
		{"class C:\n  x = 1", "class C:\n  y = 1", false, false},
		{"def f():\n  import os\n  return os", "def f():\n  import sys\n  return sys", false, false},
		{"def f():\n  import os as o\n  return o", "def f():\n  import os as p\n  return p", false, true},
		{
			"def f(x):\n match x:\n  case [a, *b] if (c := a): return b, c",
			"def f(y):\n match y:\n  case [p, *q] if (r := p): return q, r", false, true,
		},
		{
			"def f():\n try: pass\n except E as e: return e",
			"def f():\n try: pass\n except E as g: return g", false, true,
		},
	} {
		if got := hashOf(t, c.a, false) == hashOf(t, c.b, false); got != c.equal {
			t.Errorf("%q and %q: equal %v", c.a, c.b, got)
		}
		if got := hashOf(t, c.a, true) == hashOf(t, c.b, true); got != c.alpha {
			t.Errorf("%q and %q: alpha-equivalent %v", c.a, c.b, got)
		}
	}
}
