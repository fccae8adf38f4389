//go:build linux

package train

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"hone/judge"
	"hone/offline"
	"hone/problem"
	"hone/sandbox"
	"hone/tensor"
	"hone/tensor/cpu"
)

// The clipped objective and its gradients, those of values too, are torch's.
func TestGoldenPolicy(t *testing.T) {
	g := readGoldenRL(t)
	for _, c := range g.Policy {
		t.Run(fmt.Sprint(c.Settings), func(t *testing.T) {
			o := &OnlineRecipe{Clip: c.Settings["clip"], ValueClip: c.Settings["value_clip"], ValueWeight: c.Settings["value_weight"]}
			wrt := []string{"logits"}
			if o.ValueWeight > 0 {
				wrt = append(wrt, "values")
			}
			out := g.traceLoss(t, o.golden, wrt...)
			if d := math.Abs(float64(out["loss"].F32[0]) - c.Loss); d > 1e-5 {
				t.Errorf("the loss is %v, not %v", out["loss"].F32[0], c.Loss)
			}
			if d := away(out["gradient of logits"].F32, c.Logits); !(d <= 2e-6) {
				t.Errorf("the gradient is off by %.2g", d)
			}
			if o.ValueWeight > 0 {
				if d := away(out["gradient of values"].F32, c.Values); !(d <= 2e-6) {
					t.Errorf("the gradient of values is off by %.2g", d)
				}
			}
		})
	}
}

// sums are problems of one expression of two arguments; held-out ones have other names.
func sums(n, from int) []*problem.Problem {
	names := strings.Fields("a b c d e f g h k m n p")
	ops := []struct {
		word, sign string
		of         func(a, b int) int
	}{
		{"add", "+", func(a, b int) int { return a + b }},
		{"sub", "-", func(a, b int) int { return a - b }},
		{"mul", "*", func(a, b int) int { return a * b }},
	}
	var out []*problem.Problem
	for i := range n {
		k := from + i
		x, y := names[k%len(names)], names[(k*7+3+k/len(names))%len(names)]
		if x == y {
			y = names[(k+1)%len(names)]
		}
		op := ops[k%len(ops)]
		p := &problem.Problem{
			Benchmark: "toy", TaskID: fmt.Sprint("toy/", k), EntryPoint: "f",
			Prompt: fmt.Sprintf("# %s %s %s\ndef f(%s, %s):\n    return", op.word, x, y, x, y),
		}
		p.Prefix = p.Prompt
		p.Reference = fmt.Sprintf("%s %s %s %s\n", p.Prompt, x, op.sign, y)
		for j, args := range [][2]int{{7, 3}, {12, 5}, {-4, 9}} {
			args, _ := json.Marshal(args)
			var ab [2]int
			_ = json.Unmarshal(args, &ab)
			vis := problem.Hidden
			if j == 0 {
				vis = problem.Public
			}
			test, err := problem.NewTest(fmt.Sprint("t", j), problem.KindCall, vis, problem.CallSpec{
				Function: "f", Args: args, Expected: json.RawMessage(fmt.Sprint(op.of(ab[0], ab[1]))),
			})
			if err != nil {
				panic(err)
			}
			p.Tests = append(p.Tests, test)
		}
		out = append(out, p)
	}
	return out
}

// toyJudge starts a real judge.
func toyJudge(t *testing.T) *judge.Judge {
	t.Helper()
	py, err := sandbox.FindPython(context.Background(), "", false)
	if err != nil {
		t.Skipf("NOT RUN: %v", err)
	}
	j, err := judge.New(context.Background(), judge.Config{Python: py, Workers: 2})
	if err != nil {
		t.Skipf("NOT RUN: %v", err)
	}
	t.Cleanup(j.Close)
	return j
}

// pretend is a queue that knows the answers by text, counts, and calls what is wrong after
// the first time another thing each time: a verdict that depends on the clock.
type pretend struct {
	calls atomic.Int64
	mu    sync.Mutex
	seen  map[string]int
}

func (p *pretend) Workers() int { return 2 }

