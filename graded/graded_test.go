package graded

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hone/judge"
	"hone/problem"
	"hone/sandbox"
)

// first returns the first n problems of cfg, or all there are.
func first(t testing.TB, cfg Config, n int) []*Problem {
	t.Helper()
	var out []*Problem
	for p, err := range Generate(cfg) {
		if errors.Is(err, ErrExhausted) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if out = append(out, p); len(out) == n {
			break
		}
	}
	return out
}

// size is n, or more where long checks are asked for.
func size(n int) int {
	if os.Getenv("HONE_LONG") != "" {
		return 20 * n
	}
	return n
}

// TestCPythonAgrees: the judge gives references, in every style, the values that were
// computed here, and programs with a mistake none of them.
func TestCPythonAgrees(t *testing.T) {
	py, err := sandbox.FindPython(t.Context(), "", false)
	if err != nil {
		t.Skipf("NOT RUN: needs python3: %v", err)
	}
	j, err := judge.New(t.Context(), judge.Config{Python: py})
	if err != nil {
		t.Skipf("NOT RUN: needs a sandbox: %v", err)
	}
	defer j.Close()
	var jobs []judge.Job
	var how []string
	r := rand.New(rand.NewPCG(1, 2))
	for _, p := range first(t, Config{Seed: 11}, size(70)) {
		add := func(program, mistake string) {
			jobs = append(jobs, judge.Job{Problem: &p.Problem, TaskID: p.TaskID, Sample: len(jobs), Program: program})
			how = append(how, mistake)
		}
		add(p.Reference, "")
		for _, program := range p.Programs() {
			add(program, "")
		}
		for i, w := range Wrong(p, r) {
			if i == 4 {
				break
			}
			add(p.Prefix+w.Completion, w.How)
		}
	}
	right, wrong := 0, 0
	err = judge.Stream(t.Context(), nil, j, slices.Values(jobs), func(v problem.Verdict) error {
		mistake, program := how[v.Sample], jobs[v.Sample].Program
		if want := mistake == ""; v.Passed == nil || *v.Passed != want {
			t.Errorf("%q is %s: %+v\n%s", mistake, v.Verdict, v.Tests[0], program)
		}
		if want := map[string]problem.Outcome{"syntax error": problem.SyntaxError}[mistake]; want != "" && v.Verdict != want {
			t.Errorf("%s gives %s:\n%s", mistake, v.Verdict, program)
		}
		if mistake == "" {
			right++
		} else {
			wrong++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("CPython agrees on %d programs, and on %d with a mistake", right, wrong)
}

// TestSplit: a held-out problem has two combinators in a row that no training problem has,
// whatever the seeds.
func TestSplit(t *testing.T) {
	trained := map[string]bool{}
	for seed := range uint64(2) {
		for _, p := range first(t, Config{Seed: seed, Split: Train}, size(500)) {
			if p.Split != Train {
				t.Fatalf("%s is %s", p.TaskID, p.Split)
			}
			for _, pair := range p.Pairs() {
				trained[pair] = true
			}
		}
	}
	for _, split := range []string{Validation, Test} {
		held := first(t, Config{Seed: 5, Split: split}, size(300))
		if len(held) < size(300) {
			t.Errorf("only %d problems are %s", len(held), split)
		}
		for _, p := range held {
			if p.Split != split || !slices.ContainsFunc(p.Pairs(), func(pair string) bool { return !trained[pair] && pairSplit(pair) == split }) {
				t.Errorf("%s (%s): nothing in %v is held out", p.Meaning, p.Split, p.Pairs())
			}
		}
	}
}

// TestLeak: few held-out problems do what a training problem does in another way. What is
// held out is the composition; this says how far that reaches.
func TestLeak(t *testing.T) {
	cache := probeCache{}
	behaviour := func(p *Problem) [32]byte {
		tr := p.meaning.try(cache)
		return p.meaning.behaviour(tr.outs)
	}
	seen := map[[32]byte]bool{}
	for _, p := range first(t, Config{Seed: 1, Split: Train}, size(1200)) {
		seen[behaviour(p)] = true
	}
	same, held := 0, first(t, Config{Seed: 9, Split: Test}, 300)
	for _, p := range held {
		if seen[behaviour(p)] {
			same++
			t.Logf("known: %s", p.Meaning)
		}
	}
	t.Logf("%d of %d test problems behave as one of %d training problems", same, len(held), len(seen))
	if same*20 > len(held) {
		t.Errorf("%d of %d held-out problems do what a training problem does", same, len(held))
	}
}

// TestOneReading: a prompt never has two meanings that differ.
func TestOneReading(t *testing.T) {
	prompts := map[string]*Problem{}
	r := rand.New(rand.NewPCG(3, 4))
	for seed := range uint64(3) {
		for _, p := range first(t, Config{Seed: seed}, size(300)) {
			for range 3 {
				q := p.Reworded(r, false)
				other := prompts[q.Prompt]
				if other != nil && (other.fails(p.meaning) || p.fails(other.meaning)) {
					t.Errorf("%q is %s and %s", q.Prompt, p.Meaning, other.Meaning)
				}
				prompts[q.Prompt] = p
			}
		}
	}
	t.Logf("%d prompts", len(prompts))
}

// TestProblems: what every problem has.
func TestProblems(t *testing.T) {
	meanings := map[string]bool{}
	killed, mutants := 0, 0
	for _, p := range first(t, Config{Seed: 21, Examples: true}, size(600)) {
		if meanings[p.Meaning] {
			t.Errorf("%s is there twice", p.Meaning)
		}
		meanings[p.Meaning] = true
		public, hidden := 0, 0
		for _, test := range p.Tests {
			if test.Visibility == problem.Public {
				public++
			} else {
				hidden++
			}
		}
		if public < 2 || public > 3 || hidden < minHidden {
			t.Errorf("%s has %d public and %d hidden tests", p.Meaning, public, hidden)
		}
		if strings.Count(p.Prompt, "\n# f(") != public {
			t.Errorf("%d examples are not in %s", public, p.Prompt)
		}
		if !strings.HasPrefix(p.Reference, p.Prefix) || strings.Contains(p.Prompt, "{") && !strings.Contains(p.Prompt, "# f(") || strings.Contains(p.Prompt, "  #") {
			t.Errorf("odd prompt or reference:\n%s", p.Reference)
		}
		if n := len(strings.Fields(p.Completion())); n > 90 {
			t.Errorf("%d words:\n%s", n, p.Reference)
		}
		killed, mutants = killed+p.Killed, mutants+p.Mutants
	}
	if 10*killed < 9*mutants {
		t.Errorf("only %d of %d near meanings fail", killed, mutants)
	}
}

// TestFile: the problems are read back as they were.
func TestFile(t *testing.T) {
	var b bytes.Buffer
	ps := first(t, Config{Seed: 8}, 60)
	for _, p := range ps {
		if err := json.NewEncoder(&b).Encode(&p.Problem); err != nil {
			t.Fatal(err)
		}
	}
	suite, err := problem.Read(&b, "graded.jsonl", problem.FormatAuto)
	if err != nil {
		t.Fatal(err)
	}
	if len(suite.Issues) > 0 || len(suite.Problems) != len(ps) {
		t.Fatalf("%d of %d problems: %v", len(suite.Problems), len(ps), suite.Issues)
	}
	for i, p := range suite.Problems {
		if p.Prefix != ps[i].Prefix || len(p.Tests) != len(ps[i].Tests) || p.Split != ps[i].Split {
			t.Errorf("problem %d is read as %+v", i, p)
		}
	}
}

// TestSame: the same configuration gives the same problems and faults.
func TestSame(t *testing.T) {
	a, b := first(t, Config{Seed: 4}, 60), first(t, Config{Seed: 4}, 60)
	for i := range a {
		x, _ := json.Marshal(a[i])
		y, _ := json.Marshal(b[i])
		if !bytes.Equal(x, y) || !slices.Equal(Wrong(a[i], rand.New(rand.NewPCG(1, 1))), Wrong(b[i], rand.New(rand.NewPCG(1, 1)))) {
			t.Fatalf("problem %d differs:\n%s\n%s", i, x, y)
		}
	}
}

func TestConfig(t *testing.T) {
	for _, c := range []struct {
		cfg  Config
		says string
	}{
		{Config{Levels: []int{7}}, "no level 7, levels are 1 to 6"},
		{Config{Split: "dev"}, `no split "dev": it is one of train, validation, test`},
	} {
		for _, err := range Generate(c.cfg) {
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%+v: %v, want %q", c.cfg, err, c.says)
			}
		}
	}
}

// TestNames: no two combinators share a name, and each near name exists.
func TestNames(t *testing.T) {
	all := 0
	for _, list := range opsFrom {
		all += len(list)
		for _, o := range list {
			if len(o.noun) == 0 || len(o.do) == 0 {
				t.Errorf("%s has no words", o.name)
			}
			for _, n := range o.near {
				if ops[n] == nil {
					t.Errorf("%s is near %q, which is nothing", o.name, n)
				}
			}
		}
	}
	if all != len(ops) {
		t.Errorf("%d combinators have %d names", all, len(ops))
	}
}

// TestFloor: % and // are Python's. The values are Python's own.
func TestFloor(t *testing.T) {
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("NOT RUN: needs python3")
	}
	out, err := exec.CommandContext(t.Context(), "python3", "-c", "print([[a % k, a // k] for a in range(-20, 21) for k in range(1, 8)])").Output()
	if err != nil {
		t.Fatal(err)
	}
	var want [][2]int64
	if err := json.Unmarshal(out, &want); err != nil {
		t.Fatal(err)
	}
	i := 0
	for a := int64(-20); a <= 20; a++ {
		for k := int64(1); k < 8; k++ {
			if got := [2]int64{floorMod(a, k), floorDiv(a, k)}; got != want[i] {
				t.Errorf("%d and %d: %v, want %v", a, k, got, want[i])
			}
			i++
		}
	}
}

// TestMutants: a near meaning has another key, and making it leaves the meaning as it was.
func TestMutants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := draft(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)), rapid.IntRange(1, Levels).Draw(t, "level"))
		if m == nil {
			return
		}
		key := m.key()
		for _, mu := range m.mutants() {
			if mu.m.key() == key {
				t.Errorf("%s (%s) changes nothing", key, mu.how)
			}
			if mu.m.body.result() != m.body.result() {
				t.Errorf("%s gives another type than %s", mu.m.key(), key)
			}
		}
		if m.key() != key {
			t.Errorf("%s became %s", key, m.key())
		}
	})
}

func BenchmarkGenerate(b *testing.B) {
	n := 0
	for b.Loop() {
		first(b, Config{Seed: uint64(n)}, 60)
		n++
	}
	b.ReportMetric(float64(60*n)/b.Elapsed().Seconds(), "problems/s")
}
