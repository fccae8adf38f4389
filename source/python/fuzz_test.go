package python

import (
	"testing"

	"hone/source"
)

func seeds(f *testing.F) {
	for _, s := range []string{
		shortFunction,
		"def f(a, /, b: int = 1, *args: *Ts, c, **kw) -> None:\n\tpass\n",
		"match x:\n  case [1, *_] | {'a': -1j, **r} if y: pass\n  case C(a, b=2) as z: pass\n",
		"f'{a!r:>{w}} {{ {b=} \\N{BULLET}' rf'''{\n'x'}'''\n",
		"try:\n  pass\nexcept* E as e:\n  raise X from e\nfinally:\n  del a[1:2, ...], b.c\n",
		"async def g():\n  async with a as b, c: await x\n  return [i async for i in y if z]\n",
		"type X[T: int = str, *U, **V] = T | None\nclass C[T](B, m=1): x: int = 0o7\n",
		"x = [*a, {**b, 1: 2}, {3}, lambda *, k=1: (yield), not a if b else ~c]\\\n\n",
		"\xef\xbb\xbf# coding: utf-8\r\nif x:\r\ty\r \f z\n", "# coding: latin-1\ns = '\xe9'",
		"(((", "f'{", "'''", "x = $", "print 'a'\nexec b", "if 1:\n        a\n\tb\n", "\x00", "a\\", "1_", "0x",
		"with (a as b, c,): pass\nwith (yield): pass\n", "@a.b[0]()\n@c\nclass D: ...\n",
		"global a, b; nonlocal c; from ..a import (b as c, d,); import a.b as c\n",
	} {
		f.Add([]byte(s))
	}
}

func FuzzTokenize(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, src []byte) {
		text, _, _ := Decode(src)
		tokens, _ := Tokenize(text)
		last, depth := 0, 0
		for _, k := range tokens {
			if k.Span.Start < last || k.Span.End < k.Span.Start || k.Span.End > len(text) {
				t.Fatalf("token %v after %d in a text of %d", k, last, len(text))
			}
			last = k.Span.End
			switch k.Kind {
			case INDENT:
				depth++
			case DEDENT:
				depth--
			}
		}
		if depth != 0 || len(tokens) == 0 || tokens[len(tokens)-1].Kind != ENDMARKER {
			t.Fatalf("%d blocks stay open, or there is no end", depth)
		}
		JoinFStrings(tokens)
	})
}

// FuzzParse holds that positions are nested and in the text, that the two ways
// of parsing agree, and that trees can be printed and hashed.
func FuzzParse(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, src []byte) {
		m, err := Parse(src)
		tolerant, errs := ParseTolerant(src)
		if (err == nil) != (len(errs) == 0) {
			t.Fatalf("strictly: %v; tolerantly: %v", err, errs)
		}
		checkSpans(t, tolerant, source.Span{Start: 0, End: len(tolerant.Text)})
		if err == nil && Dump(m, 13) != Dump(tolerant, 13) {
			t.Fatal("the tolerant tree differs")
		}
		DumpPositions(tolerant, 11)
		Hash(tolerant, true)
		for _, e := range errs {
			if e.Span.Start < 0 || e.Span.End > len(tolerant.Text) || e.Span.Start > e.Span.End || e.Message == "" {
				t.Fatalf("error %+v in a text of %d", e, len(tolerant.Text))
			}
		}
	})
}

// checkSpans checks that nodes lie in the span of their parent, but for
// decorators, which stand before what they decorate.
func checkSpans(t *testing.T, n Node, outer source.Span) {
	if s := n.Pos(); !outer.Contains(s) || s.Start > s.End {
		t.Fatalf("%T at %v is not in %v", n, s, outer)
	}
	decorators := map[Node]bool{}
	switch n := n.(type) {
	case *FunctionDef:
		for _, d := range n.DecoratorList {
			decorators[d] = true
		}
	case *ClassDef:
		for _, d := range n.DecoratorList {
			decorators[d] = true
		}
	}
	Children(n, func(c Node) {
		if decorators[c] {
			checkSpans(t, c, source.Span{Start: 0, End: n.Pos().Start})
		} else {
			checkSpans(t, c, n.Pos())
		}
	})
}