func (p *pretend) Do(_ context.Context, j judge.Job) (problem.Verdict, error) {
	p.calls.Add(1)
	p.mu.Lock()
	p.seen[j.TaskID+j.Program]++
	n := p.seen[j.TaskID+j.Program]
	p.mu.Unlock()
	v := problem.Verdict{Benchmark: j.Problem.Benchmark, TaskID: j.TaskID, Sample: j.Sample}
	outcome := problem.WrongAnswer
	switch {
	case strings.Contains(j.Program, "return"+strings.TrimPrefix(j.Problem.Reference, j.Problem.Prompt)):
		outcome = problem.Pass
	case n > 1 || len(j.Program)%2 == 0:
		outcome = problem.Timeout
	}
	passed := outcome == problem.Pass
	v.Verdict, v.Passed = outcome, &passed
	for _, t := range j.Problem.Tests {
		v.Tests = append(v.Tests, problem.TestResult{Name: t.Name, Verdict: outcome})
	}
	return v, nil
}

const onlineRecipe = `name: t
kind: KIND
model: {from: DIR/base/model}
online: {problems: DIR/problems.jsonl, form: completion, prompts: 4, samples: 4, max_tokens: 12, passes: 2, stop: ["\n"]}
reward: {mode: localised}
train: {steps: 14, batch: 8, length: 64, multiple: 16, lr: 0.002, warmup: 2, weight_decay: 0, checkpoint_every: 3, threads: 2}
`

const toyBase = `name: base
kind: clm
model: {architecture: llama, layers: 2, width: 64, heads: 4, tie: true}
tokenizer: {train: {vocab: 300}}
corpus:
  sources: [{path: DIR/src.jsonl, project_field: project}]
  filter: {min_bytes: 1, min_alphanumeric: 0}
  dedup: {near: false, exact: false}
  split: {validation: 0}
train: {steps: 40, batch: 16, length: 64, lr: 0.005, warmup: 10, documents: true, eval_every: 0, threads: 2}
`

// toyLab is a lab with problems and a model that has seen their form, but with operators
// that are right in one of three cases.
func toyLab(t *testing.T, problems []*problem.Problem, sets ...string) *lab {
	t.Helper()
	l := &lab{t: t, dir: t.TempDir()}
	rng := rand.New(rand.NewPCG(8, 8))
	var src strings.Builder
	for i, p := range sums(1500, 1000) {
		words := strings.Fields(strings.SplitN(p.Prompt, "\n", 2)[0])
		sign := []string{"+", "-", "*"}[rng.IntN(3)]
		text, _ := json.Marshal(fmt.Sprintf("%s %s %s %s\n", p.Prompt, words[2], sign, words[3]))
		fmt.Fprintf(&src, "{\"text\":%s,\"project\":\"p%d\"}\n", text, i)
	}
	l.write("src.jsonl", src.String())
	l.writeProblems("problems.jsonl", problems)
	if _, err := l.run(l.job(toyBase, sets...), "base", nil); err != nil {
		t.Fatal(err)
	}
	return l
}

func (l *lab) writeProblems(name string, problems []*problem.Problem) {
	l.t.Helper()
	var b strings.Builder
	for _, p := range problems {
		raw, err := json.Marshal(p)
		if err != nil {
			l.t.Fatal(err)
		}
		b.Write(append(raw, '\n'))
	}
	l.write(name, b.String())
}

// online opens a recipe of the kind with a queue.
func (l *lab) online(kind string, q judge.Queue, sets ...string) *Job {
	l.t.Helper()
	r, err := l.recipe(strings.ReplaceAll(onlineRecipe, "KIND", kind), sets...)
	if err != nil {
		l.t.Fatal(err)
	}
	j, err := Open(context.Background(), r, OpenOptions{
		Cache: l.path("cache"), Log: func(s string) { l.logs = append(l.logs, s) },
		Judge: func(context.Context, []*problem.Problem) (judge.Queue, error) { return q, nil },
	})
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { j.Close() })
	return j
}

// open is an [OpenJudge].
func (p *pretend) open(context.Context, []*problem.Problem) (judge.Queue, error) { return p, nil }

func newPretend() *pretend { return &pretend{seen: map[string]int{}} }

