package train

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"hone/corpus"
	"hone/model"
	"hone/task"
	"hone/tensor"
	"hone/tensor/cpu"
)

const mlmRecipe = `name: t
kind: mlm
model: {architecture: hone-bigs, layers: 2, width: 16, encoder: {ssm: {states: 8, kernels: 2}}}
tokenizer: {train: {vocab: 300}}
corpus:
  sources: [{path: DIR/src}]
  dedup: {near: false}
  split: {validation: 0.2}
train: {steps: 12, batch: 4, length: 32, lr: 0.01, warmup: 2, eval_every: 4, eval_batches: 3, checkpoint_every: 5, dropout: 0.1, threads: 1}
`

// encoders are variants of mlmRecipe's model.
var encoders = map[string]string{
	"bigs":            `{architecture: hone-bigs, layers: 2, width: 16, encoder: {ssm: {states: 8, kernels: 2}}}`,
	"bigs everything": `{architecture: hone-bigs, layers: 2, width: 16, encoder: {position: learned, inner_dropout: true, ssm: {states: 8, kernels: 16, pairs: true, init: legs, discretization: bilinear, high_frequency: 3}}}`,
	"bigs fourier":    `{architecture: hone-bigs, layers: 2, width: 16, encoder: {ssm: {mixing: fourier}}}`,
	"encoder rotary":  `{architecture: hone-encoder, layers: 2, width: 16, heads: 2, encoder: {position: rotary}}`,
	"encoder learned": `{architecture: hone-encoder, layers: 2, width: 16, heads: 2, encoder: {position: learned}}`,
	"s4d":             `{architecture: hone-s4d, layers: 2, width: 16, encoder: {block: dsc+s4d, ssm: {states: 8, kernels: 16, pairs: true}}}`,
	"s4d conv1d":      `{architecture: hone-s4d, layers: 2, width: 16, encoder: {block: conv1d}}`,
}

func withModel(text, m string) string {
	var out []string
	for _, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, "model:") {
			line = "model: " + m
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

// TestMLM: every encoder learns something, and a run that is stopped ends with the bits of one
// that is not.
func TestMLM(t *testing.T) {
	for name, m := range encoders {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			text := withModel(mlmRecipe, m)
			var first, last float64
			if _, err := l.run(l.job(text), "whole", func(r Row) bool {
				if r.Evaluation != nil {
					if last = r.Evaluation.Loss; first == 0 {
						first = last
					}
					if a, ok := r.Evaluation.Measures["accuracy"]; !ok || a < 0 || a > 1 {
						t.Errorf("the accuracy is %v", a)
					}
				}
				return false
			}); err != nil {
				t.Fatal(err)
			}
			if !(last < first) {
				t.Errorf("the validation loss went from %v to %v", first, last)
			}
			if _, err := l.run(l.job(text), "parts", func(r Row) bool { return r.Step == 7 }); err != ErrStopped {
				t.Fatal(err)
			}
			if _, err := l.run(l.job(text), "parts", nil); err != nil {
				t.Fatal(err)
			}
			if l.rows("whole") != l.rows("parts") || l.read("whole/model/model.safetensors") != l.read("parts/model/model.safetensors") {
				t.Error("the stopped run differs")
			}
		})
	}
}

