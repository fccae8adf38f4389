package base

import (
	"context"
	"testing"

	"hone/generate"
)

// The model that comes along loads and does what docs/base.md shows.
func TestModel(t *testing.T) {
	dir := t.TempDir()
	for range 2 { // the second time everything is there
		if err := Write(dir); err != nil {
			t.Fatal(err)
		}
	}
	m, err := generate.OpenLocal(dir, generate.LocalOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	cs, err := m.Generate(context.Background(), generate.Request{
		Prompt: "# Return the sum of the squares of the even numbers in xs.\ndef f(xs):\n", N: 1, MaxTokens: 64,
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := cs[0].Text, "    total = 0\n    for x in xs:\n        if x % 2 == 0:\n            total += x * x\n    return total\n"; got != want {
		t.Errorf("%q, not %q", got, want)
	}
}
