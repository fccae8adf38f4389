package metrics

import (
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hone/source/python"
)

func parse(t testing.TB, text string) *python.Module {
	t.Helper()
	m, err := python.Parse([]byte(text))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return m
}

// TestCognitive has the examples of the paper, in Python, and what it says of
// single constructs. The numbers are the paper's; where it adds one for a jump to
// a label, which Python has not, they are one less.
func TestCognitive(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       int
	}{
		{"sumOfPrimes", `
def sum_of_primes(maximum):
    total = 0
    for i in range(1, maximum + 1):      # +1
        for j in range(2, i):            # +2
            if i % j == 0:               # +3
                break
        total += i
    return total
`, 6},
		{"getWords", `
def get_words(number):
    match number:                        # +1
        case 1:
            return "one"
        case 2:
            return "a couple"
        case 3:
            return "a few"
        case _:
            return "lots"
`, 1},
		{"catch", `
def my_method():
    try:
        if condition1:                   # +1
            for i in range(10):          # +2
                while condition2:        # +3
                    pass
    except (E1, E2):                     # +1
        if condition2:                   # +2
            pass
`, 9},
		{"lambda", `
def my_method2():
    r = lambda: 1 if condition1 else 0   # +2
`, 2},
		{"operators", `
def f():
    if a and b and c or d or e and f:    # +1, and +1, or +1, and +1
        pass
    if a and not (b and c):              # +1, and +1, and +1
        pass
`, 7},
		{"overriddenSymbolFrom", `
def overridden_symbol_from(self, class_type):
    if class_type.is_unknown():                                   # +1
        return UNKNOWN
    unknown_found = False
    symbols = class_type.get_symbol().members().lookup(name)
    for s in symbols:                                             # +1
        if s.is_kind(MTH) and not s.is_static():                  # +2, +1
            if can_override(s):                                   # +3
                overriding = check_parameters(s, class_type)
                if overriding is None:                            # +4
                    if not unknown_found:                         # +5
                        unknown_found = True
                elif overriding:                                  # +1
                    return s
    if unknown_found:                                             # +1
        return UNKNOWN
    return None
`, 19},
		{"addVersion", `
def add_version(self, entry, txn):
    ti = self.persistit.transaction_index()
    while True:                                                   # +1
        try:
            with lock:
                if frst is not None:                              # +2
                    if frst.version() > entry.version():          # +3
                        raise RollbackException()
                    if txn.is_active():                           # +3
                        for e in frst:                            # +4
                            version = e.version()
                            depends = ti.wwDependency(version, txn, 0)
                            if depends == TIMED_OUT:              # +5
                                raise Retry(version)
                            if depends != 0 and depends != ABORTED:  # +5, +1
                                raise RollbackException()
                entry.previous = frst
                frst = entry
                break
        except Retry as re:                                       # +2
            try:
                depends = ti.wwDependency(re.version, txn, 1)
                if depends != 0 and depends != ABORTED:           # +3, +1
                    raise RollbackException()
            except Interrupted as ie:                             # +3
                raise Other(ie)
        except Interrupted as ie:                                 # +2
            raise Other(ie)
`, 35},
		{"else", "def f():\n  if a: pass\n  elif b: pass\n  else:\n    if c: pass\n", 5},
		{"else of a loop", "def f():\n  for x in y: pass\n  else:\n    if c: pass\n", 4},
		{"else of a try", "def f():\n  try: pass\n  finally: pass\n", 0},
		{"elif nested", "def f():\n  if a:\n    if b: pass\n    elif c: pass\n    elif d: pass\n", 5},
		{"parentheses", "def f(): return a or (b and c) or d", 2},
		{"and in parentheses", "def f(): return a and (b and c) and d", 2},
		{"no parentheses", "def f(): return a or b and c or d", 3},
		{"a comment between", "def f(): return (a or ( # (\n b and c) or d)", 2},
		{"the first in parentheses", "def f(): return (a and b) or c or d and e", 3},
		{"all in parentheses", "def f(): return (a and b or c)", 2},
		{"nested function", "def f():\n  def g():\n    if a: pass\n  g()\n", 2},
		{"decorator", "def f(g):\n  def h():\n    if a: pass\n  return h\n", 1},
		{"decorator with more", "def f(g):\n  x = 1\n  def h():\n    if a: pass\n  return h\n", 2},
		{"decorator of parameters", "def d(p):\n  def f(g):\n    def h():\n      if a: pass\n    return h\n  return f\n", 1},
		{"async", "async def f():\n  async for x in y:\n    async with z: pass\n", 1},
		{"except*", "def f():\n  try: pass\n  except* A: pass\n", 1},
	} {
		m := parse(t, strings.TrimPrefix(c.text, "\n"))
		got := Of(m)
		if got.Functions[0].Cognitive != c.want {
			t.Errorf("%s: %d, want %d", c.name, got.Functions[0].Cognitive, c.want)
		}
		if got.Cognitive != got.Functions[0].Cognitive {
			t.Errorf("%s: the module has %d, its function %d", c.name, got.Cognitive, got.Functions[0].Cognitive)
		}
	}
	if n := Of(parse(t, "if a:\n  def f():\n    if b: pass\n")).Cognitive; n != 2 {
		t.Errorf("a function outside of others starts at no nesting: %d, want 2", n)
	}
}

