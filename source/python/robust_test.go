package python

import (
	"os"
	"strings"
	"testing"
	"time"
)

// TestDeep gives deep nesting of every kind: there is an answer, and the tree is
// no deeper than a recursion over it can bear.
func TestDeep(t *testing.T) {
	const n = 10_000
	for name, src := range map[string]string{
		"parentheses": strings.Repeat("(", n) + "1" + strings.Repeat(")", n),
		"brackets":    strings.Repeat("[", n) + strings.Repeat("]", n),
		"unclosed":    strings.Repeat("{", n),
		"closed":      strings.Repeat(")", n),
		"minus":       strings.Repeat("-", n) + "1",
		"not":         strings.Repeat("not ", n) + "1",
		"power":       strings.Repeat("a**", n) + "1",
		"sum":         strings.Repeat("a+", n) + "1",
		"attributes":  "a" + strings.Repeat(".b", n),
		"calls":       "a" + strings.Repeat("()", n),
		"lambda":      strings.Repeat("lambda: ", n) + "1",
		"conditional": strings.Repeat("a if b else ", n) + "1",
		"elif":        "if a: pass\n" + strings.Repeat("elif a: pass\n", n),
		"blocks":      nestedBlocks(n),
		"f-strings":   strings.Repeat(`f"{`, n) + "1" + strings.Repeat(`}"`, n),
		"fields":      `f"` + strings.Repeat("{a:", n) + `"`,
		"patterns":    "match a:\n  case " + strings.Repeat("[", n) + strings.Repeat("]", n) + ": pass\n",
		"dotted":      "match a:\n  case a" + strings.Repeat(".b", n) + ": pass\n",
		"stars":       strings.Repeat("*", n) + "a = b",
		"decorators":  strings.Repeat("@a\n", n) + "def f(): pass",
		"strings":     strings.Repeat("'a' ", n),
		"comparison":  strings.Repeat("a < ", n) + "b",
		"targets":     strings.Repeat("a = ", n) + "b",
	} {
		start := time.Now()
		m, err := Parse([]byte(src))
		tolerant, _ := ParseTolerant([]byte(src))
		for _, tree := range []*Module{m, tolerant} {
			if tree == nil {
				continue
			}
			if d := depthOf(tree); d > 2*maxDepth {
				t.Errorf("%s: %d levels", name, d)
			}
			Hash(tree, true)
		}
		t.Logf("%-12s %v %v", name, time.Since(start), err)
	}
}

func nestedBlocks(n int) string {
	var b strings.Builder
	for i := range min(n, 2000) {
		b.WriteString(strings.Repeat(" ", i) + "if a:\n")
	}
	return b.String() + strings.Repeat(" ", 2000) + "pass\n"
}

func depthOf(n Node) int {
	depth := 0
	Children(n, func(c Node) { depth = max(depth, depthOf(c)) })
	return depth + 1
}

// TestTolerant checks which statements are left of broken programs, and that
// each fault is told.
func TestTolerant(t *testing.T) {
	for _, c := range []struct {
		name, src, want string
		errs            int
	}{
		{"sound", "a\nb", "a; b", 0},
		{"one line", "a\nb = = c\nd", "a; d", 1},
		{"two lines", "a b\nc\nd e\nf", "c; f", 2},
		{"inside a function", "def f():\n  a\n  b c\n  d\ne", "def f(a; d); e", 1},
		{"header", "a\nif b c:\n  d\n  e\nf", "a; f", 1},
		{"nothing left", "def f():\n  a b\nc", "def f(); c", 1},
		{"unclosed bracket", "a\nb(c,\ndef f():\n  d\ne", "a; def f(d); e", 1},
		{"unclosed string", "a\nb = 'c\nd", "a; d", 1},
		{"f-string", "a\nb = f'{c'\nd", "a; d", 1},
		{"stray indentation", "a\n  b\nc", "a; c", 1},
		{"stray character", "a\nb ? c\nd", "a; d", 1},
		{"python 2", "print 'a'\nb\nexec 'c'\n", "b", 2},
		{"orphan else", "else:\n  a\nb", "b", 1},
		{"dedent to nowhere", "if a:\n    b\n  c\nd", "if(b); c; d", 1},
	} {
		m, errs := ParseTolerant([]byte(c.src))
		if got := outline(m.Body); got != c.want || len(errs) != c.errs {
			t.Errorf("%s: %s with %v, want %s with %d errors", c.name, got, errs, c.want, c.errs)
		}
	}
}

// outline names what is in statements.
func outline(body []Stmt) string {
	var parts []string
	for _, s := range body {
		switch s := s.(type) {
		case *ExprStmt:
			if n, ok := s.Value.(*Name); ok {
				parts = append(parts, n.ID)
			}
		case *FunctionDef:
			parts = append(parts, "def "+s.Name+"("+outline(s.Body)+")")
		case *If:
			parts = append(parts, "if("+outline(s.Body)+")")
		default:
			parts = append(parts, "?")
		}
	}
	return strings.Join(parts, "; ")
}

