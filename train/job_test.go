package train

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hone/corpus"
	"hone/model"
	"hone/recipe"
	"hone/store"
	"hone/token"
)

// lab is a folder with data, and what runs there.
type lab struct {
	t    *testing.T
	dir  string
	logs []string
}

func newLab(t *testing.T) *lab {
	t.Helper()
	l := &lab{t: t, dir: t.TempDir()}
	rng := rand.New(rand.NewPCG(1, 2))
	words := strings.Fields("count total name value item index width left right node path line text key")
	w := func() string { return words[rng.IntN(len(words))] }
	for i := range 24 {
		var b strings.Builder
		for range 4 {
			fmt.Fprintf(&b, "def %s_%s(%s, %s):\n    if %s > %d:\n        return %s\n    return %s + %d\n\n\n", w(), w(), w(), w(), w(), rng.IntN(9), w(), w(), rng.IntN(100))
		}
		l.write(fmt.Sprintf("src/p%d/m.py", i), b.String())
	}
	return l
}

func (l *lab) path(name string) string { return filepath.Join(l.dir, name) }

func (l *lab) write(name, content string) {
	l.t.Helper()
	if err := os.MkdirAll(filepath.Dir(l.path(name)), 0o755); err != nil {
		l.t.Fatal(err)
	}
	if err := os.WriteFile(l.path(name), []byte(content), 0o644); err != nil {
		l.t.Fatal(err)
	}
}

// clm is a recipe on the lab's files.
const clmRecipe = `name: t
kind: clm
model: {architecture: llama, layers: 2, width: 32, heads: 2, tie: true}
tokenizer: {train: {vocab: 300}}
corpus:
  sources: [{path: DIR/src}]
  dedup: {near: false}
  split: {validation: 0.2}
train: {steps: 12, batch: 4, length: 32, lr: 0.01, warmup: 2, eval_every: 4, eval_batches: 3, checkpoint_every: 5, dropout: 0.1, threads: 1}
`

func (l *lab) recipe(text string, sets ...string) (Recipe, error) {
	r := DefaultRecipe()
	return r, recipe.Parse([]byte(strings.ReplaceAll(text, "DIR", l.dir)), "t.yaml", &r, sets...)
}

func (l *lab) open(text string, sets ...string) (*Job, error) {
	r, err := l.recipe(text, sets...)
	if err != nil {
		return nil, err
	}
	j, err := Open(context.Background(), r, OpenOptions{Cache: l.path("cache"), Log: func(s string) { l.logs = append(l.logs, s) }})
	if err == nil {
		l.t.Cleanup(func() { j.Close() })
	}
	return j, err
}

func (l *lab) job(text string, sets ...string) *Job {
	l.t.Helper()
	j, err := l.open(text, sets...)
	if err != nil {
		l.t.Fatal(err)
	}
	return j
}

// run trains in the folder out; until is asked after every step whether to stop.
func (l *lab) run(j *Job, out string, until func(Row) bool) (Outcome, error) {
	l.t.Helper()
	run, err := store.OpenRun(l.path(out), store.RunOptions{Fingerprint: j.Fingerprint, Keep: j.Recipe.Train.Keep, Log: func(s string) { l.logs = append(l.logs, s) }})
	if err != nil {
		l.t.Fatal(err)
	}
	defer run.Close()
	s, err := j.Start(run)
	if err != nil {
		return Outcome{}, err
	}
	defer s.Close()
	stop := make(chan struct{})
	return s.Train(context.Background(), stop, func(r Row) {
		if until != nil && until(r) {
			close(stop)
			until = nil
		}
	})
}

// rows are the metrics of a run without their times.
func (l *lab) rows(out string) string {
	l.t.Helper()
	var b strings.Builder
	for row, err := range store.MetricsRows(l.path(out)) {
		if err != nil {
			l.t.Fatal(err)
		}
		delete(row, "time")
		raw, _ := json.Marshal(row)
		b.Write(append(raw, '\n'))
	}
	return b.String()
}

func (l *lab) read(name string) string {
	l.t.Helper()
	raw, err := os.ReadFile(l.path(name))
	if err != nil {
		l.t.Fatal(err)
	}
	return string(raw)
}

