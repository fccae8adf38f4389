package corpus

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFunctionsOf(t *testing.T) {
	const file = `"""A module.

def not_this(): it is in a string
"""
import os

@decorated
def first(a,
    b=")"):
    """Text
at the margin: 'quoted'
    """
    # comment
    def inner():
        return "'''"

# between
    return inner
X = [
def_ ]
class C:
    y = 1

    @property
    # a comment
    async def method(self):
        return """
  less
"""

    def other(self): return 2
@decorator
class D(object):
    pass
def last(): \
    pass`
	want := []unit{
		{7, "@decorated\ndef first(a,\n    b=\")\"):\n    \"\"\"Text\nat the margin: 'quoted'\n    \"\"\"\n    # comment\n    def inner():\n        return \"'''\"\n\n# between\n    return inner\n"},
		{24, "@property\n# a comment\nasync def method(self):\n    return \"\"\"\nless\n\"\"\"\n"},
		{31, "def other(self): return 2\n"},
		{35, "def last(): \\\n    pass"},
	}
	if d := cmp.Diff(want, functionsOf(file), cmp.AllowUnexported(unit{})); d != "" {
		t.Error(d)
	}
}

func FuzzFunctionsOf(f *testing.F) {
	for _, s := range []string{"def f():\n  '''", "@x\n@y", "class A:\n\tdef f(self):\n\t\treturn (", "def f(): 'a\\", "\\", "def f():\n pass\n\\"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		total := 0
		for _, u := range functionsOf(text) {
			total += len(u.text)
			if u.line < 1 || u.text == "" {
				t.Fatalf("%+v", u)
			}
		}
		if total > len(text) {
			t.Fatalf("%d bytes of functions in %d", total, len(text))
		}
	})
}