// A run that was stopped in the middle of iterations ends with the bits of one that was not,
// although verdicts would be others if programs were run again; so does one that lost what
// came after a checkpoint, as by a kill.
func TestOnlineRun(t *testing.T) {
	l := toyLab(t, sums(10, 0))
	for _, c := range []struct {
		kind, name string
		sets       []string
	}{
		{"grpo", "grpo", nil},
		{"ppo", "ppo", nil},
		{"ppo", "ppo with adapters", []string{"lora.rank=4", "online.entropy=0.01", "train.dropout=0.1"}},
		{"ppo", "adapters, written as bfloat16", []string{"lora.rank=4", "online.weights=bf16"}},
		{"grpo", "expert iteration", []string{"online.advantage=filtered", "reward.normalise.by=total"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			kind := c.kind
			q := newPretend()
			whole, parts := c.name+"-whole", c.name+"-parts"
			if _, err := l.run(l.online(kind, q, append(slices.Clone(c.sets), "train.threads=1")...), whole, nil); err != nil {
				t.Fatal(err)
			}
			if calls, n := int(q.calls.Load()), strings.Count(l.read(whole+"/"+verdictFile), "\n"); calls != n {
				t.Errorf("%d verdicts are kept of %d executions", n, calls)
			}
			q = newPretend()
			for _, step := range []int{2, 7, 9} {
				if _, err := l.run(l.online(kind, q, c.sets...), parts, func(r Row) bool { return r.Step == step }); err != ErrStopped {
					t.Fatal(err)
				}
			}
			// What a kill leaves: the newest checkpoint is gone, verdicts of later are there.
			if err := os.RemoveAll(l.path(parts + "/checkpoints/step-00000009")); err != nil {
				t.Fatal(err)
			}
			if _, err := l.run(l.online(kind, q, c.sets...), parts, nil); err != nil {
				t.Fatal(err)
			}
			if a, b := l.rows(whole), l.rows(parts); a != b {
				t.Errorf("metrics differ:\n%s\n%s", a, b)
			}
			for _, f := range []string{"model/model.safetensors", "checkpoints/step-00000014/optimizer.safetensors", "checkpoints/step-00000014/state.json", "checkpoints/step-00000014/" + rolloutFile} {
				if l.read(whole+"/"+f) != l.read(parts+"/"+f) {
					t.Errorf("%s differs", f)
				}
			}
			wants := []string{`"iteration":3`, `"executions"`, `"entropy"`, `"public_pass_hidden_fail"`, `"unique"`}
			if !slices.Contains(c.sets, "online.advantage=filtered") { // of the few programs that are written here, none passes
				wants = append(wants, `"clip_fraction"`, `"update_kl"`)
			}
			for _, want := range wants {
				if !strings.Contains(l.rows(whole), want) {
					t.Errorf("no %s in the metrics", want)
				}
			}
			if has := strings.Contains(l.rows(whole), `"explained_variance"`); has != (kind == "ppo") {
				t.Errorf("explained variance: %v", has)
			}
		})
	}
}

