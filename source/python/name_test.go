package python

import "testing"

// TestNameSpan: the span of a name is that of its own token.
func TestNameSpan(t *testing.T) {
	const text = "async def first(a): pass\nclass Second[T](x): pass\n"
	m, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	f, c := m.Body[0].(*FunctionDef), m.Body[1].(*ClassDef)
	if got := text[f.NameSpan.Start:f.NameSpan.End]; got != "first" {
		t.Errorf("the function's name is at %q", got)
	}
	if got := text[c.NameSpan.Start:c.NameSpan.End]; got != "Second" {
		t.Errorf("the class's name is at %q", got)
	}
}