// TestMasked: the share is hidden, 80 % behind the mask, 10 % behind any token; what was there is
// the target; padding is not hidden.
func TestMasked(t *testing.T) {
	l := newLab(t)
	j := l.job(mlmRecipe, "train.documents=true", "train.batch=16")
	mask := j.maskToken()
	from := j.data.train.(*masked).from
	var n, hidden, masks, other float64
	for i := range int64(40) {
		b, err := j.data.train.Batch(i)
		if err != nil {
			t.Fatal(err)
		}
		again, _ := j.data.train.Batch(i)
		c, _ := from.Batch(i)
		plain := NextTokenBatch(c).Inputs["tokens"].I32
		tokens, at, targets := b.Inputs["tokens"].I32, b.Inputs["at"].I32, b.Inputs["targets"].I32
		for k := range tokens {
			if tokens[k] != again.Inputs["tokens"].I32[k] {
				t.Fatal("a batch differs when it is asked for again")
			}
		}
		n += float64(b.Tokens)
		seen := map[int32]bool{}
		for k, y := range targets {
			if y < 0 {
				continue
			}
			p := at[k]
			if seen[p] || plain[p] != y || p%int32(b.T) >= c.Lengths[p/int32(b.T)] {
				t.Fatalf("place %d has the target %d, there was %d, the length is %d", p, y, plain[p], c.Lengths[p/int32(b.T)])
			}
			seen[p] = true
			hidden++
			switch tokens[p] {
			case mask:
				masks++
			case y:
			default:
				other++
			}
		}
		for k := range tokens {
			if !seen[int32(k)] && tokens[k] != plain[k] {
				t.Fatalf("place %d changed, but is not predicted", k)
			}
		}
	}
	for what, v := range map[string][2]float64{"hidden": {hidden / n, .15}, "masked": {masks / hidden, .8}, "random": {other / hidden, .1}} {
		if math.Abs(v[0]-v[1]) > .02 {
			t.Errorf("the share %s is %.3f, not %v", what, v[0], v[1])
		}
	}
}

// tasks writes a small set of rows of each kind, which can be learned.
func tasks(l *lab) {
	type m = map[string]any
	sets := map[task.Kind][]m{}
	word := func(i int) string {
		return strings.Fields("count total name value item index width left right node")[i%10]
	}
	for i := range 80 {
		split := []string{"train", "train", "train", "validation", "test"}[i/2%5]
		label := []string{"bad", "good"}[i%2]
		body := fmt.Sprintf("def f%d(%s):\n    return %s + %d\n", i, word(i), word(i/3), i*7)
		add := func(k task.Kind, r m) {
			r["split"] = split
			sets[k] = append(sets[k], r)
		}
		add(task.Classification, m{"text": map[string]string{"bad": "eval(x)\n", "good": "print(x)\n"}[label] + body, "label": label})
		add(task.Pairs, m{"text": body, "other": map[string]string{"bad": "import os\n", "good": body}[label], "label": label})
		add(task.Tokens, m{"text": "x = 1; s = 'a'; " + body, "spans": []m{{"start": 0, "end": 1, "label": "int"}, {"start": 7, "end": 8, "label": "str"}}})
		add(task.Search, m{"text": body, "other": fmt.Sprintf("returns %s and %d", word(i/3), i*7)})
		add(task.Clones, m{"text": body + strings.Repeat("import "+word(i)+"\n", 3), "label": word(i), "group": word(i)})
	}
	for k, rows := range sets {
		var b strings.Builder
		for _, r := range rows {
			raw, _ := json.Marshal(r)
			b.Write(append(raw, '\n'))
		}
		l.write("tasks/"+string(k)+".jsonl", b.String())
	}
}

const finetuneRecipe = `name: f
kind: finetune
model: {from: DIR/pre/model}
task: {kind: KIND, format: rows, path: DIR/tasks/KIND.jsonl, leaks: keep}
train: {epochs: 4, batch: 8, length: 32, multiple: 8, lr: 0.01, ssm_lr: 1, eval_every: 6, checkpoint_every: 50, threads: 1}
`

