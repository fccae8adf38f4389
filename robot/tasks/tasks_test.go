package tasks

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hone/judge"
	"hone/problem"
	"hone/sandbox"
)

// draw returns n tasks.
func draw(t testing.TB, cfg Config, n int) []Task {
	t.Helper()
	var out []Task
	for task, err := range Generate(cfg) {
		if err != nil {
			t.Fatal(err)
		}
		if out = append(out, task); len(out) == n {
			break
		}
	}
	return out
}

func TestSameSeedSameTasks(t *testing.T) {
	for _, name := range Robots() {
		a, b := draw(t, Config{Robot: name, Seed: 5}, 12), draw(t, Config{Robot: name, Seed: 5}, 12)
		c := draw(t, Config{Robot: name, Seed: 6}, 12)
		other := 0
		for i := range a {
			x, _ := json.Marshal(a[i])
			y, _ := json.Marshal(b[i])
			if string(x) != string(y) {
				t.Fatalf("%s task %d differs:\n%s\n%s", name, i, x, y)
			}
			if a[i].Problem.Prompt != c[i].Problem.Prompt {
				other++
			}
		}
		if other < 11 {
			t.Errorf("%s: another seed changes %d of 12 tasks only", name, other)
		}
	}
}

// TestSplit: no composition is in both splits, whatever the seed, and both have some.
func TestSplit(t *testing.T) {
	split := map[string]string{}
	count := map[string]int{}
	prompts := map[string]bool{}
	for _, name := range Robots() {
		for seed := range uint64(2) {
			for _, task := range draw(t, Config{Robot: name, Seed: seed}, 48) {
				if before, ok := split[task.Meaning]; ok && before != task.Problem.Split {
					t.Errorf("%q is in %s and in %s", task.Meaning, before, task.Problem.Split)
				}
				split[task.Meaning] = task.Problem.Split
				count[fmt.Sprint(name, " ", task.Problem.Split)]++
				if key := fmt.Sprint(seed, task.Problem.Prompt); prompts[key] {
					t.Errorf("twice: %s", task.Problem.Prompt)
				} else {
					prompts[key] = true
				}
			}
		}
		if count[name+" test"] == 0 || count[name+" test"] > count[name+" train"]/2 {
			t.Errorf("%s: %v", name, count)
		}
	}
}

// TestSplitAlone: tasks of one split are of that split alone.
func TestSplitAlone(t *testing.T) {
	for _, split := range []string{"train", "test"} {
		for _, task := range draw(t, Config{Robot: "kitchen", Split: split, Seed: 3}, 8) {
			if task.Problem.Split != split || task.HeldOut != (split == "test") {
				t.Errorf("%s among those of %s (held out: %v)", task.Problem.Split, split, task.HeldOut)
			}
		}
	}
}

// TestEachTask: what every task promises, in the package's own simulation.
func TestEachTask(t *testing.T) {
	gens := map[string]*generator{}
	for _, name := range Robots() {
		g, err := newGenerator(Config{Robot: name})
		if err != nil {
			t.Fatal(err)
		}
		gens[name] = g
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(Robots()).Draw(t, "robot")
		level := rapid.IntRange(1, Levels).Draw(t, "level")
		seed := rapid.Uint64().Draw(t, "seed")
		for task, err := range Generate(Config{Robot: name, Levels: []int{level}, Seed: seed}) {
			if err != nil {
				t.Fatal(err)
			}
			sound(t, gens[name], &task)
			break
		}
	})
}

// failer is what testing and rapid have in common.
type failer interface {
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
}

func sound(t failer, g *generator, task *Task) {
	if len(task.Problem.Tests) < minDiffers {
		t.Fatalf("%d worlds", len(task.Problem.Tests))
	}
	var worlds []*outcome
	traces := map[string]bool{}
	for _, test := range task.Problem.Tests {
		var spec problem.RobotSpec
		if err := json.Unmarshal(test.Spec, &spec); err != nil {
			t.Fatal(err)
		}
		w, err := g.def.World(spec.World, "world")
		if err != nil {
			t.Fatal(err)
		}
		program, err := g.compile(task.Problem.Reference)
		if err != nil {
			t.Fatal(err)
		}
		o, err := g.run(program, w)
		if err != nil || o.broke != nil || o.failed != nil || o.endless {
			t.Fatalf("%v %+v in\n%s", err, o, task.Problem.Reference)
		}
		if o.compiled, err = g.def.Check(spec.Check, "check"); err != nil {
			t.Fatal(err)
		}
		if ok, err := holds(o.compiled, o); err != nil || !ok {
			t.Fatalf("the reference fails: %v\n%s\n%s", err, task.Problem.Reference, spec.Check)
		}
		worlds = append(worlds, o)
		traces[fmt.Sprint(o.trace)] = true
	}
	if len(traces) < minDiffers {
		t.Errorf("the worlds ask for the same: %s", task.Problem.Prompt)
	}
	if task.Killed == 0 || task.Killed > task.Mutants {
		t.Errorf("%d of %d mutants fail", task.Killed, task.Mutants)
	}
	for _, f := range task.Faults {
		if f.Outcome == problem.Pass || f.Outcome == "" {
			t.Errorf("a fault that is none: %+v", f)
		}
		if f.Outcome == problem.Exception || f.Outcome == problem.SyntaxError {
			continue
		}
		if verdict, err := g.verdict(f.Program, worlds); err != nil || verdict != f.Outcome {
			t.Errorf("%v %s: %+v", err, verdict, f)
		}
	}
}

