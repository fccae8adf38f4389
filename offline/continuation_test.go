package offline

import (
	"testing"

	"pgregory.net/rapid"

	"hone/source/python"
)

func TestContinuation(t *testing.T) {
	const lead = "from math import pi\n\n\ndef area(r):\n    \"\"\"Of a circle.\"\"\"\n"
	for _, c := range []struct{ name, lead, code, want string }{
		{"begins with the lead", lead, lead + "    return 1\n", "    return 1\n"},
		{"other docstring", lead, "def area(r):\n    '''Area.'''\n    # so\n    return pi * r\n", "    return pi * r\n"},
		{"one line", lead, "def area(r): return pi * r\n", "    return pi * r\n"},
		{"what follows", lead, "def area(r):\n    return f(r)\n\ndef f(x):\n    return x\n", "    return f(r)\n\ndef f(x):\n    return x\n"},
		{"an import of the lead's", lead, "from math import pi\ndef area(r):\n    return pi\n", "    return pi\n"},
		{"another import", lead, "import math\ndef area(r):\n    return math.pi\n", ""},
		{"another function before", lead, "def f(x):\n    return x\ndef area(r):\n    return f(r)\n", ""},
		{"a statement before", lead, "print(1)\ndef area(r):\n    return 1\n", ""},
		{"other parameters", lead, "def area(x):\n    return x\n", ""},
		{"another indentation", lead, "def area(r):\n  return r\n", ""},
		{"a decorator", lead, "@cache\ndef area(r):\n    return r\n", ""},
		{"another function", lead, "def volume(r):\n    return r\n", ""},
		{"a docstring alone", lead, "def area(r):\n    '''Area.'''\n", ""},
		{"no program", lead, "def area(r:\n", ""},
		{"behind a head", "\"\"\"Area.\"\"\"\ndef area(", "def area(x, y=2):\n  return x\n", "x, y=2):\n  return x\n"},
		{"behind a whole head", "# Of a circle.\ndef area(r):\n", "def area(r):\n    # so\n    return pi * r\n", "    # so\n    return pi * r\n"},
		{"behind another whole head", "# Of a circle.\ndef area(r):\n", "def area(r, x):\n    return r\n", ""},
		{"behind a head, with an import", "def area(", "import math\ndef area(x):\n  return x\n", ""},
	} {
		got, ok := Continuation(c.lead, c.code, "area")
		if got != c.want && ok || ok != (c.want != "") {
			t.Errorf("%s: %q, %v", c.name, got, ok)
		}
	}
}

// What goes behind the head of a function is its program again.
func TestContinuationIsTheProgram(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.SliceOfN(rapid.SampledFrom([]string{"    a = b\n", "    if a:\n        b = a\n", "    '''text'''\n", "    # why\n", "    s = '''\nx\n'''\n", "\n", "    return a\n"}), 1, 6).Draw(t, "body")
		code := "def f(a, b):\n    pass\n"
		for _, s := range body {
			code += s
		}
		m, err := python.Parse([]byte(code))
		if err != nil {
			t.Fatal(err)
		}
		const lead = "def f(a, b):\n    \"\"\"Shown.\"\"\"\n"
		text, ok := Continuation(lead, code, "f")
		if !ok {
			t.Fatalf("%q has no continuation", code)
		}
		again, err := python.Parse([]byte(lead + text))
		if err != nil || python.Hash(again, false) != python.Hash(m, false) {
			t.Fatalf("%q became %q: %v", code, text, err)
		}
	})
}