func TestRecursion(t *testing.T) {
	for _, c := range []struct {
		name, text, want string // want are the functions found, in their order
	}{
		{"direct", "def f(): f()\ndef g(): f()", "f"},
		{"indirect", "def f(): g()\ndef g(): h()\ndef h(): f()\ndef i(): f()", "f g h"},
		{"before the definition", "def f(): return g()\ndef g(): return f()", "f g"},
		{"method", "class A:\n  def f(self): self.g()\n  def g(this): this.f()\n  def h(self): self.f()", "A.f A.g"},
		{"a name of the class is no method's", "class A:\n  def f(self): f()", ""},
		{"another object's method", "class A:\n  def f(self, a): a.f()", ""},
		{"super", "class A(B):\n  def f(self): super().f()", ""},
		{"inner", "def f():\n  def g(): g()\n  g()", "f.<locals>.g"},
		{"inner and outer", "def f():\n  def g(): f()\n  g()", "f f.<locals>.g"},
		{"self in a function inside", "class A:\n  def f(self):\n    def g(): self.f()\n    g()", "A.f A.f.<locals>.g"},
		{"parameter", "def f(g): g()\ndef g(): f(1)", ""},
		{"lambda", "def f(): return lambda: f()", "f"},
		{"two cycles", "def a(): b()\ndef b(): a(); c()\ndef c(): d()\ndef d(): c()\ndef e(): a()", "a b c d"},
	} {
		m := parse(t, c.text)
		found := recursive(m)
		var names []string
		definitions(m, "", func(name string, f *python.FunctionDef) {
			if found[f] {
				names = append(names, name)
			}
		})
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestCyclomatic has what mccabe 0.7 and radon 5.1 answer for a module: 1 and
// each graph's complexity beyond 1, and total_complexity.
func TestCyclomatic(t *testing.T) {
	for _, c := range []struct {
		text          string
		mccabe, radon int
	}{
		{"class A:\n  class B:\n    def f(self):\n      if a: pass\n  def g(self): pass\n  if b: pass\n", 3, 3},
		{"def f():\n  class A:\n    def g(self):\n      while a: pass\n  def h():\n    if a and b: pass\n", 5, 1},
		{"try:\n  a\nexcept A: b\nexcept B: c\nelse: d\nfinally:\n  if e: pass\n", 4, 5},
		{"for x in y:\n  def f():\n    with a:\n      for z in x: pass\n      else: pass\nelse:\n  pass\n", 4, 5},
		{"with a:\n  def f():\n    assert a and b, [c for c in d if e if f]\n    return [c for c in d if e if f]\n", 1, 5},
		{"def f():\n  lambda: a if b else c\n  async def g():\n    async for x in y: pass\n", 3, 2},
		{"def f():\n  match a:\n    case 1 if b or c:\n      if d: pass\n", 1, 3},
		{"def f():\n  try: a\n  except* A:\n    if b: pass\n", 1, 2},
	} {
		if m := Of(parse(t, c.text)); m.McCabe != c.mccabe || m.Cyclomatic != c.radon {
			t.Errorf("mccabe %d, radon %d; want %d, %d for\n%s", m.McCabe, m.Cyclomatic, c.mccabe, c.radon, c.text)
		}
	}
}

// TestLines has what radon 5.1 answers (radon.raw.analyze) for the unusual.
func TestLines(t *testing.T) {
	for _, c := range []struct {
		text string
		want Lines // LOC, LLOC, SLOC, Comments, SingleComments, Multi, Blank
	}{
		{"", Lines{}},
		{"\n\n", Lines{2, 0, 0, 0, 0, 0, 2}},
		{"x = 1", Lines{1, 1, 1, 0, 0, 0, 0}},
		{"# c", Lines{1, 0, 0, 1, 1, 0, 0}},
		{"x = 1  # c\n", Lines{1, 1, 1, 1, 0, 0, 0}},
		{"'''a\n\nb'''\n", Lines{3, 1, 0, 0, 0, 2, 1}},
		{"'''a'''\n", Lines{1, 1, 0, 0, 1, 0, 0}},
		{"'''a'''  # c\n", Lines{1, 1, 1, 1, 0, 0, 0}},
		{"x = [\n  # c\n\n  1]\n", Lines{4, 1, 3, 1, 0, 0, 1}},
		{"if a: b; c\n", Lines{1, 2, 1, 0, 0, 0, 0}},
		{"if a:\n  b\nelse:\n  c;\n", Lines{4, 4, 4, 0, 0, 0, 0}},
		{"f = lambda: x; y\n", Lines{1, 2, 1, 0, 0, 0, 0}},
		{"x[1:2]\n", Lines{1, 2, 1, 0, 0, 0, 0}},
		{"f'{a:>3}'\n", Lines{1, 1, 0, 0, 1, 0, 0}},
		{"x = 1\n\x0c\ny = 2\n", Lines{4, 2, 2, 0, 0, 0, 2}},
		{"x = 'a\\\nb'\n", Lines{2, 1, 2, 0, 0, 0, 0}},
		{"x = 1\r\ny = 2\r\n", Lines{2, 2, 2, 0, 0, 0, 0}},
	} {
		if got := Of(parse(t, c.text)).Lines; got != c.want {
			t.Errorf("%q:\n got %+v\nwant %+v", c.text, got, c.want)
		}
	}
}

// TestHalsteadOperands: which operands are one, as Python's == and radon have it.
func TestHalsteadOperands(t *testing.T) {
	for _, c := range []struct {
		text string
		want int
	}{
		{"a + a", 1},
		{"a + x.a", 1},
		{"a + 'a'", 1},
		{"a + b'a'", 2},
		{"1 + True", 1},
		{"1 + 1.0", 1},
		{"0 + 0j", 1},
		{"1 + 1j", 2},
		{"10**20 + 1e20", 4}, // 10, 20, 1e20 and the power
		{"100000000000000000000 + 1e20", 1},
		{"None + ...", 2},
		{"'None' + None", 2},
		{"f(a) + f(a)", 2},
		{"-1 + -1", 3},
		{"def f(): a + 1\ndef g(): a + 1", 4},
		{"class A:\n  def f(): a + 1\nclass B:\n  def f(): a + 1", 2},
	} {
		if got := Of(parse(t, c.text)).Halstead.DistinctOperands; got != c.want {
			t.Errorf("%s: %d distinct operands, want %d", c.text, got, c.want)
		}
	}
}

// TestNested: what no program should be is measured all the same.
func TestNested(t *testing.T) {
	sum := "x = " + strings.Repeat("a+", 250_000) + "a\n"
	m, err := python.Parse([]byte(sum))
	if err != nil {
		t.Skipf("NOT RUN: the parser refuses a long sum: %v", err)
	}
	if n := Of(m).Halstead.Operators; n != 250_000 {
		t.Errorf("%d operators", n)
	}
	elifs := "def f():\n  if a: pass\n" + strings.Repeat("  elif a: pass\n", 20_000)
	if m, err = python.Parse([]byte(elifs)); err != nil {
		t.Skipf("NOT RUN: the parser refuses many elifs: %v", err)
	}
	if n := Of(m).Cognitive; n != 20_001 {
		t.Errorf("cognitive complexity of 20,001 branches is %d", n)
	}
}

// TestProperties: measures of a program of two parts follow from those of the parts.
func TestProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := programOf(t, "a")
		b := programOf(t, "b")
		ma, mb, both := measure(t, a), measure(t, b), measure(t, a+b)
		sums := []struct {
			name      string
			a, b, sum int
		}{
			{"flow constructs", ma.FailureBench.FlowConstructs, mb.FailureBench.FlowConstructs, both.FailureBench.FlowConstructs},
			{"calls", ma.FailureBench.FunctionCalls, mb.FailureBench.FunctionCalls, both.FailureBench.FunctionCalls},
			{"length", ma.FailureBench.Length, mb.FailureBench.Length, both.FailureBench.Length},
			{"cc", ma.FailureBench.CC, mb.FailureBench.CC - 1, both.FailureBench.CC},
			{"mccabe", ma.McCabe, mb.McCabe - 1, both.McCabe},
			{"cyclomatic", ma.Cyclomatic, mb.Cyclomatic - 1, both.Cyclomatic},
			{"operators", ma.Halstead.Operators, mb.Halstead.Operators, both.Halstead.Operators},
			{"lines", ma.Lines.LOC, mb.Lines.LOC, both.Lines.LOC},
			{"logical lines", ma.Lines.LLOC, mb.Lines.LLOC, both.Lines.LLOC},
			{"functions", len(ma.Functions), len(mb.Functions), len(both.Functions)},
		}
		for _, s := range sums {
			if s.a+s.b != s.sum {
				t.Errorf("%s: %d and %d, together %d", s.name, s.a, s.b, s.sum)
			}
		}
		if d := max(ma.FailureBench.NestingDepth, mb.FailureBench.NestingDepth); d != both.FailureBench.NestingDepth {
			t.Errorf("depth is %d, want %d", both.FailureBench.NestingDepth, d)
		}
		checkInvariants(t, both)
	})
}