// TestFinetune goes from a pretrained encoder to every kind of task, on to a folder and back; a
// stopped run ends with the same bits.
func TestFinetune(t *testing.T) {
	l := newLab(t)
	if _, err := l.run(l.job(mlmRecipe), "pre", nil); err != nil {
		t.Fatal(err)
	}
	tasks(l)
	for _, k := range task.Kinds() {
		t.Run(string(k), func(t *testing.T) {
			text := strings.ReplaceAll(finetuneRecipe, "KIND", string(k))
			out, err := l.run(l.job(text), "whole "+string(k), nil)
			if err != nil {
				t.Fatal(err)
			}
			measure := map[task.Kind]string{task.Search: "mrr", task.Clones: "map_at_r"}[k]
			if measure == "" {
				measure = "accuracy"
			}
			s := out.Scores[measure]
			least := map[task.Kind]float64{task.Classification: .7, task.Pairs: .5, task.Tokens: .9, task.Search: .1, task.Clones: .2}[k]
			if s.Rows == 0 || s.Value < least || s.Low > s.Value || s.High < s.Value {
				t.Errorf("%s is %+v, at least %v is wanted", measure, s, least)
			}
			if _, ok := out.Baseline[measure]; !ok {
				t.Errorf("the baseline lacks %s: %v", measure, out.Baseline)
			}
			if _, ok := out.Constant[measure]; ok == retrieval(k) {
				t.Errorf("one answer for all reaches %v", out.Constant)
			}
			m, err := model.Load(out.Model, model.LoadOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if m.Head != head(k) {
				t.Errorf("the head is %s", m.Head)
			}
			if _, err := l.run(l.job(text), "parts "+string(k), func(r Row) bool { return r.Step == 5 }); err != ErrStopped {
				t.Fatal(err)
			}
			again, err := l.run(l.job(text), "parts "+string(k), nil)
			if err != nil {
				t.Fatal(err)
			}
			if again.Scores[measure] != s || l.rows("whole "+string(k)) != l.rows("parts "+string(k)) {
				t.Error("the stopped run differs")
			}
		})
	}
	t.Run("roberta", func(t *testing.T) {
		tok := l.job(mlmRecipe).Tokenizer
		c, err := model.Defaults(model.ArchRoBERTa)
		if err != nil {
			t.Fatal(err)
		}
		c.Layers, c.Width, c.Heads, c.FFN, c.Vocab, c.Positions = 1, 16, 2, 32, tok.Size(), 40
		c.HeadDim, c.KVHeads = 0, 0
		c.Complete()
		m, err := model.New(c, rand.New(rand.NewPCG(1, 1)))
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(m.Save(l.path("roberta"), ""), tok.Save(l.path("roberta"))); err != nil {
			t.Fatal(err)
		}
		text := strings.Replace(strings.ReplaceAll(finetuneRecipe, "KIND", "classification"), "pre/model", "roberta", 1)
		out, err := l.run(l.job(text), "tuned", nil)
		if err != nil {
			t.Fatal(err)
		}
		if s := out.Scores["accuracy"]; s.Value < .6 {
			t.Errorf("the accuracy is %+v", s)
		}
		if m, err := model.Load(out.Model, model.LoadOptions{}); err != nil || m.Architecture != model.ArchRoBERTa || m.Positions != 40 {
			t.Errorf("the result is %v", err)
		}
		if _, err := l.open(withModel(mlmRecipe, "{from: DIR/roberta}")); err == nil || !strings.Contains(err.Error(), "fine-tuned, not pre-trained") {
			t.Errorf("the error is %v", err)
		}
	})
	t.Run("longer", func(t *testing.T) {
		text := strings.ReplaceAll(finetuneRecipe, "KIND", "classification")
		if _, err := l.open(text, "train.length=64"); err == nil || !strings.Contains(err.Error(), "train.length is 64, but the model") || !strings.Contains(err.Error(), "has 32 positions (model.extend gives it more)") {
			t.Errorf("the error is %v", err)
		}
		if _, err := l.run(l.job(text, "train.length=64", "model.extend=64"), "longer", nil); err != nil {
			t.Error(err)
		}
	})
}

// TestValidationOrder: the first batches of the validation split are not those of the file's first label, whose rows
// could not be told from one another's answers.
func TestValidationOrder(t *testing.T) {
	l := newLab(t)
	if err := l.job(mlmRecipe).Tokenizer.Save(l.path("tok")); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for i := range 90 {
		fmt.Fprintf(&b, "{\"text\": \"x = %d\", \"label\": \"%d\", \"split\": %q}\n", i, i/15, []string{"train", "validation", "test"}[i/30])
	}
	l.write("clones.jsonl", b.String())
	j := l.job(strings.ReplaceAll(weightsRecipe, "KIND", "clones"), "train.eval_every=5")
	batch, err := j.data.validation.Batch(0)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range batch.Inputs["bias"].F32 { // 0 on the diagonal, and where answers are wrong
		if x == 0 {
			batch.Weight--
		}
	}
	if batch.Weight >= 0 {
		t.Error("no row of the first batch has a wrong answer beside it")
	}
}

// TestPairsOfRetrieval: answers to other queries that would be right as well are hidden.
func TestPairsOfRetrieval(t *testing.T) {
	x := &examples{set: &task.Set{Kind: task.Clones}, rows: []example{{text: []int32{1}, label: 0}, {text: []int32{2}, label: 0}, {text: []int32{3}, label: 1}}}
	batches := x.batches(&Settings{Batch: 8, Length: 4, Multiple: 1}, 1)
	batches.shuffle = false
	b, err := batches.Batch(0)
	if err != nil {
		t.Fatal(err)
	}
	const no = hiddenBias
	want := []float32{0, no, 0, no, no, 0, 0, no, 0, 0, 0, no, 0, 0, 0, no}
	if got := b.Inputs["bias"].F32; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the bias is %v", got)
	}
	if got := b.Inputs["targets"].I32; fmt.Sprint(got) != "[0 1 2 -1]" {
		t.Errorf("the targets are %v", got)
	}
	if b.Inputs["tokens"].I32[0] != 2 || b.Inputs["tokens"].I32[1] != 1 {
		t.Errorf("rows of a label are not each other's queries: %v", b.Inputs["tokens"].I32)
	}
}