// TestMessages compares messages and places of faults with what CPython 3.11.2
// says of them (3.13.0 for f-strings); where the column differs, it is noted.
func TestMessages(t *testing.T) {
	for src, want := range map[string]string{
		"a = (1":                "line 1, column 5: '(' was never closed",
		"a = 1)":                "line 1, column 6: unmatched ')'",
		"a = (1]":               "line 1, column 7: closing parenthesis ']' does not match opening parenthesis '('",
		"f(a=1, b)":             "line 1, column 8: positional argument follows keyword argument", // CPython: 9
		"f() = 1":               "line 1, column 1: cannot assign to function call here. Maybe you meant '==' instead of '='?",
		"None = 1":              "line 1, column 1: cannot assign to None",
		"a + 1 += 2":            "line 1, column 1: 'expression' is an illegal expression for augmented assignment",
		"for 1 in a: pass":      "line 1, column 5: cannot assign to literal",
		"del f()":               "line 1, column 5: cannot delete function call",
		"x = 'abc":              "line 1, column 5: unterminated string literal (detected at line 1)",
		"'''abc\n":              "line 1, column 1: unterminated triple-quoted string literal (detected at line 1)",
		"x = 012":               "line 1, column 5: leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers",
		"x = 0b12":              "line 1, column 8: invalid digit '2' in binary literal",
		"x = 1_":                "line 1, column 6: invalid decimal literal",
		"if a:\npass":           "line 2, column 1: expected an indented block after 'if' statement on line 1",
		"a\n  b":                "line 2, column 1: unexpected indent",                                   // CPython: 2
		"if a:\n    b\n  c":     "line 3, column 1: unindent does not match any outer indentation level", // CPython: 4
		"if a:\n\tb\n        c": "line 3, column 1: inconsistent use of tabs and spaces in indentation",
		"print 'a'":             "line 1, column 1: Missing parentheses in call to 'print'. Did you mean print(...)?",
		"def f(a=1, b): pass":   "line 1, column 12: non-default argument follows default argument",
		"def f(*): pass":        "line 1, column 8: named arguments must follow bare *", // CPython: 7
		"from a import b,":      "line 1, column 17: trailing comma not allowed without surrounding parentheses",
		"try: pass\nx":          "line 2, column 1: expected 'except' or 'finally' block",
		"x = a b":               "line 1, column 7: invalid syntax",
		"(a b)":                 "line 1, column 4: invalid syntax. Perhaps you forgot a comma?", // CPython: 2
		"{1: 2, 3}":             "line 1, column 9: ':' expected after dictionary key",           // CPython: 8
		"if a = 1: pass":        "line 1, column 4: invalid syntax. Maybe you meant '==' or ':=' instead of '='?",
		"b'é'":                  "line 1, column 1: bytes can only contain ASCII literal characters",
		"'\\x1'":                `line 1, column 1: (unicode error) 'unicodeescape' codec can't decode bytes in position 0-2: truncated \xXX escape`,
		"f'{}'":                 "line 1, column 4: f-string: valid expression required before '}'",
		"f'{a!x}'":              "line 1, column 6: f-string: invalid conversion character 'x': expected 's', 'r', or 'a'",
		"f'}'":                  "line 1, column 3: f-string: single '}' is not allowed",
		"a $ b":                 "line 1, column 3: invalid syntax",
		"a = “b”":               "line 1, column 5: invalid character '“' (U+201C)",
		"x = 1 if 2":            "line 1, column 5: expected 'else' after 'if' expression",
		"def f:\n pass":         "line 1, column 6: expected '('",
		"class C\n  pass":       "line 1, column 8: expected ':'",
		"f(x for x in y, 1)":    "line 1, column 3: Generator expression must be parenthesized",
		"(*a)":                  "line 1, column 2: cannot use starred expression here",
	} {
		_, err := Parse([]byte(src))
		if err == nil || err.Error() != want {
			t.Errorf("%q\n have %v\n want %s", src, err, want)
		}
	}
}

// TestLarge gives 100 kB, or 1 MB with HONE_LONG, of what is slow in a careless
// parser; a quadratic one would not come to an end.
func TestLarge(t *testing.T) {
	size := 100_000
	if os.Getenv("HONE_LONG") != "" {
		size = 1_000_000
	}
	for _, unit := range []string{
		"[", ")", "(]", "f'{", "f'''{", "f'{\n", "'\n", "'''", "a b\n", "def f(:\n", "#\n", "\\\n", "a\\\n",
		"try:\n a\n", "if a:\n b c\n", "$", "é", "\x00", "1_", "  a\n", "match a:\n", "with (a:\n", "with (a\n", "'a'", "f'{a}'",
		"(\ndef f(): pass\n", "lambda a=", "a=", "a,", "a;", "@a\n", "else:\n", "\r", "\f", "\\N{x}", "'\\N{x}'\n", "{a:", "a[", "*",
		"if a:\n" + strings.Repeat(" ", 99), "0x", "\xff", "0", "f'{a!", "a if b else ",
	} {
		src := []byte(strings.Repeat(unit, size/len(unit)))
		start := time.Now()
		m, errs := ParseTolerant(src)
		parsed := time.Since(start)
		Hash(m, true)
		t.Logf("%-24q %6d ms, %d errors", unit, parsed.Milliseconds(), len(errs))
	}
}
