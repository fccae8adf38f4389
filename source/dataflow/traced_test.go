package dataflow

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// writer makes random programs of branches, loops, exceptions and scopes. Every decision is
// taken by c(), which pops the next of a list of answers and raises when none is left, so
// that every program ends.
type writer struct {
	random *rand.Rand
	text   strings.Builder
	loops  int // around the current place, in the current function
	depth  int
}

const preamble = `D = []
class S:
    def __enter__(self):
        return 1
    def __exit__(self, *e):
        return bool(D and D.pop())
def c():
    return D.pop()
def u(*values):
    return values
def run(function, answers):
    D[:] = answers
    try:
        return function(0, 1)
    except (ValueError, IndexError, NameError):
        return None
w = 5
`

func (w *writer) line(indent int, format string, args ...any) {
	fmt.Fprintf(&w.text, strings.Repeat("    ", indent)+format+"\n", args...)
}

func (w *writer) name() string { return string("wxyz"[w.random.IntN(4)]) }

func (w *writer) block(indent int) {
	w.depth++
	for range 1 + w.random.IntN(2) {
		w.statement(indent)
	}
	w.depth--
}

func (w *writer) statement(indent int) {
	kind := w.random.IntN(26)
	if w.depth > 3 && kind >= 14 {
		kind = w.random.IntN(14)
	}
	a, b := w.name(), w.name()
	switch kind {
	case 0, 1:
		w.line(indent, "%s = u(%s)", a, b)
	case 2:
		w.line(indent, "%s = %d", a, w.random.IntN(9))
	case 3:
		w.line(indent, "u(%s, %s)", a, b)
	case 4:
		w.line(indent, "%s, %s = %s, 1", a, b, b)
	case 5:
		w.line(indent, "%s = c() and (%s := 2)", a, b)
	case 6:
		w.line(indent, "%s = (%s := 3) if c() else %s", a, b, a)
	case 7:
		w.line(indent, "del %s", a)
	case 8:
		w.line(indent, "%s = [(%s := q) for q in (1, %s) if c()]", a, b, b)
	case 9:
		w.line(indent, "%s = (lambda p, q=%s: u(p, q, %s))(%s)", a, b, a, b)
	case 10:
		w.line(indent, "%s = list(u(q, %s) for q in (1, 2))", a, b)
	case 11:
		w.leave(indent, a)
	case 12:
		w.line(indent, "S.k, *%s = u(1, %s)", a, b)
	case 13:
		w.line(indent, "%s = 7", a)
		w.line(indent, "%s += 1", a)
	case 14, 15:
		w.line(indent, "if c():")
		w.block(indent + 1)
		if w.random.IntN(2) == 0 {
			w.line(indent, "elif c():")
			w.block(indent + 1)
		}
		if w.random.IntN(2) == 0 {
			w.line(indent, "else:")
			w.block(indent + 1)
		}
	case 16, 17:
		w.loop(indent, "while c():")
	case 18:
		w.loop(indent, fmt.Sprintf("for %s in u(1, %s):", a, b))
	case 19, 20, 21:
		w.try(indent)
	case 22:
		w.line(indent, "with S() as %s:", a)
		w.block(indent + 1)
	case 23:
		w.function(indent, a, b)
	case 24:
		w.line(indent, "class A:")
		w.line(indent+1, "%s = u(%s)", a, b)
		w.line(indent+1, "u(%s)", a)
	default:
		w.line(indent, "match u(%s, c()):", a)
		w.line(indent+1, "case (%s, True):", b)
		w.block(indent + 2)
		w.line(indent+1, "case %s if c():", a)
		w.block(indent + 2)
	}
}

// leave ends a function, an iteration or a loop early.
func (w *writer) leave(indent int, name string) {
	ways := []string{"return u(" + name + ")", "raise ValueError(" + name + ")"}
	if w.loops > 0 {
		ways = append(ways, "break", "continue")
	}
	w.line(indent, "if c():")
	w.line(indent+1, "%s", ways[w.random.IntN(len(ways))])
}

func (w *writer) loop(indent int, head string) {
	w.line(indent, "%s", head)
	w.loops++
	w.block(indent + 1)
	w.loops--
	if w.random.IntN(3) == 0 {
		w.line(indent, "else:")
		w.block(indent + 1)
	}
}