const weightsRecipe = `name: w
kind: finetune
model: {architecture: hone-encoder, layers: 1, width: 16, heads: 2}
tokenizer: {from: DIR/tok}
task: {kind: KIND, format: rows, path: DIR/KIND.jsonl, leaks: keep}
train: {steps: 60, batch: 14, length: 16, multiple: 8, lr: 0.01, eval_every: 0, threads: 1}
`

// unbalanced writes tasks with 36 good and 6 bad rows to train on. Of those with eval a third is bad, of the others
// none: with weights of 42/(2·36) and 42/(2·6) the third is more than half.
func unbalanced(l *lab) {
	l.t.Helper()
	if err := l.job(mlmRecipe).Tokenizer.Save(l.path("tok")); err != nil {
		l.t.Fatal(err)
	}
	var classes, tokens strings.Builder
	add := func(n int, text, label, split string) {
		for i := range n {
			body := fmt.Sprintf("%s(%s)\n", text, strings.Fields("count total name")[i%3])
			fmt.Fprintf(&classes, "{\"text\": %q, \"label\": %q, \"split\": %q}\n", body, label, split)
			fmt.Fprintf(&tokens, "{\"text\": %q, \"spans\": [{\"start\": 0, \"end\": %d, \"label\": %q}], \"split\": %q}\n", body, len(text), label, split)
		}
	}
	add(12, "eval", "good", "train")
	add(6, "eval", "bad", "train")
	add(24, "print", "good", "train")
	add(3, "eval", "bad", "validation")
	add(3, "print", "good", "validation")
	add(3, "eval", "bad", "test")
	add(3, "print", "good", "test")
	l.write("classification.jsonl", classes.String())
	l.write("tokens.jsonl", tokens.String())
}

