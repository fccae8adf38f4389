package corpus

import (
	"testing"

	"hone/source/python"
)

func TestWithoutDocstrings(t *testing.T) {
	for _, x := range []struct{ text, want string }{
		{"def f():\n    \"\"\"Text\n    more\n    \"\"\"\n\n    return 1\n", "def f():\n    return 1\n"},
		{"def f():\n    'only'\n", "def f():\n    'only'\n"},
		{"def f(): 'same line'; return 1\n", "def f(): 'same line'; return 1\n"},
		{"def f():\n    'text' ; x = 1\n", "def f():\n    'text' ; x = 1\n"},
		{"'module'\nclass C:\n    'class'\n    def f(self):\n        'method'\n        x = 'kept'\n        'kept'\n", "class C:\n    def f(self):\n        x = 'kept'\n        'kept'\n"},
		{"def f():\n    b'no text'\n    return\n", "def f():\n    b'no text'\n    return\n"},
		{"def f():\n    'broken'\n    return (\n", "def f():\n    'broken'\n    return (\n"},
		{"def f():\n    'last'\n    pass", "def f():\n    pass"},
	} {
		if got := WithoutDocstrings(x.text); got != x.want {
			t.Errorf("%q became %q, want %q", x.text, got, x.want)
		}
	}
}

func TestStatements(t *testing.T) {
	for _, x := range []struct {
		text string
		n    int
		ok   bool
	}{
		{"def f():\n    'doc'\n    if x: return 1\n    'not one'\n", 4, true},
		{"x = 1; y = 2", 2, true},
		{"", 0, true},
		{"def f(:\n", 0, false},
	} {
		if n, ok := statements(x.text); n != x.n || ok != x.ok {
			t.Errorf("%q: %d statements, %v; want %d, %v", x.text, n, ok, x.n, x.ok)
		}
	}
}

func FuzzWithoutDocstrings(f *testing.F) {
	for _, s := range []string{"def f():\n 'a'\n return", "'a'\n\n\nx", "class C:\n\t'''\n'''\n\tx=1", "def f():\n 'a'\\\n\n x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, err := python.Parse([]byte(text))
		if err != nil || string(m.Text) != text {
			return
		}
		got := WithoutDocstrings(text)
		if _, err := python.Parse([]byte(got)); err != nil {
			t.Fatalf("%q became %q: %v", text, got, err)
		}
	})
}