// same compares the results of two runs: model, optimizer, metrics.
func (l *lab) same(a, b string, steps int) {
	l.t.Helper()
	if l.rows(a) != l.rows(b) {
		l.t.Errorf("the metrics of %s and %s differ:\n%s\n%s", a, b, l.rows(a), l.rows(b))
	}
	last := fmt.Sprintf("checkpoints/step-%08d/", steps)
	for _, name := range []string{"model/model.safetensors", "model/config.json", "model/tokenizer.json", last + "model.safetensors", last + optimizerFile, last + stateFile} {
		if l.read(a+"/"+name) != l.read(b+"/"+name) {
			l.t.Errorf("%s differs between %s and %s", name, a, b)
		}
	}
}

func TestTrainCLM(t *testing.T) {
	l := newLab(t)
	j := l.job(clmRecipe, "train.steps=40")
	out, err := l.run(j, "run", nil)
	if err != nil {
		t.Fatal(err)
	}
	var losses []float64
	for row, err := range store.MetricsRows(l.path("run")) {
		if err != nil {
			t.Fatal(err)
		}
		losses = append(losses, row["loss"].(float64))
	}
	first := losses[0]
	if len(losses) != 40 || math.Abs(first-math.Log(float64(j.Tokenizer.Size()))) > 0.3 {
		t.Errorf("%d rows; the first loss is %v, that of chance log(%d)", len(losses), first, j.Tokenizer.Size())
	}
	if out.BestLoss > first-1.5 || out.BestStep == 0 || out.Steps != 40 {
		t.Errorf("it learned little: %+v after a first loss of %v", out, first)
	}
	m, err := model.Load(l.path("run/model"), model.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	tok, err := token.Load(l.path("run/model"))
	if err != nil {
		t.Fatal(err)
	}
	if tok.Size() != m.Vocab || len(m.EOS) != 1 || m.EOS[0] != int(tok.Special().EOS) {
		t.Errorf("tokenizer of %d and model of %d tokens, end of text %v and %v", tok.Size(), m.Vocab, tok.Special().EOS, m.EOS)
	}
}

// A run that is stopped and gone on with ends like one that was not, to the bit, also
// with another number of threads and another rhythm of checkpoints.
func TestStopAndResume(t *testing.T) {
	l := newLab(t)
	if _, err := l.run(l.job(clmRecipe), "whole", nil); err != nil {
		t.Fatal(err)
	}
	for i := 1; ; i++ {
		n := 0
		_, err := l.run(l.job(clmRecipe, fmt.Sprintf("train.threads=%d", 1+i%2), "train.checkpoint_every=3"), "parts", func(Row) bool { n++; return n == i })
		if err == nil {
			break
		}
		if !errors.Is(err, ErrStopped) || i > 10 {
			t.Fatal(err)
		}
	}
	l.same("whole", "parts", 12)
}

// The shapes of sft's batches and adapters survive a stop too.
func TestSFTWithAdapters(t *testing.T) {
	l := newLab(t)
	if _, err := l.run(l.job(clmRecipe, "model.positions=96"), "base", nil); err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(3, 4))
	var rows strings.Builder
	for i := range 40 {
		raw, _ := json.Marshal(map[string]string{
			"prompt":     fmt.Sprintf("# add %d\n", i) + strings.Repeat("# more\n", rng.IntN(3)),
			"completion": fmt.Sprintf("def add(x):\n    return x + %d\n", i),
		})
		rows.Write(append(raw, '\n'))
	}
	rows.WriteString(`{"prompt":"` + strings.Repeat("very long ", 60) + `","completion":"x"}` + "\n")
	l.write("rows.jsonl", rows.String())
	const sft = `name: s
kind: sft
model: {from: DIR/base/model}
rows: {path: DIR/rows.jsonl, split: {validation: 0.2}}
lora: {rank: 4, alpha: 8}
train: {epochs: 4, batch: 4, length: 96, multiple: 16, lr: 0.01, eval_every: 4, accumulate: 2, checkpoint_every: 2, threads: 1}
`
	j := l.job(sft)
	if j.data.tooLong != 1 || len(l.logs) == 0 || !strings.Contains(l.logs[len(l.logs)-1], "1 rows have more than 96 tokens") {
		t.Errorf("%d rows too long; said: %q", j.data.tooLong, l.logs)
	}
	before := weights(j.Model)
	whole, err := l.run(j, "whole", nil)
	if err != nil {
		t.Fatal(err)
	}
	if whole.Steps != j.Steps || whole.Steps < 10 {
		t.Errorf("%d steps of %d", whole.Steps, j.Steps)
	}
	_, err = l.run(l.job(sft), "parts", func(r Row) bool { return r.Step == 5 })
	if !errors.Is(err, ErrStopped) {
		t.Fatal(err)
	}
	if _, err := l.run(l.job(sft, "train.threads=2"), "parts", nil); err != nil {
		t.Fatal(err)
	}
	if l.rows("whole") != l.rows("parts") || l.read("whole/model/model.safetensors") != l.read("parts/model/model.safetensors") {
		t.Error("the run that was stopped differs")
	}
	m, err := model.Load(l.path("whole/model"), model.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if m.LoRA != nil {
		t.Error("the adapters were not merged")
	}
	base, err := model.Load(l.path("base/model"), model.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if away(weights(m), weights(base)) == 0 || len(before) <= len(weights(base)) {
		t.Error("the model is that of before")
	}
	if _, err := l.open(sft, "train.too_long=error"); err == nil || !strings.Contains(err.Error(), "1 rows have more than train.length, 96 tokens") {
		t.Errorf("got %v", err)
	}
}

// Only completions and the end after them are learned.
func TestSFTWeights(t *testing.T) {
	l := newLab(t)
	if _, err := l.run(l.job(clmRecipe, "train.steps=1"), "base", nil); err != nil {
		t.Fatal(err)
	}
	l.write("rows.jsonl", `{"prompt":"count the lines: ","completion":"return 7"}`+"\n")
	j := l.job(`name: s
kind: sft
model: {from: DIR/base/model}
rows: {path: DIR/rows.jsonl, split: {validation: 0}}
train: {steps: 1, batch: 1, length: 32, eval_every: 0}
`)
	b, err := j.data.train.Batch(0)
	if err != nil {
		t.Fatal(err)
	}
	var learned []int32
	for i, target := range b.Inputs["targets"].I32 {
		if w := b.Inputs["weights"].F32[i]; (w != 0) != (target >= 0) {
			t.Errorf("place %d has the target %d and the weight %v", i, target, w)
		}
		if target >= 0 {
			learned = append(learned, target)
		}
	}
	if got := j.Tokenizer.Decode(learned); got != "return 7<|endoftext|>" || b.Weight != float64(len(learned)) {
		t.Errorf("%q is learned, with a weight of %v", got, b.Weight)
	}
}

func TestEarlyStopping(t *testing.T) {
	l := newLab(t)
	// A rate of 0 makes no evaluation better than the first.
	out, err := l.run(l.job(clmRecipe, "train.lr=0", "train.patience=2", "train.steps=100", "train.eval_every=3"), "run", nil)
	if err != nil {
		t.Fatal(err)
	}
	if !out.StoppedEarly || out.Steps != 9 || out.BestStep != 3 {
		t.Errorf("%+v: it should have stopped after 9 steps, the best being 3", out)
	}
	// Stopped while it waits, it has not forgotten.
	settings := []string{"train.lr=0", "train.patience=2", "train.steps=100", "train.eval_every=3"}
	if _, err := l.run(l.job(clmRecipe, settings...), "parts", func(r Row) bool { return r.Step == 7 }); !errors.Is(err, ErrStopped) {
		t.Fatal(err)
	}
	if _, err := l.run(l.job(clmRecipe, settings...), "parts", nil); err != nil {
		t.Fatal(err)
	}
	l.same("run", "parts", 9)
}

// The result is the best model, not the last.
func TestBestModel(t *testing.T) {
	l := newLab(t)
	out, err := l.run(l.job(clmRecipe, "train.schedule=constant", "train.lr=0.3", "train.warmup=8", "train.steps=60", "train.eval_every=2", "train.clip=0"), "run", nil)
	if err != nil {
		t.Fatal(err)
	}
	if out.BestStep == 60 {
		t.Skip("the last step was the best")
	}
	best := l.read(fmt.Sprintf("run/checkpoints/step-%08d/model.safetensors", out.BestStep))
	if best != l.read("run/model/model.safetensors") {
		t.Errorf("the result is not the model of step %d", out.BestStep)
	}
}

func TestNaNEndsTheRun(t *testing.T) {
	l := newLab(t)
	settings := []string{"train.lr=100", "train.warmup=9", "train.clip=0", "train.steps=200", "train.schedule=constant", "train.eval_every=0", "train.checkpoint_every=1", "train.weight_decay=100"}
	_, err := l.run(l.job(clmRecipe, settings...), "run", nil)
	var nf *NonFiniteError
	if !errors.As(err, &nf) || nf.Step < 2 {
		t.Fatalf("got %v", err)
	}
	info, err := store.InspectRun(l.path("run"))
	if err != nil {
		t.Fatal(err)
	}
	if info.Status != store.RunFailed || info.Error != nf.Error() || !strings.Contains(info.Error, "not finite") {
		t.Errorf("the run says %s: %q", info.Status, info.Error)
	}
	run, err := store.OpenRun(l.path("run"), store.RunOptions{Fingerprint: info.Fingerprint})
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	step, dir, err := run.LatestCheckpoint()
	if err != nil || step != nf.Step-1 {
		t.Fatalf("the last checkpoint is that of step %d, the fault was in step %d: %v", step, nf.Step, err)
	}
	m, err := model.Load(dir, model.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range weights(m) {
		if !finite(float64(w)) {
			t.Fatal("the checkpoint holds a NaN")
		}
	}
}

// faulty is a sequence of batches one of which has a weight that is no number.
type faulty struct {
	Batches
	at int64
}

func (f faulty) Batch(i int64) (*Batch, error) {
	b, err := f.Batches.Batch(i)
	if err == nil && i == f.at {
		b.Inputs["weights"].F32[3] = float32(math.Inf(1))
	}
	return b, err
}

func TestNaNIsSkipped(t *testing.T) {
	l := newLab(t)
	j := l.job(clmRecipe, "train.skip_nan=1")
	j.data.train = faulty{j.data.train, 6}
	out, err := l.run(j, "run", nil)
	if err != nil {
		t.Fatal(err)
	}
	if out.Skipped != 1 || out.Steps != 12 || !strings.Contains(l.rows("run"), `"skipped":"input weights holds`) {
		t.Errorf("%+v\n%s", out, l.rows("run"))
	}
	j = l.job(clmRecipe)
	j.data.train = faulty{j.data.train, 6}
	var nf *NonFiniteError
	if _, err := l.run(j, "other", nil); !errors.As(err, &nf) || nf.Step != 7 || !strings.Contains(nf.What, "input weights") {
		t.Errorf("got %v", err)
	}
}

func TestEmptyCorpus(t *testing.T) {
	l := newLab(t)
	if err := os.Mkdir(l.path("none"), 0o755); err != nil {
		t.Fatal(err)
	}
	var empty *corpus.EmptyError
	if _, err := l.open(clmRecipe, "corpus.sources[0].path="+l.path("none")); !errors.As(err, &empty) || !strings.Contains(err.Error(), "none") {
		t.Errorf("got %v", err)
	}
	if _, err := l.open(clmRecipe, "corpus.split.validation=0"); err == nil || !strings.Contains(err.Error(), "validation split is empty") {
		t.Errorf("got %v", err)
	}
	if _, err := l.open(clmRecipe, "corpus.sources[0].path="+l.path("nowhere")); err == nil || !strings.Contains(err.Error(), "there is no such file or folder") {
		t.Errorf("got %v", err)
	}
}

func TestModelThatDoesNotFit(t *testing.T) {
	l := newLab(t)
	if _, err := l.run(l.job(clmRecipe, "train.steps=1"), "base", nil); err != nil {
		t.Fatal(err)
	}
	if _, err := l.run(l.job(clmRecipe, "train.steps=1", "tokenizer.train.vocab=320"), "other", nil); err != nil {
		t.Fatal(err)
	}
	from := strings.Replace(clmRecipe, "{architecture: llama, layers: 2, width: 32, heads: 2, tie: true}", "{from: DIR/base/model}", 1)
	from = strings.Replace(from, "tokenizer: {train: {vocab: 300}}", "tokenizer: {from: DIR/other/model}", 1)
	for _, c := range []struct{ set, want string }{
		{"name=t", "the tokenizer has 320 tokens, the model"},
		{"tokenizer.from=", ""},
		{"train.length=33", "has 32 positions"},
		{"model.from=" + l.path("src"), "no model is there"},
		{"tokenizer.from=" + l.path("src"), "src"},
	} {
		sets := []string{c.set}
		if strings.HasPrefix(c.set, "train.length") {
			sets = append(sets, "tokenizer.from=")
		}
		_, err := l.open(from, sets...)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v, want %q", c.set, err, c.want)
		}
	}
}

func TestFingerprint(t *testing.T) {
	l := newLab(t)
	print := l.job(clmRecipe).Fingerprint
	if got := l.job(clmRecipe, "train.threads=2", "train.keep=5", "train.checkpoint_every=9").Fingerprint; got != print {
		t.Error("what does not change the result changes the fingerprint")
	}
	if got := l.job(clmRecipe, "train.lr=0.02").Fingerprint; got == print {
		t.Error("another rate has the same fingerprint")
	}
	l.write("src/p0/m.py", "def changed(a):\n    return a + a + a + a + a + a + a + a + a + a + a + a + a\n")
	if got := l.job(clmRecipe).Fingerprint; got == print {
		t.Error("other data has the same fingerprint")
	}
}

// TestFingerprintOfAdapters wants the scale of adapters in the model's folder to count.
func TestFingerprintOfAdapters(t *testing.T) {
	l := newLab(t)
	if _, err := l.run(l.job(clmRecipe, "train.steps=1"), "base", nil); err != nil {
		t.Fatal(err)
	}
	dir := l.path("base/model")
	m, err := model.Load(dir, model.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.AddLoRA(model.LoRA{Rank: 2, Alpha: 4}, rand.New(rand.NewPCG(1, 1))); err != nil {
		t.Fatal(err)
	}
	if err := m.Save(dir, ""); err != nil {
		t.Fatal(err)
	}
	from := strings.Replace(clmRecipe, "{architecture: llama, layers: 2, width: 32, heads: 2, tie: true}", "{from: DIR/base/model}", 1)
	from = strings.Replace(from, "tokenizer: {train: {vocab: 300}}\n", "", 1)
	print := l.job(from).Fingerprint
	raw, err := os.ReadFile(filepath.Join(dir, "adapter_config.json"))
	if err != nil {
		t.Fatal(err)
	}
	l.write("base/model/adapter_config.json", strings.Replace(string(raw), `"lora_alpha": 4`, `"lora_alpha": 8`, 1))
	if l.job(from).Fingerprint == print {
		t.Error("another scale has the same fingerprint")
	}
}

func TestPlan(t *testing.T) {
	l := newLab(t)
	p, err := l.job(clmRecipe, "train.accumulate=2").Plan(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if p.Memory.Weights != 4*p.Parameters || p.Memory.Moments != 8*p.Trainable || p.Memory.Arena < 1000 || p.SecondsPerStep <= 0 || p.TokensPerStep != 2*4*32 {
		t.Errorf("%+v", p)
	}
}

func TestRecipeFaults(t *testing.T) {
	l := newLab(t)
	for _, c := range []struct{ from, to, want string }{
		{"kind: clm", "kind: dpo2", `t.yaml:2:1: kind must be one of`},
		{"kind: clm", "kind: sft", "t.yaml:2:1: kind is sft, which reads rows"},
		{"steps: 12", "stepz: 12", `t.yaml:9:9: unknown key "stepz" under train (did you mean "steps"?)`},
		{"steps: 12", "steps: 12, epochs: 1", "t.yaml:9:9: train.steps or epochs must be above 0, and only one"},
		{"dropout: 0.1", "dropout: 1.0", "train.dropout must be at least 0 and below 1"},
		{"dropout: 0.1", "attention_dropout: 0.1", `unknown key "attention_dropout" under train`},
		{"dropout: 0.1", "betas: [0.9]", "train.betas must be two numbers"},
		{"dropout: 0.1", "schedule: step", `train.schedule must be one of [cosine linear constant], is "step"`},
		{"dropout: 0.1", "patience: 2, too_long: cut", `train.too_long must be skip or error`},
		{"width: 32", "width: 33", "t.yaml:3:1: model does not work: width 33 is not a multiple"},
		{"architecture: llama", "architecture: mamba", `architecture "mamba" is unknown`},
		{"architecture: llama", "from: x, architecture: llama", "t.yaml:3:1: model needs either from"},
		{"tie: true", "positions: 16", "train.length is 32, more than the model's 16 positions"},
		{"tokenizer: {train: {vocab: 300}}", "", "tokenizer is needed for a fresh model"},
		{"vocab: 300", "pattern: gpt2", `key "vocab" under tokenizer.train is missing`},
		{"validation: 0.2", "validation: 2", "corpus.split.validation must be from 0 to 1"},
		{"train: {steps", "lora: {rank: 2}\ntrain: {steps", "lora adapts a model that is there"},
		{"lr: 0.01", "lr: .nan", "train.lr must be"},
	} {
		text := strings.Replace(clmRecipe, c.from, c.to, 1)
		if text == clmRecipe {
			t.Fatalf("%q is not in the recipe", c.from)
		}
		if _, err := l.recipe(text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v\nwant %s", c.to, err, c.want)
		}
	}
}