// TestWeightedLoss: it is the mean of −w·log p, its gradient to a logit that of w·(p − [it is the label's]), with
// w = n/(k·n_l); over all batches of an epoch the labels have the same weight.
func TestWeightedLoss(t *testing.T) {
	l := newLab(t)
	unbalanced(l)
	for kind, top := range map[task.Kind]func(*tensor.Graph, *model.Forward, *tensor.Value, *tensor.Value) *tensor.Value{
		task.Classification: func(_ *tensor.Graph, f *model.Forward, hidden, lengths *tensor.Value) *tensor.Value {
			return f.Classes(hidden, lengths)
		},
		task.Tokens: func(g *tensor.Graph, f *model.Forward, hidden, _ *tensor.Value) *tensor.Value {
			return f.TokenClasses(spanStates(g, hidden, 1))
		},
	} {
		t.Run(string(kind), func(t *testing.T) {
			j := l.job(strings.ReplaceAll(weightsRecipe, "KIND", string(kind)), "task.weights=balanced")
			b, err := j.data.train.Batch(0)
			if err != nil {
				t.Fatal(err)
			}
			var sums [2]float64
			for i := range j.data.train.Epoch() {
				b, err := j.data.train.Batch(i)
				if err != nil {
					t.Fatal(err)
				}
				for k, y := range b.Inputs["targets"].I32 {
					if y >= 0 {
						sums[y] += float64(b.Inputs["weights"].F32[k]) / b.Weight
					}
				}
			}
			if math.Abs(sums[0]-1.5) > 1e-6 || math.Abs(sums[1]-1.5) > 1e-6 { // halves of three batches
				t.Errorf("labels weigh %v", sums)
			}
			dev := cpu.New(1)
			defer dev.Close()
			p := &predictor{dev: dev, m: j.Model, programs: map[Shape]*cpu.Program{}}
			out, err := p.do(context.Background(), b, top)
			if err != nil {
				t.Fatal(err)
			}
			weights := []float64{42. / 12, 42. / 72} // bad, good
			var loss float64
			gradient := make([]float64, 2)
			for i, y := range b.Inputs["targets"].I32 {
				e := []float64{math.Exp(float64(out.F32[2*i])), math.Exp(float64(out.F32[2*i+1]))}
				w := weights[y]
				loss -= w * math.Log(e[y]/(e[0]+e[1]))
				for k := range gradient {
					gradient[k] += w * e[k] / (e[0] + e[1])
				}
				gradient[y] -= w
			}
			if b.Weight != 14 {
				t.Errorf("the batch counts %v rows", b.Weight)
			}
			s, err := NewStepper(dev, j.Model, j.loss(), Optimizer{})
			if err != nil {
				t.Fatal(err)
			}
			got, err := s.Evaluate(context.Background(), b)
			if err != nil {
				t.Fatal(err)
			}
			if math.Abs(got-loss) > 1e-5*loss {
				t.Errorf("the loss is %v, not %v", got, loss)
			}
			r, err := s.Step(context.Background(), 1, 0, b)
			if err != nil {
				t.Fatal(err)
			}
			if math.Abs(r.Loss-loss/14) > 1e-5*loss/14 {
				t.Errorf("the mean is %v, not %v", r.Loss, loss/14)
			}
			for i, p := range s.params {
				if p.Name != "classes.bias" {
					continue
				}
				for k, d := range s.grads[i].F32 {
					if math.Abs(float64(d)-gradient[k]/14) > 1e-6 {
						t.Errorf("the gradient to logit %d is %v, not %v", k, d, gradient[k]/14)
					}
				}
				return
			}
			t.Error("there is no classes.bias")
		})
	}
}

// TestWeights change what is predicted, of the model and of the baseline.
func TestWeights(t *testing.T) {
	l := newLab(t)
	unbalanced(l)
	for _, kind := range []task.Kind{task.Classification, task.Tokens} {
		text := strings.ReplaceAll(weightsRecipe, "KIND", string(kind))
		for weights, want := range map[string]float64{"none": .5, "balanced": 1} {
			out, err := l.run(l.job(text, "task.weights="+weights), weights+string(kind), nil)
			if err != nil {
				t.Fatal(err)
			}
			if out.Scores["accuracy"].Value != want || out.Baseline["accuracy"].Value != want || out.Constant["accuracy"].Value != .5 {
				t.Errorf("%s, %s: %+v, baseline %+v, one answer %+v", kind, weights, out.Scores, out.Baseline, out.Constant)
			}
			if a := out.Scores["auc"].Value; a != 1 {
				t.Errorf("%s, %s: the area under the curve is %v", kind, weights, a)
			}
			if f, ok := out.Scores["f1_tuned"]; ok != (kind == task.Classification) || ok && f.Value != 1 {
				t.Errorf("%s, %s: with the best line F1 is %v", kind, weights, f)
			}
		}
	}
}

