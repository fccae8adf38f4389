package train

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"hone/model"
	"hone/offline"
	"hone/problem"
	"hone/tensor"
	"hone/tensor/cpu"
)

// traceLoss compiles a loss over logits with the gradients of the inputs named wrt, and runs it.
func (g *goldenRL) traceLoss(t *testing.T, loss func(g *tensor.Graph, logp *tensor.Value, s Shape) *tensor.Value, wrt ...string) map[string]*tensor.Tensor {
	t.Helper()
	b := &g.Batch
	s := Shape{b.B, b.T}
	graph, err := tensor.Trace(func(g *tensor.Graph) {
		logits := g.Input("logits", tensor.F32, s.B, s.T, b.V)
		targets := g.Input("targets", tensor.I32, s.B, s.T)
		l := loss(g, tensor.Scale(tensor.CrossEntropy(logits, targets), -1), s)
		g.Output("loss", l)
		var of []*tensor.Value
		for _, name := range wrt {
			for _, in := range g.Inputs {
				if n, _ := in.InputName(); n == name {
					of = append(of, in)
				}
			}
		}
		for i, d := range tensor.Gradient(l, of...) {
			g.Output("gradient of "+wrt[i], d)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	dev := cpu.New(1)
	defer dev.Close()
	p, err := dev.Compile(graph, nil)
	if err != nil {
		t.Fatal(err)
	}
	args := map[string]*tensor.Tensor{}
	args["targets"], _ = tensor.OfInts(b.Targets, s.B, s.T)
	args["logits"], _ = tensor.Of(b.Logits, s.B, s.T, b.V)
	for name, x := range map[string][]float32{
		"advantage": b.Advantage, "positive": b.Positive, "share": b.Share, "count": b.Count, "behaviour": b.Behaviour, "known": b.Known,
	} {
		args[name], _ = tensor.Of(x, s.B)
	}
	for name, x := range map[string][]float32{
		"mask": b.Mask, "reference": b.Reference, "advantages": b.Advantages, "old": b.Old, "values": b.Values, "old values": b.OldValues, "returns": b.Returns,
	} {
		args[name], _ = tensor.Of(x, s.B, s.T)
	}
	out, err := p.Run(context.Background(), args)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// The loss and its gradient are torch's, with every option.
func TestGoldenOffline(t *testing.T) {
	g := readGoldenRL(t)
	for _, c := range g.Offline {
		t.Run(fmt.Sprint(c.Settings), func(t *testing.T) {
			o := &OfflineRecipe{Positives: c.Settings["positives"], Floor: c.Settings["floor"], Penalty: c.Settings["penalty"], Ratio: c.Settings["ratio"]}
			out := g.traceLoss(t, o.objective, "logits")
			if o.Penalty == 0 { // in the weights it has a gradient, but is no value
				if d := math.Abs(float64(out["loss"].F32[0]) - c.Loss); d > 1e-5 {
					t.Errorf("the loss is %v, not %v", out["loss"].F32[0], c.Loss)
				}
			}
			if d := away(out["gradient of logits"].F32, c.Logits); !(d <= 2e-6) {
				t.Errorf("the gradient is off by %.2g", d)
			}
		})
	}
}

// toyRows are programs for the lab's tokenizer: of each problem two that passed and three
// that did not.
func toyRows(problems int) []offline.Row {
	rng := rand.New(rand.NewPCG(5, 6))
	words := strings.Fields("count total name value item index width left right node path line text key")
	var rows []offline.Row
	for p := range problems {
		w := words[p%len(words)]
		for i := range 5 {
			r := offline.Row{TaskID: fmt.Sprint("t", p), Prompt: fmt.Sprintf("def f%d(%s):\n", p, w), Reward: -0.3, Verdict: problem.WrongAnswer}
			r.Program = fmt.Sprintf("    return %s + %d\n", w, rng.IntN(900)+10*i)
			if i < 2 {
				r.Reward, r.Verdict = 1, problem.Pass
			}
			if i == 2 {
				r.Reward, r.Verdict = -0.6, problem.Exception
			}
			if i%2 == 0 {
				b := -float64(10 + i)
				r.BehaviourLogProb = &b
			}
			rows = append(rows, r)
		}
	}
	return rows
}

const offlineRecipe = `name: t
kind: offline
model: {from: DIR/base/model}
offline: {path: DIR/rows.jsonl, advantage: rloo, positives: 0.2, floor: 0.5, penalty: 0.02, ratio: 0.3}
train: {steps: 14, batch: 8, length: 48, multiple: 16, lr: 0.002, warmup: 2, checkpoint_every: 5, dropout: 0.1, weight_decay: 0, threads: 1}
`

// trainedLab is a lab with a model in base/model that was trained a little, and rows.
func trainedLab(t *testing.T, rows []offline.Row) *lab {
	t.Helper()
	l := newLab(t)
	if _, err := l.run(l.job(clmRecipe, "train.steps=20", "train.length=64"), "base", nil); err != nil {
		t.Fatal(err)
	}
	l.writeRows("rows.jsonl", rows)
	return l
}

func (l *lab) writeRows(name string, rows []offline.Row) {
	l.t.Helper()
	var b strings.Builder
	if err := offline.Write(&b, rows); err != nil {
		l.t.Fatal(err)
	}
	l.write(name, b.String())
}

// The gradient of every parameter is that of differences of the loss, through the model.
func TestOfflineFiniteDifferences(t *testing.T) {
	l := trainedLab(t, toyRows(6))
	// The floor, the ratio's clip are not smooth: goldens test them.
	j := l.job(offlineRecipe, "offline.floor=0", "offline.ratio=0.9", "offline.penalty=0.3", "train.dropout=0", "train.threads=2")
	dev := cpu.New(2)
	defer dev.Close()
	s, err := j.stepper(dev)
	if err != nil {
		t.Fatal(err)
	}
	b, err := j.data.train.Batch(0)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range j.Model.Params { // away from the reference, where the penalty has no slope
		for i := range p.F32 {
			p.F32[i] *= 1.05
		}
	}
	r, err := s.Step(context.Background(), 1, 0, b)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 9))
	for i, p := range j.Model.Trainable() {
		// In a direction of the gradient's own, mixed with chance, so that it is no rounding.
		dir := make([]float32, len(p.F32))
		slope, norm := 0.0, 0.0
		for k, g := range s.grads[i].F32 {
			dir[k] = g + float32(rng.NormFloat64())*float32(r.Norm)*0.05/float32(math.Sqrt(float64(len(dir))))
			norm += float64(dir[k] * dir[k])
		}
		for k := range dir {
			dir[k] /= float32(math.Sqrt(norm))
			slope += float64(dir[k] * s.grads[i].F32[k])
		}
		before := append([]float32(nil), p.F32...)
		at := func(h float32) float64 {
			for k := range p.F32 {
				p.F32[k] = before[k] + h*dir[k]
			}
			loss, err := s.Evaluate(context.Background(), b)
			if err != nil {
				t.Fatal(err)
			}
			weight := 0.0
			for _, p := range parts([]*Batch{b}) {
				weight += p.Weight
			}
			return loss / weight
		}
		const h = 1e-2
		got := (at(h) - at(-h)) / (2 * h)
		copy(p.F32, before)
		if math.Abs(got-slope) > 0.02*math.Abs(slope)+2e-4 {
			t.Errorf("%s: the slope is %v by differences, %v by the gradient", p.Name, got, slope)
		}
	}
}

// A run that was stopped ends with the bits of one that was not, with another number of
// threads; correct programs become likelier than the others.
func TestOfflineRun(t *testing.T) {
	l := trainedLab(t, toyRows(6))
	if _, err := l.run(l.job(offlineRecipe, "train.threads=2"), "whole", nil); err != nil {
		t.Fatal(err)
	}
	for _, step := range []int{3, 6, 11} {
		if _, err := l.run(l.job(offlineRecipe), "parts", func(r Row) bool { return r.Step == step }); err != ErrStopped {
			t.Fatal(err)
		}
	}
	if _, err := l.run(l.job(offlineRecipe), "parts", nil); err != nil {
		t.Fatal(err)
	}
	if a, b := l.rows("whole"), l.rows("parts"); a != b {
		t.Errorf("metrics differ:\n%s\n%s", a, b)
	}
	for _, f := range []string{"model/model.safetensors", "checkpoints/step-00000014/optimizer.safetensors", "checkpoints/step-00000014/state.json"} {
		if l.read("whole/"+f) != l.read("parts/"+f) {
			t.Errorf("%s differs", f)
		}
	}
}

// margin is how much likelier, in nats a token, a model finds correct programs than others.
func margin(t *testing.T, j *Job, dir string) float64 {
	t.Helper()
	m, err := model.Load(dir, model.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	dev := cpu.New(1)
	defer dev.Close()
	data := j.data.train.(*judged)
	logp, _, err := newScorer(dev, m, &j.Recipe.Train, false).score(context.Background(), data.sequences)
	if err != nil {
		t.Fatal(err)
	}
	var sum, n [2]float64
	for i, row := range data.set.Rows {
		k := 0
		if row.Correct() {
			k = 1
		}
		for _, x := range logp[i] {
			sum[k] += float64(x)
			n[k]++
		}
	}
	return sum[1]/n[1] - sum[0]/n[0]
}

// Every advantage makes correct programs likelier in comparison; incorrect ones are not
// pushed further down than the floor.
func TestOfflineLearns(t *testing.T) {
	l := trainedLab(t, toyRows(6))
	base := l.path("base/model")
	advantages := Advantages()
	if os.Getenv("HONE_LONG") == "" {
		advantages = []Advantage{RLOO, Exponential}
	}
	for _, a := range advantages {
		j := l.job(offlineRecipe, "offline.advantage="+string(a), "train.steps=40", "train.dropout=0", "train.lr=0.004", "train.threads=2")
		if _, err := l.run(j, string(a), nil); err != nil {
			t.Fatal(err)
		}
		before, after := margin(t, j, base), margin(t, j, l.path(string(a)+"/model"))
		t.Logf("%s: correct programs were %.3f nats a token likelier, are %.3f", a, before, after)
		if after < before+0.1 {
			t.Errorf("%s: correct programs were %.3f nats a token likelier, are %.3f", a, before, after)
		}
	}
	fall := func(floor float64) float64 {
		out := fmt.Sprint("floor", floor)
		j := l.job(offlineRecipe, fmt.Sprint("offline.floor=", floor), "offline.penalty=0", "offline.ratio=0", "offline.positives=0", "train.steps=45", "train.dropout=0", "train.lr=0.004", "train.threads=2")
		if _, err := l.run(j, out, nil); err != nil {
			t.Fatal(err)
		}
		last := ""
		for row := range strings.Lines(l.rows(out)) {
			last = row
		}
		var lp float64
		if _, err := fmt.Sscanf(last[strings.Index(last, `"logprob_incorrect":`)+20:], "%g", &lp); err != nil {
			t.Fatal(err)
		}
		return lp
	}
	free, held := fall(0), fall(0.5)
	t.Logf("log-probability a token of incorrect programs: %.2f without a floor, %.2f with", free, held)
	if held < free+0.7 {
		t.Errorf("the floor changes nothing: %.2f without it, %.2f with", free, held)
	}
}

func TestOfflineOpenErrors(t *testing.T) {
	l := trainedLab(t, toyRows(3))
	for _, c := range []struct {
		sets []string
		want string
	}{
		{[]string{"offline.path=none.jsonl"}, "there is no such file"},
		{[]string{"offline.group=3"}, "train.batch is 8: it has to be a multiple of offline.group, 3"},
		{[]string{"offline.group=1"}, "offline.group must be at least 2"},
		{[]string{"offline.advantage=best"}, "offline.advantage must be one of"},
		{[]string{"offline.bounds=[1]"}, "offline.bounds must be two numbers"},
		{[]string{"offline.floor=-1"}, "offline.floor must be 0 or more"},
		{[]string{"train.length=5", "train.too_long=error"}, "more than train.length, 5"},
		{[]string{"train.length=5"}, "none of 0 problems"},
		{[]string{"kind=sft"}, "offline is of kind offline, not of sft"},
	} {
		if _, err := l.open(offlineRecipe, c.sets...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v:\n got %v\nwant %s", c.sets, err, c.want)
		}
	}
	rows := toyRows(1)
	rows[1].Benchmark = "RoboEval"
	l.writeRows("rows.jsonl", rows)
	if _, err := l.open(offlineRecipe); err == nil || !strings.Contains(err.Error(), "nothing is trained on it") {
		t.Errorf("rows of RoboEval: %v", err)
	}
	rows[1].Benchmark = ""
	l.writeRows("rows.jsonl", rows[:2])
	if _, err := l.open(offlineRecipe); err == nil || !strings.Contains(err.Error(), "nothing to compare") {
		t.Errorf("only correct programs: %v", err)
	}
}