// share is how many times as many tasks are looked at: more with HONE_LONG=1.
func share() int {
	if os.Getenv("HONE_LONG") != "" {
		return 15
	}
	return 1
}

func newJudge(t testing.TB) *judge.Judge {
	t.Helper()
	py, err := sandbox.FindPython(context.Background(), "", false)
	if err != nil {
		t.Skip("NOT RUN: needs python3: ", err)
	}
	j, err := judge.New(context.Background(), judge.Config{Python: py})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(j.Close)
	return j
}

// TestJudged: CPython in the judge gives the verdicts that Starlark promised: references
// pass, each mutant fails as it was said to. HONE_LONG=1 does it for many more.
func TestJudged(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	n := 108 * share()
	j := newJudge(t)
	counts := map[problem.Outcome]int{}
	for _, name := range Robots() {
		var jobs []judge.Job
		var want []problem.Outcome
		for _, task := range draw(t, Config{Robot: name, Seed: 11}, n) {
			if len(task.Faults) == 0 {
				t.Errorf("no fault: %s", task.Problem.Prompt)
			}
			programs := []Fault{{Program: task.Problem.Reference, Outcome: problem.Pass}}
			for i, f := range append(programs, task.Faults...) {
				jobs = append(jobs, judge.Job{Problem: &task.Problem, TaskID: task.Problem.TaskID, Sample: i, Program: f.Program})
				want = append(want, f.Outcome)
			}
		}
		i := 0
		err := judge.Stream(t.Context(), nil, j, slices.Values(jobs), func(v problem.Verdict) error {
			if v.Verdict != want[i] {
				t.Errorf("%s: %s, want %s: %+v\n%s\n%s", v.TaskID, v.Verdict, want[i], v.Tests, jobs[i].Problem.Prompt, jobs[i].Program)
			}
			counts[want[i]]++
			i++
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("programs judged as expected: %v", counts)
	for _, o := range []problem.Outcome{problem.Pass, problem.RobotError, problem.WrongAnswer, problem.Exception, problem.SyntaxError} {
		if counts[o] < n/30 {
			t.Errorf("%s: %d programs only", o, counts[o])
		}
	}
}

// TestRows: what is written is read again, strictly.
func TestRows(t *testing.T) {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	tasks := draw(t, Config{Robot: "kitchen", Seed: 3}, 12)
	for _, task := range tasks {
		if err := enc.Encode(&task.Problem); err != nil {
			t.Fatal(err)
		}
	}
	s, err := problem.Read(strings.NewReader(b.String()), "tasks.jsonl", problem.FormatAuto)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Problems) != len(tasks) {
		t.Errorf("%d of %d rows", len(s.Problems), len(tasks))
	}
}

// TestOwnContent: instructions share no run of words with RoboEval's, which are for tests only.
func TestOwnContent(t *testing.T) {
	dir := os.Getenv("HONE_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	raw, err := os.ReadFile(filepath.Join(dir, "roboeval", "roboeval_tasks.json"))
	if err != nil {
		t.Skip("NOT RUN: needs roboeval/roboeval_tasks.json (docs/data.md; HONE_DATA names its folder)")
	}
	var file struct {
		Tasks []struct {
			Prompts []string `json:"prompts"`
		} `json:"tasks"`
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	const run = 8
	theirs := map[string]bool{}
	for _, task := range file.Tasks {
		for _, p := range task.Prompts {
			for _, s := range runs(p, run) {
				theirs[s] = true
			}
		}
	}
	if len(theirs) < 500 {
		t.Fatalf("%d runs of %d words: is this the file?", len(theirs), run)
	}
	for _, name := range Robots() {
		for _, task := range draw(t, Config{Robot: name, Seed: 1, Short: true}, 36*share()) {
			for _, s := range runs(task.Problem.Prompt, run) {
				if theirs[s] {
					t.Errorf("%q is in RoboEval too: %s", s, task.Problem.Prompt)
				}
			}
		}
	}
}

// runs are all sequences of n words of a text.
func runs(text string, n int) []string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !(r >= 'a' && r <= 'z') })
	var out []string
	for i := 0; i+n <= len(words); i++ {
		out = append(out, strings.Join(words[i:i+n], " "))
	}
	return out
}

func TestConfigErrors(t *testing.T) {
	for _, c := range []struct {
		cfg  Config
		says string
	}{
		{Config{Robot: "kitchn"}, `nearest: "kitchen"`},
		{Config{Robot: "kitchen", Levels: []int{7}}, "level 7"},
		{Config{Robot: "kitchen", Split: "held-out"}, `split "held-out"`},
	} {
		for _, err := range Generate(c.cfg) {
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%+v: %v", c.cfg, err)
			}
			break
		}
	}
}

// BenchmarkGenerate draws six tasks, one of each level.
func BenchmarkGenerate(b *testing.B) {
	for _, name := range Robots() {
		b.Run(name, func(b *testing.B) {
			for seed := uint64(0); b.Loop(); seed++ {
				draw(b, Config{Robot: name, Seed: seed}, Levels)
			}
		})
	}
}