func measure(t *rapid.T, text string) Module {
	m, err := python.Parse([]byte(text))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return Of(m)
}

// programOf draws a program of whole statements.
func programOf(t *rapid.T, label string) string {
	var b strings.Builder
	var block func(indent string, depth int)
	block = func(indent string, depth int) {
		for range rapid.IntRange(1, 3).Draw(t, label) {
			kinds := 9
			if depth > 3 {
				kinds = 4
			}
			kind := rapid.IntRange(0, kinds).Draw(t, label)
			b.WriteString(indent)
			b.WriteString([]string{
				"x = f(a, [1, 2]) + b\n", "'''doc\n\n  more'''\n", "# comment\n" + indent + "pass\n", "assert a < b < c, {1: 2}\n",
				"x: int = y[1:2] if a and b or c else {1}\n", "if a:\n", "for x in y:\n", "def g(self, *a):\n", "class C:\n", "try:\n",
			}[kind])
			if kind < 5 {
				continue
			}
			block(indent+"  ", depth+1)
			switch kind {
			case 5, 6:
				if rapid.Bool().Draw(t, label) {
					b.WriteString(indent + "else:\n")
					block(indent+"  ", depth+1)
				}
			case 9:
				b.WriteString(indent + "except E:\n")
				block(indent+"  ", depth+1)
			}
		}
	}
	block("", 0)
	return b.String()
}