// What a token gets adds up to the reward, for every mode, and the ratio of a token is 1 where
// the weights are those that wrote it.
func TestRolloutIsConsistent(t *testing.T) {
	l := toyLab(t, sums(6, 0))
	j := l.online("ppo", newPretend(), "online.samples=8", "online.max_tokens=10")
	p, err := j.Plan(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if p.Programs != 32 || p.Iterations != 2 || p.IterationSeconds <= 0 {
		t.Errorf("the plan is %+v", p)
	}
	s := j.data.sampled
	for i := range s.current.Samples {
		p := &s.current.Samples[i]
		sum := 0.0
		for _, x := range p.Assigned {
			sum += x
		}
		if math.Abs(sum-p.Reward) > 1e-9 {
			t.Errorf("sample %d: tokens have %v, the program %v", i, sum, p.Reward)
		}
		for k := range p.LogProbs {
			if d := math.Abs(float64(p.LogProbs[k] - p.Reference[k])); d > 2e-4 {
				t.Fatalf("sample %d, token %d: the sampler says %v, the model %v", i, k, p.LogProbs[k], p.Reference[k])
			}
		}
		if p.Truncated != (p.Text != "" && len(p.IDs) == 10 && s.writer.tok.Decode(p.IDs) == p.Text) && p.Truncated {
			t.Errorf("sample %d of %d tokens: truncated %v", i, len(p.IDs), p.Truncated)
		}
	}
}

// A copy of the model that writes with bfloat16 has the probabilities of the model whose matrices are
// rounded, its adapters are not, and takes half the memory.
func TestWritingAsBFloat16(t *testing.T) {
	l := toyLab(t, sums(6, 0))
	writing := map[string]int64{} // bytes of weights
	for _, c := range []struct{ weights, rank string }{{"f32", "0"}, {"bf16", "0"}, {"f32", "4"}, {"bf16", "4"}} {
		weights := c.weights
		sets := []string{"online.weights=" + weights}
		if c.rank != "0" {
			sets = append(sets, "lora.rank="+c.rank)
		}
		j := l.online("grpo", newPretend(), sets...)
		for k, p := range j.Model.Params {
			for i := range p.F32 {
				p.F32[i] *= 1.003 // which bfloat16 does not have
				if strings.Contains(p.Name, "lora_B") {
					p.F32[i] = .01 * float32((i*k)%11-5)
				}
			}
		}
		rounded := j.Model.Reference()
		for _, p := range rounded.Params {
			p.Tensor = tensor.New(p.Shape...)
			for i, x := range j.Model.Param(p.Name).F32 {
				if len(p.Shape) == 2 && !strings.Contains(p.Name, "lora") {
					b := math.Float32bits(x)
					x = math.Float32frombits((b + 0x7fff + b>>16&1) &^ 0xffff) // to the nearest, of two to the even one
				}
				p.F32[i] = x
			}
		}
		j.reference = j.Model.Reference()
		plan, err := j.Plan(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if c.rank == "0" {
			writing[weights] = plan.Memory.Weights
		}
		dev := cpu.New(1)
		defer dev.Close()
		r := j.data.sampled.current
		want, _, err := newScorer(dev, rounded, &j.Recipe.Train, false).score(context.Background(), j.data.sampled.writer.sequences(r))
		if err != nil {
			t.Fatal(err)
		}
		var fromRounded, fromExact float64
		for i, s := range r.Samples {
			for k, p := range s.LogProbs {
				fromRounded = max(fromRounded, math.Abs(float64(p-want[i][k])))
				fromExact = max(fromExact, math.Abs(float64(p-s.Reference[k])))
			}
		}
		t.Logf("%v: up to %.1e nats from the rounded model, %.1e from the exact one", c, fromRounded, fromExact)
		near, far := fromExact, fromRounded
		if weights == "bf16" {
			near, far = far, near
		}
		if near > 2e-4 || far < 10*near {
			t.Errorf("%v: log-probabilities are %v from those of the rounded model, %v from the exact one", c, fromRounded, fromExact)
		}
	}
	if all := writing["f32"]; writing["bf16"] >= all || writing["bf16"] < all*3/4-all/20 {
		t.Errorf("the plan has %v bytes of weights", writing)
	}
}

// The last row of a verdict log may be torn.
func TestVerdictLogTorn(t *testing.T) {
	path := t.TempDir() + "/v.jsonl"
	q := newPretend()
	p := sums(1, 0)[0]
	ask := func(l *verdictLog, program string) *verdictEntry {
		t.Helper()
		e, err := l.judge(context.Background(), 0, judge.Job{Problem: p, TaskID: p.TaskID, Program: program})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	l, err := openVerdicts(path, q)
	if err != nil {
		t.Fatal(err)
	}
	ask(l, "one")
	ask(l, "one")
	ask(l, "two2")
	if err := l.flush(); err != nil {
		t.Fatal(err)
	}
	raw, _ := os.ReadFile(path)
	if err := os.WriteFile(path, raw[:len(raw)-5], 0o644); err != nil {
		t.Fatal(err)
	}
	if l, err = openVerdicts(path, q); err != nil {
		t.Fatal(err)
	}
	ask(l, "one")
	if n := q.calls.Load(); n != 2 {
		t.Errorf("%d executions, not 2", n)
	}
	ask(l, "two2")
	if err := l.flush(); err != nil {
		t.Fatal(err)
	}
	if l, err = openVerdicts(path, q); err != nil || len(l.known) != 2 {
		t.Errorf("%v: %d rows", err, len(l.known))
	}
}

func TestOnlineOpenErrors(t *testing.T) {
	l := toyLab(t, sums(3, 0))
	open := func(sets ...string) error {
		r, err := l.recipe(strings.ReplaceAll(onlineRecipe, "KIND", "grpo"), sets...)
		if err != nil {
			return err
		}
		j, err := Open(context.Background(), r, OpenOptions{
			Cache: l.path("cache"),
			Judge: func(context.Context, []*problem.Problem) (judge.Queue, error) { return newPretend(), nil },
		})
		if err == nil {
			j.Close()
		}
		return err
	}
	for _, c := range []struct {
		sets []string
		want string
	}{
		{[]string{"online.problems=none.jsonl"}, "none.jsonl"},
		{[]string{"online.samples=1"}, "online.samples must be at least 2"},
		{[]string{"train.batch=5"}, "has to divide the 16 programs"},
		{[]string{"train.accumulate=3"}, "has to divide the 4 batches"},
		{[]string{"online.max_tokens=64"}, "leaves no room for a prompt"},
		{[]string{"online.max_tokens=60"}, "none of 3 problems can be used"},
		{[]string{"online.advantage=exp"}, "online.advantage must be one of"},
		{[]string{"reward.mode=nowhere"}, "reward.mode"},
		{[]string{"kind=sft"}, "is of kind grpo"},
	} {
		if err := open(c.sets...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v:\n got %v\nwant %s", c.sets, err, c.want)
		}
	}
}

// rate is the share of programs that pass, of n sampled for each problem.
func (l *lab) rate(dir string, q judge.Queue, problems []*problem.Problem, n int) (rate float64, executions int, rows []offline.Row) {
	l.t.Helper()
	j := l.online("grpo", q, "model.from="+dir, fmt.Sprint("online.prompts=", len(problems)), fmt.Sprint("online.samples=", n), fmt.Sprint("train.batch=", len(problems)))
	s := j.data.sampled
	s.writer.problems = problems
	s.writer.prompts = nil
	for _, p := range problems {
		s.writer.prompts = append(s.writer.prompts, j.Tokenizer.Encode(p.Prompt))
	}
	if _, err := j.Plan(context.Background()); err != nil {
		l.t.Fatal(err)
	}
	for i, p := range s.current.Samples {
		if i%97 == 0 {
			l.t.Logf("%q %q %s", problems[p.Problem].Prompt, p.Text, p.Outcome)
		}
		of := problems[p.Problem]
		rate += share(p.Outcome == problem.Pass) / float64(len(s.current.Samples))
		if p.counts() && strings.TrimSpace(p.Text) != "" {
			rows = append(rows, offline.Row{Benchmark: of.Benchmark, TaskID: of.TaskID, Prompt: of.Prompt, Program: p.Text, Reward: p.Reward, Verdict: p.Outcome, Model: "base"})
		}
	}
	return rate, s.current.Executions, rows
}

// baseSteps give a model that mostly writes an expression of the right names.
const baseSteps = 900

// With a real judge: offline learning from the base's own programs, grpo and ppo raise
// pass@1 on problems that none of them was trained on.
func TestToyImproves(t *testing.T) {
	if os.Getenv("HONE_LONG") == "" {
		t.Skip("NOT RUN: trains three models (HONE_LONG=1)")
	}
	problems, held := sums(24, 0), sums(24, 500)
	l := toyLab(t, problems, fmt.Sprint("train.steps=", baseSteps))
	q := toyJudge(t)
	before, _, _ := l.rate(l.path("base/model"), q, held, 32)
	t.Logf("base: pass@1 %.3f on held-out problems", before)
	_, labelled, rows := l.rate(l.path("base/model"), q, sums(120, 0), 16)
	l.writeRows("rows.jsonl", rows)
	for _, a := range []Advantage{Exponential, RLOO} {
		j := l.job(offlineRecipe, "offline.advantage="+string(a), "offline.ratio=0", "offline.skip_contradictions=true", "train.steps=250", "train.length=64", "train.dropout=0", "train.batch=32", "train.lr=0.0004", "train.threads=2")
		if _, err := l.run(j, string(a), nil); err != nil {
			t.Fatal(err)
		}
		after, _, _ := l.rate(l.path(string(a)+"/model"), q, held, 32)
		t.Logf("offline %s: pass@1 %.3f, %d executions", a, after, labelled)
		if after < before+0.1 {
			t.Errorf("offline %s: pass@1 %.3f, was %.3f", a, after, before)
		}
	}
	for _, kind := range []string{"grpo", "ppo"} {
		j := l.online(kind, q, "online.prompts=8", "online.samples=8", "train.batch=32", "train.steps=160", "train.lr=0.0004", "online.clip=0.2", "train.checkpoint_every=1000", "train.threads=2")
		executions := 0
		if _, err := l.run(j, kind, func(r Row) bool {
			if r.Rollout != nil {
				executions += r.Rollout.Executions
				t.Logf("%s %d: reward %.2f, passed %.2f, entropy %.2f, unique %.2f, kl %.3f", kind, r.Rollout.Iteration, r.Rollout.Reward, r.Rollout.Passed, r.Rollout.Entropy, r.Rollout.Unique, r.Rollout.KL)
			}
			return false
		}); err != nil {
			t.Fatal(err)
		}
		after, _, _ := l.rate(l.path(kind+"/model"), q, held, 32)
		t.Logf("%s: pass@1 %.3f, %d executions", kind, after, executions)
		if after < before+0.1 {
			t.Errorf("%s: pass@1 %.3f, was %.3f", kind, after, before)
		}
	}
}

// golden is the objective with values that are an input.
func (o *OnlineRecipe) golden(g *tensor.Graph, logp *tensor.Value, s Shape) *tensor.Value {
	if o.ValueWeight == 0 {
		return o.objective(g, logp, nil, s)
	}
	return o.objective(g, logp, g.Input("values", tensor.F32, s.B, s.T), s)
}

// A problem file with one of RoboEval's is refused.
func TestNothingTrainsOnRoboEval(t *testing.T) {
	l := toyLab(t, sums(2, 0))
	l.write("problems.jsonl", strings.Replace(l.read("problems.jsonl"), `"benchmark":"toy"`, `"benchmark":"RoboEval"`, 1))
	r, err := l.recipe(strings.ReplaceAll(onlineRecipe, "KIND", "ppo"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(context.Background(), r, OpenOptions{Cache: l.path("cache")}); err == nil || !strings.Contains(err.Error(), "nothing is trained on it") {
		t.Errorf("got %v", err)
	}
}

// TestBatchParts: each row of a batch is in one of its parts, the longest first, and together they are
// hardly larger than one piece (that the gradient is the same, finite differences show).
func TestBatchParts(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		lengths := rapid.SliceOfN(rapid.IntRange(2, 40), 0, 30).Draw(rt, "lengths")
		rows := make([]sequence, len(lengths))
		for i, n := range lengths {
			rows[i] = sequence{make([]int32, n), 1}
			rows[i].tokens[0] = int32(i)
		}
		b := rapid.IntRange(max(1, len(rows)), 40).Draw(rt, "b")
		seen := map[int]bool{}
		longest := 1 << 30
		cells := 0
		for p := byLength(rows, b, func(part []int, b int) *Batch {
			k := newStack(pick(rows, part), b, 4, 64)
			for r, i := range part {
				if seen[i] || int(k.tokens.I32[r*k.T]) != i {
					rt.Fatalf("row %d is there twice, or in another's place", i)
				}
				seen[i] = true
				if len(rows[i].tokens) > longest {
					rt.Fatalf("row %d is longer than one of the part before", i)
				}
			}
			for _, i := range part {
				longest = min(longest, len(rows[i].tokens))
			}
			return &Batch{Shape: k.Shape}
		}); p != nil; p = p.Then {
			cells += p.B * p.T
		}
		if len(seen) != len(rows) {
			rt.Fatalf("%d of %d rows are there", len(seen), len(rows))
		}
		if whole := newStack(rows, b, 4, 64); cells > (b+partsOfBatch)*whole.T {
			rt.Fatalf("%d cells, %d in one piece", cells, b*whole.T)
		}
	})
}
