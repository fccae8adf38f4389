package source

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// idleInstance is an instance that nobody else uses, closed when the test ends.
func idleInstance(t testing.TB, p *Parser, lang Language) *instance {
	t.Helper()
	g := p.grammars[lang]
	if err := g.prepare(p.cache); err != nil {
		t.Fatal(err)
	}
	inst, err := newInstance(t.Context(), g.runtime, g.module)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(inst.close)
	return inst
}

const small = "def f(a):\n    return a\n"

// A cache that cannot be written, or whose content is damaged, costs time only.
func TestCacheOfCompiledGrammars(t *testing.T) {
	parses := func(t *testing.T, cache string) {
		t.Helper()
		p := NewParser(cache)
		defer p.Close()
		tree, err := p.Parse(t.Context(), Python, []byte(small))
		if err != nil {
			t.Fatal(err)
		}
		if len(tree.Nodes) != 13 {
			t.Fatalf("%d nodes: %s", len(tree.Nodes), tree.SExpression(0))
		}
	}
	files := func(t *testing.T, dir string) (all []string) {
		t.Helper()
		err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				all = append(all, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return all
	}

	dir := filepath.Join(t.TempDir(), "new", "cache")
	parses(t, dir)
	made := files(t, dir)
	if len(made) == 0 {
		t.Fatal("nothing was cached")
	}
	parses(t, dir) // from the cache
	for _, file := range made {
		whole, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		damaged := bytes.Clone(whole)
		damaged[len(damaged)/2] ^= 0xff
		for _, b := range [][]byte{whole[:len(whole)/2], nil, damaged, bytes.Repeat([]byte{'x'}, 100)} {
			if err := os.WriteFile(file, b, 0o600); err != nil {
				t.Fatal(err)
			}
			parses(t, dir)
		}
	}

	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	parses(t, filepath.Join(file, "cache"))
	parses(t, "")
}

func TestParseRefuses(t *testing.T) {
	if _, err := Parse(Language(7), nil); err == nil {
		t.Error("language 7 has trees")
	}
	if _, err := Parse(C, make([]byte, MaxSize+1)); err == nil || !strings.Contains(err.Error(), "bytes") {
		t.Errorf("a program of more than MaxSize bytes: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := defaultParser().Parse(ctx, C, []byte("int x;")); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before: %v", err)
	}
}

// Statements without semicolons make tree-sitter's recovery in C quadratic.
var hard = []byte(strings.Repeat("x = 1\n", 170_000))

func TestParseEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := defaultParser().Parse(ctx, C, hard); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a parse of minutes with a deadline of 50 ms: %v", err)
	}
	mustParse(t, C, []byte("int x;"))
}

// The parser itself asks, so that an end is noticed before the limit of work.
func TestInstanceAsksForTheContext(t *testing.T) {
	inst := idleInstance(t, defaultParser(), C)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if nodes, err := inst.parse(ctx, hard[:12_000]); !errors.Is(err, context.Canceled) {
		t.Errorf("a parse whose context has ended: %d nodes, %v", len(nodes), err)
	}
}

func TestParseHasALimitOfWork(t *testing.T) {
	if _, err := Parse(C, hard[:90_000]); !errors.Is(err, ErrTooHard) {
		t.Errorf("a quadratic parse: %v", err)
	}
	mustParse(t, C, hard[:12_000])
}

// Programs of 1 MB, and nesting 10,000 deep and deeper.
func TestLargeAndDeepPrograms(t *testing.T) {
	nest := func(open, middle, end string, n int) string {
		return strings.Repeat(open, n) + middle + strings.Repeat(end, n)
	}
	var blocks strings.Builder
	for i := range 500 {
		blocks.WriteString(strings.Repeat(" ", i) + "if x:\n")
	}
	blocks.WriteString(strings.Repeat(" ", 500) + "pass\n")
	for name, src := range map[string]string{
		"function of 1 MB": "def f(x):\n" + strings.Repeat("    x = g(x, [1, 'a']) + 2\n", 37_000),
		"parentheses":      nest("(", "x", ")", 10_000),
		"calls":            nest("f(", "x", ")", 50_000),
		"open":             strings.Repeat("([{", 10_000),
		"closed":           strings.Repeat(")", 30_000),
		"f-strings":        strings.Repeat("f'{", 10_000),
		"not":              strings.Repeat("not ", 50_000) + "x",
		"minus":            strings.Repeat("-", 100_000) + "x",
		"lambda":           strings.Repeat("lambda:", 20_000) + "x",
		"sum":              strings.Repeat("a+", 100_000) + "a",
		"attributes":       strings.Repeat("a.", 100_000) + "a",
		"indented":         blocks.String(),
		"NUL":              strings.Repeat("\x00", 100_000),
		"no UTF-8":         strings.Repeat("\xff", 100_000),
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			tree := mustParse(t, Python, []byte(src))
			checkShape(t, tree)
			leaves := tree.Leaves()
			if n := leaves.Len(); n > 1 {
				tree.Distance(int(leaves.Nodes[0]), int(leaves.Nodes[n/2]))
				leaves.meetings()
			}
		})
	}
}

// An instance whose module trapped is thrown away; the parser goes on.
func TestTrapIsAnError(t *testing.T) {
	inst := idleInstance(t, defaultParser(), Python)
	if _, err := inst.source.Call(t.Context(), 1<<31); err == nil {
		t.Fatal("2 GiB were given")
	}
	err := trapped(errors.New("wasm error: unreachable"))
	if !strings.Contains(err.Error(), "memory or stack") {
		t.Errorf("message: %v", err)
	}
	mustParse(t, Python, []byte(small))
}

// The tree depends on the program alone, not on what an instance parsed before.
func TestConcurrentParsesAgree(t *testing.T) {
	p := NewParser("")
	defer p.Close()
	all := goldens(t)
	want := make([][]Node, len(all))
	for i, g := range all {
		want[i] = mustParse(t, g.Language, g.Source).Nodes
	}
	var wait sync.WaitGroup
	for w := range 6 {
		wait.Go(func() {
			for i := range all {
				k := (i*7 + w*13) % len(all)
				tree, err := p.Parse(t.Context(), all[k].Language, all[k].Source)
				if err != nil {
					t.Error(err)
					return
				}
				if !slices.Equal(tree.Nodes, want[k]) {
					t.Errorf("%s: another tree in company", all[k].Name)
				}
			}
		})
	}
	wait.Wait()
	for _, g := range p.grammars {
		if n := len(g.idle); n == 0 || n > runtime.GOMAXPROCS(0) {
			t.Errorf("%v: %d instances wait", g.language, n)
		}
	}
}

// A large program does not leave its memory behind.
func TestLargeMemoryIsGivenBack(t *testing.T) {
	p := NewParser("")
	defer p.Close()
	src := bytes.Repeat([]byte("x = [1, 2, (3, 4), f(a, b)]\n"), 8_000)
	if _, err := p.Parse(t.Context(), Python, src); err != nil {
		t.Fatal(err)
	}
	for _, inst := range p.grammars[Python].idle {
		if size := inst.module.Memory().Size(); size > keepMemory {
			t.Errorf("an instance with %d bytes waits", size)
		}
	}
	inst := idleInstance(t, p, Python)
	if _, err := inst.parse(t.Context(), src); err != nil || inst.module.Memory().Size() <= keepMemory {
		t.Errorf("the program needs %d bytes, too few for this test (%v)", inst.module.Memory().Size(), err)
	}
}