// TestSSMRate: the dynamics move at their own rate, and without weight decay.
func TestSSMRate(t *testing.T) {
	l := newLab(t)
	moved := func(rate string) (ssm, other float64) {
		j := l.job(mlmRecipe, "train.ssm_lr="+rate, "train.steps=1", "train.warmup=0", "train.schedule=constant", "train.eps=1e-30")
		before := j.Model.Reference()
		if _, err := l.run(j, "rate "+rate, nil); err != nil {
			t.Fatal(err)
		}
		for i, p := range j.Model.Params {
			var d float64
			for k, v := range p.F32 {
				d = max(d, math.Abs(float64(v-before.Params[i].F32[k])))
			}
			if p.SSM {
				ssm = max(ssm, d)
			} else {
				other = max(other, d)
			}
			if p.SSM && p.Decay {
				t.Errorf("%s decays", p.Name)
			}
		}
		return ssm, other
	}
	slow, other := moved("0.1")
	fast, _ := moved("1")
	// The first step of Adam is as long as the rate.
	if math.Abs(slow-.001) > 1e-5 || math.Abs(fast-.01) > 1e-4 || other < .009 {
		t.Errorf("the dynamics moved by %v and %v, the rest by %v", slow, fast, other)
	}
}

// TestEncoderRecipes says what does not fit.
func TestEncoderRecipes(t *testing.T) {
	l := newLab(t)
	tasks(l)
	finetune := strings.ReplaceAll(finetuneRecipe, "KIND", "search")
	for _, c := range []struct{ text, want string }{
		{withModel(mlmRecipe, "{architecture: llama, layers: 1, width: 16, heads: 2}"), "is llama: mlm trains one of [hone-bigs hone-encoder hone-s4d]"},
		{withModel(clmRecipe, "{architecture: hone-bigs, layers: 1, width: 16}"), "is hone-bigs: clm trains one of [gpt2 llama qwen2]"},
		{withModel(clmRecipe, "{architecture: llama, layers: 1, width: 16, heads: 2, encoder: {taps: 3}}"), "is for fresh encoders"},
		{withModel(mlmRecipe, "{architecture: hone-bigs, layers: 1, width: 16, encoder: {ssm: {kernels: 3}}}"), "3 do not share out 16 channels evenly"},
		{withModel(mlmRecipe, "{architecture: hone-bigs, layers: 1, width: 16, extend: 99}"), "gives a model that is there more positions"},
		{withModel(mlmRecipe, "{architecture: roberta, layers: 1, width: 16, heads: 2}"), "name its folder with model.from"},
		{mlmRecipe + "mlm: {share: 0}\n", "must be above 0 and at most 1"},
		{clmRecipe + "mlm: {}\n", "is of kind mlm, not of clm"},
		{strings.Replace(finetune, "batch: 8", "batch: 7", 1), "takes rows in pairs, an even number is needed"},
		{finetune + "lora: {}\n", "adapts models that generate"},
		{strings.Replace(finetune, "task:", "rows: {path: x}\nmlm: {}\n#", 1), "which reads rows with labels"},
	} {
		if _, err := l.recipe(c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("the error is %v, it should say %q", err, c.want)
		}
	}
}

var _ corpus.Batches = (*oneBatch)(nil)

// oneBatch is a corpus of one batch of padding and one row.
type oneBatch struct{ c *corpus.Batch }

func (o *oneBatch) Batch(int64) (*corpus.Batch, error) { return o.c, nil }
func (o *oneBatch) Batches() int64                     { return 1 }

// TestMaskedShortRows: a batch with hardly any tokens hides one.
func TestMaskedShortRows(t *testing.T) {
	c := &corpus.Batch{B: 2, T: 8, Tokens: make([]int32, 18), Mask: make([]float32, 16), Lengths: []int32{1, 1}}
	m := &masked{o: &MLMRecipe{Share: .15, Mask: 1}, from: &oneBatch{c}, mask: 7}
	b, err := m.Batch(0)
	if err != nil {
		t.Fatal(err)
	}
	if b.Weight != 1 || b.Inputs["targets"].I32[0] != 0 || b.Inputs["targets"].I32[1] != -1 {
		t.Errorf("%v hidden, targets %v", b.Weight, b.Inputs["targets"].I32)
	}
}