func (w *writer) try(indent int) {
	w.line(indent, "try:")
	w.block(indent + 1)
	handlers := w.random.IntN(3)
	if handlers > 0 {
		w.line(indent, "except ValueError as %s:", w.name())
		w.block(indent + 1)
	}
	if handlers > 1 {
		w.line(indent, "except NameError:")
		w.block(indent + 1)
	}
	if handlers > 0 && w.random.IntN(2) == 0 {
		w.line(indent, "else:")
		w.block(indent + 1)
	}
	if handlers == 0 || w.random.IntN(2) == 0 {
		w.line(indent, "finally:")
		w.block(indent + 1)
	}
}

// function defines and calls a function that reads and perhaps writes variables around it.
func (w *writer) function(indent int, a, b string) {
	w.line(indent, "def g(%s=%s):", a, b)
	if a != b && b != "w" && w.random.IntN(2) == 0 { // w may be global
		w.line(indent+1, "nonlocal %s", b)
	}
	loops := w.loops
	w.loops = 0
	w.block(indent + 1)
	w.loops = loops
	w.line(indent, "u(g())")
	w.block(indent)
	w.line(indent, "u(g(%s))", b)
}

func randomProgram(seed uint64) string {
	w := &writer{random: rand.New(rand.NewPCG(seed, 1))}
	w.text.WriteString(preamble)
	w.line(0, "def f(x, y):")
	if w.random.IntN(4) == 0 {
		w.line(1, "global w")
	} else {
		w.line(1, "w = 6")
	}
	w.line(1, "z = 0")
	for range 3 {
		w.block(1)
	}
	w.line(1, "return u(w, x, y, z)")
	return w.text.String()
}

// TestRandomProgramsAreSound executes random programs in CPython and requires an edge for
// every definition that a use saw.
func TestRandomProgramsAreSound(t *testing.T) {
	count, runs := 60, 20
	if os.Getenv("HONE_LONG") != "" {
		count, runs = 1000, 40
	}
	type job struct {
		Program string   `json:"program"`
		Calls   []string `json:"calls"`
	}
	var jobs []job
	for i := range count {
		j := job{Program: randomProgram(uint64(i))}
		random := rand.New(rand.NewPCG(uint64(i), 2))
		for range runs {
			var answers []string
			for range random.IntN(40) {
				answers = append(answers, []string{"True", "False"}[random.IntN(2)])
			}
			j.Calls = append(j.Calls, "run(f, ["+strings.Join(answers, ", ")+"])")
		}
		jobs = append(jobs, j)
	}
	in, err := json.Marshal(jobs)
	if err != nil {
		t.Fatal(err)
	}
	var traced [][]pair
	if err := json.Unmarshal(runTracer(t, in), &traced); err != nil {
		t.Fatal(err)
	}
	seen, edges := 0, 0
	for i, j := range jobs {
		graph, lines := flowOf(t, j.Program)
		pairs := pairsOf(graph, lines)
		edges += len(pairs)
		for _, p := range traced[i] {
			seen++
			if !pairs[p] {
				t.Fatalf("program %d: line %d, column %d saw the definition at %d:%d, which has no edge\n%s",
					i, p[0], p[1], p[2], p[3], numbered(j.Program))
			}
		}
	}
	t.Logf("%d programs: %d edges, %d pairs of a use and a definition seen", count, edges, seen)
}

func numbered(program string) string {
	var b strings.Builder
	for i, line := range strings.Split(program, "\n") {
		fmt.Fprintf(&b, "%3d %s\n", i+1, line)
	}
	return b.String()
}

func runTracer(t *testing.T, in []byte) []byte {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not installed")
	}
	if exec.Command(python, "-c", "import sys; sys.exit(sys.version_info < (3, 10))").Run() != nil {
		t.Skip("python3 is older than 3.10, which has match")
	}
	cmd := exec.Command(python, filepath.Join("testdata", "gen", "trace.py"))
	cmd.Stdin = bytes.NewReader(in)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("tracing: %v\n%s", err, stderr.String())
	}
	return out
}
