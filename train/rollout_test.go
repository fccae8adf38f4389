//go:build linux

package train

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hone/graded"
	"hone/internal/hostile"
	"hone/judge"
	"hone/problem"
	"hone/sandbox"
)

// held holds back the verdicts on one problem's programs until it is told to go on.
type held struct {
	judge.Queue
	task    string
	waiting atomic.Int64 // jobs of the problem that wait
	judged  sync.Map     // TaskIDs of the others that have a verdict
	open    chan struct{}
}

func (h *held) Do(ctx context.Context, j judge.Job) (problem.Verdict, error) {
	if j.TaskID != h.task {
		v, err := h.Queue.Do(ctx, j)
		h.judged.Store(j.TaskID, true)
		return v, err
	}
	h.waiting.Add(1)
	defer h.waiting.Add(-1)
	select {
	case <-h.open:
		return h.Queue.Do(ctx, j)
	case <-ctx.Done():
		return problem.Verdict{}, ctx.Err()
	}
}

// eventually waits for what has no time of its own.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for range 6000 {
		if is() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("it never came that %s", what)
}

// While verdicts are late, of more programs than the queue runs at once, the iteration before is
// learned from to its end, and all other programs of their own iteration are judged.
func TestTrainingDoesNotWaitForAVerdict(t *testing.T) {
	l := toyLab(t, sums(8, 0), "train.steps=1")
	q := &held{Queue: newPretend(), open: make(chan struct{})}
	j := l.online("grpo", q, "train.checkpoint_every=100", "train.steps=8")
	w := j.data.sampled.writer
	next := w.chosen(1) // of iteration 1, none of which is in iteration 0
	for _, p := range next {
		if slices.Contains(w.chosen(0), p) {
			t.Fatal("the iterations share a problem")
		}
	}
	q.task = w.problems[next[0]].TaskID
	if _, err := l.run(j, "run", func(r Row) bool {
		if r.Step == 4 { // the last of iteration 0, whose programs are learned from twice
			if r.Rollout != nil {
				t.Error("iteration 0 has less than 4 steps")
			}
			eventually(t, "programs are waited for", func() bool { return q.waiting.Load() > int64(q.Workers()) })
			// Whether they come before the first that waits or behind it depends on whose turn it is.
			eventually(t, "the others are judged", func() bool {
				return !slices.ContainsFunc(next[1:], func(p int) bool {
					_, ok := q.judged.Load(w.problems[p].TaskID)
					return !ok
				})
			})
			close(q.open)
		}
		return false
	}); err != nil {
		t.Fatal(err)
	}
}

// attacked has hostile programs judged in the place of all that a model writes.
type attacked struct {
	judge.Queue
	programs []hostile.Program

	mu   sync.Mutex
	next int
	of   map[string]problem.Verdict // by name
}

func (a *attacked) Do(ctx context.Context, j judge.Job) (problem.Verdict, error) {
	a.mu.Lock()
	p := a.programs[a.next%len(a.programs)]
	a.next++
	a.mu.Unlock()
	j.Program = p.Source
	v, err := a.Queue.Do(ctx, j)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.of[p.Name] = v
	return v, err
}

// Programs that attack the judge hang no run that learns from them, and earn nothing: each is scored,
// as low as any that passes no test, and those that are judged next are not the worse for it.
func TestAttacksEarnNothing(t *testing.T) {
	py, err := sandbox.FindPython(context.Background(), "", false)
	if err != nil {
		t.Skipf("NOT RUN: %v", err)
	}
	inner, err := judge.New(context.Background(), judge.Config{Python: py, Workers: 2, Limits: judge.Limits{
		PerTest: 300 * time.Millisecond, Total: 700 * time.Millisecond, Memory: 384 << 20, Output: 4 << 20,
	}})
	if err != nil {
		t.Skipf("NOT RUN: %v", err)
	}
	t.Cleanup(inner.Close)
	all, err := hostile.Programs()
	if err != nil {
		t.Fatal(err)
	}
	// One of each class, and all that leave or hang; those with an aim outside need a world to aim at.
	q := &attacked{Queue: inner, of: map[string]problem.Verdict{}}
	classes := map[string]bool{}
	for _, p := range all {
		few := !classes[p.Class] || p.Class == "leaving" || p.Class == "resources" && os.Getenv("HONE_LONG") != ""
		if few && slices.Contains(p.Against, "data") && !strings.Contains(p.Source, "@") {
			classes[p.Class] = true
			q.programs = append(q.programs, p)
		}
	}
	problems := sums(8, 0)
	l := toyLab(t, problems, "train.steps=1")
	j := l.online("grpo", q, "train.steps=8", "online.temperature=3")
	iterations := 0
	if _, err := l.run(j, "run", func(r Row) bool {
		if o := r.Rollout; o != nil {
			iterations++
			if o.NotScored > 0 || o.Passed > 0 || o.HiddenFail > 0 || o.Reward > -0.3 {
				t.Errorf("iteration %d: %+v", o.Iteration, o)
			}
		}
		return false
	}); err != nil {
		t.Fatal(err)
	}
	if iterations != 2 || len(q.of) < min(len(q.programs), 16) {
		t.Errorf("%d iterations, %d of %d attacks", iterations, len(q.of), len(q.programs))
	}
	for name, v := range q.of {
		if v.Passed == nil || *v.Passed || slices.ContainsFunc(v.Tests, func(r problem.TestResult) bool { return r.Verdict == problem.Pass }) {
			t.Errorf("%s: %s", name, v.Verdict)
		}
	}
	for _, p := range problems[:4] {
		ask := judge.Job{Problem: p, TaskID: p.TaskID, Program: p.Reference}
		v, err := inner.Do(context.Background(), ask)
		if err == nil && v.Verdict == problem.Timeout { // 0.3 s are soon over on a machine that stalls; what an attack left is there the second time, too
			v, err = inner.Do(context.Background(), ask)
		}
		if err != nil || v.Verdict != problem.Pass {
			t.Errorf("%s: the reference is %s: %v", p.TaskID, v.Verdict, err)
		}
	}
}