// checkInvariants checks what holds for every program.
func checkInvariants(t interface{ Errorf(string, ...any) }, m Module) {
	lines := m.Lines
	if lines.LOC != lines.SLOC+lines.Blank+lines.Multi+lines.SingleComments {
		t.Errorf("lines do not add up: %+v", lines)
	}
	if m.Maintainability < 0 || m.Maintainability > 100 || m.Maintainability != m.Maintainability {
		t.Errorf("maintainability is %v", m.Maintainability)
	}
	if h := m.Halstead; h.DistinctOperators > h.Operators || h.DistinctOperands > h.Operands || (h.Operators == 0) != (h.Operands == 0) {
		t.Errorf("%+v", h)
	}
	if m.McCabe < 1 || m.Cyclomatic < 1 || m.Cognitive < 0 || m.FailureBench.CC < 1 || m.FailureBench.NestingDepth < 1 {
		t.Errorf("%+v", m)
	}
	for _, f := range m.Functions {
		if f.McCabe < 1 || f.McCabe > m.McCabe+1 || f.Halstead.Operators > m.Halstead.Operators || f.FailureBench.NestingDepth >= m.FailureBench.NestingDepth {
			t.Errorf("%s has more than its module: %+v, %+v", f.Name, f, m)
		}
		if f.Maintainability < 0 || f.Maintainability > 100 {
			t.Errorf("%s: maintainability is %v", f.Name, f.Maintainability)
		}
	}
}

func FuzzOf(f *testing.F) {
	for _, name := range []string{"metrics_test.go", "testdata/oracle/tools.py", "testdata/function.py"} {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte("async def f():\n async with a, b: pass\n match x:\n  case [1, *_] if a or (b and c) or d: pass\n"))
	f.Add([]byte("try: pass\nexcept* E: yield\nx = f'{a:{b}}' 'c'\n\x0c'''\x0c\u2028'''\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, _ := python.ParseTolerant(text)
		Of(m)
		if m, err := python.Parse(text); err == nil {
			checkInvariants(t, Of(m))
		}
	})
}

// BenchmarkOf measures a function of 30 lines.
func BenchmarkOf(b *testing.B) {
	text, err := os.ReadFile("testdata/function.py")
	if err != nil {
		b.Fatal(err)
	}
	m, err := python.Parse(text)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		Of(m)
	}
}