// late gives verdicts on a share of programs, chosen by their texts, after a delay.
type late struct {
	judge.Queue
	share float64
	delay time.Duration
	n     atomic.Int64 // that were late
}

func (d *late) Do(ctx context.Context, j judge.Job) (problem.Verdict, error) {
	v, err := d.Queue.Do(ctx, j)
	h := fnv.New64a()
	fmt.Fprint(h, j.TaskID, j.Program)
	if float64(h.Sum64()>>11)/(1<<53) < d.share {
		d.n.Add(1)
		time.Sleep(d.delay)
	}
	return v, err
}

// How much longer steps take where 5 % of the verdicts come 2 s late, with the model and the settings
// of recipes/improve-graded.yaml. It measures, and asserts nothing.
func TestLateVerdicts(t *testing.T) {
	if os.Getenv("HONE_LONG") == "" {
		t.Skip("NOT RUN: measures for minutes (HONE_LONG=1)")
	}
	l := &lab{t: t, dir: t.TempDir()}
	var problems []*problem.Problem
	for p, err := range graded.Generate(graded.Config{Split: graded.Test, Seed: 9}) {
		if err != nil {
			t.Fatal(err)
		}
		if problems = append(problems, &p.Problem); len(problems) == 1200 {
			break
		}
	}
	l.writeProblems("problems.jsonl", problems)
	inner := toyJudge(t)
	const iterations, perIteration, repeats = 8, 4, 3
	const steps = iterations * perIteration
	// Seconds of the steps of iterations, without and with delays. The first waits for its own programs,
	// and with the last none are drawn: these two are left out.
	var seconds [2][iterations][]float64
	for repeat := range 2 * repeats {
		kind := repeat % 2
		q := &late{Queue: inner, delay: 2 * time.Second, share: 0.05 * float64(kind)}
		j := l.online("grpo", q, "model.from=../loop/base/model", "online.prompts=64", "online.samples=8", "online.max_tokens=128", "online.passes=1", "online.stop=[]",
			"online.advantage=rloo", "reward.mode=terminal", "train.batch=128", "train.length=192", "train.lr=5e-5", fmt.Sprint("train.steps=", steps), "train.checkpoint_every=1000")
		took := 0.0
		var of []float64
		if _, err := l.run(j, fmt.Sprint("run", repeat), func(r Row) bool {
			took += r.Time.Seconds
			if r.Step%perIteration == 0 {
				of, took = append(of, took), 0
			}
			return false
		}); err != nil {
			t.Fatal(err)
		}
		for i, took := range of {
			seconds[kind][i] = append(seconds[kind][i], took)
		}
		raw, _ := json.Marshal(of)
		t.Logf("%d late verdicts: seconds of iterations: %s", q.n.Load(), raw)
	}
	median := func(x []float64) float64 {
		slices.Sort(x)
		return (x[(len(x)-1)/2] + x[len(x)/2]) / 2
	}
	var ratios []float64 // of the same programs and steps
	for i := 1; i < iterations-1; i++ {
		a, b := median(seconds[0][i]), median(seconds[1][i])
		t.Logf("iteration %d: %.2f s without delays, %.2f s with, %+.1f %%", i, a, b, 100*(b/a-1))
		ratios = append(ratios, b/a)
	}
	t.Logf("median: %+.1f %% (%+.1f to %+.1f)", 100*(median(ratios)-1), 100*(slices.Min(ratios)-1), 100*(slices.Max(ratios)-1))
}
