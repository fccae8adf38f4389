package train

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"hone/generate"
	"hone/judge"
	"hone/model"
	"hone/problem"
	"hone/recipe"
	"hone/reward"
	"hone/source/python"
	"hone/tensor"
	"hone/token"
)

// evalVerdictFile is the log of verdicts on held-out problems in a run folder.
const evalVerdictFile = "eval-verdicts.jsonl"

// EvalRecipe says on which problems, that are not trained on, a model is evaluated while it
// is trained: before the first step, after every train.eval_every and after the last.
type EvalRecipe struct {
	Problems string         `yaml:"problems,required"` // a file that hone judge reads
	Format   problem.Format `yaml:"format"`
	Form     problem.Form   `yaml:"form"` // how what is written becomes a program

	Samples     int      `yaml:"samples"`     // programs for each problem
	Temperature float64  `yaml:"temperature"` // 0: the likeliest program
	TopP        float64  `yaml:"top_p"`
	MaxTokens   int      `yaml:"max_tokens"`
	Stop        []string `yaml:"stop"`

	Weights Precision `yaml:"weights"` // of the copy that writes
}

// Precision is how the copy of a model that writes programs keeps its weights: f32, or bf16, which takes half
// the memory. What it writes has the probabilities of the weights that it has.
type Precision string

var precisions = map[Precision]tensor.DType{"f32": tensor.F32, "bf16": tensor.BF16}

func (p Precision) check() error {
	if _, ok := precisions[p]; !ok {
		return recipe.Keyf("weights", "must be f32 or bf16, is %q", p)
	}
	return nil
}

// bytes are those of a copy of a model: adapters and what is no matrix stay float32.
func (p Precision) bytes(m *model.Model) (n int64) {
	for _, x := range m.Params {
		size := 4
		if precisions[p] == tensor.BF16 && len(x.Shape) == 2 && (m.LoRA == nil || !x.Trainable) {
			size = 2
		}
		n += int64(size * x.Size())
	}
	return n
}

// Default fills e in.
func (e *EvalRecipe) Default() {
	*e = EvalRecipe{Format: problem.FormatAuto, Form: problem.FormSolution, Samples: 4, Temperature: 0.8, TopP: 0.95, MaxTokens: 128, Weights: "f32"}
}

// Check reports values that cannot be.
func (e *EvalRecipe) Check() error {
	var errs []error
	wrong := func(key, format string, args ...any) { errs = append(errs, recipe.Keyf(key, format, args...)) }
	if !slices.Contains(problem.Formats(), e.Format) {
		wrong("format", "must be one of %v, is %q", problem.Formats(), e.Format)
	}
	if !slices.Contains(forms, e.Form) {
		wrong("form", "must be one of %v, is %q", forms, e.Form)
	}
	if e.Samples < 1 {
		wrong("samples", "must be at least 1, is %d", e.Samples)
	}
	if e.MaxTokens < 1 {
		wrong("max_tokens", "must be at least 1, is %d", e.MaxTokens)
	}
	if !(e.Temperature >= 0 && e.Temperature <= 10) {
		wrong("temperature", "must be from 0 to 10, is %v", e.Temperature)
	}
	if !(e.TopP > 0 && e.TopP <= 1) {
		wrong("top_p", "must be above 0 and at most 1, is %v", e.TopP)
	}
	if e.Temperature == 0 && e.Samples > 1 {
		wrong("samples", "is %d, but at temperature 0 all of them are the same: 1 is enough", e.Samples)
	}
	return errors.Join(append(errs, e.Weights.check())...)
}

// Wrote is what programs are like that the model wrote.
type Wrote struct {
	Programs   int                `json:"programs"`
	Reward     float64            `json:"reward"` // mean of those that were scored
	Deviation  float64            `json:"reward_deviation"`
	Components map[string]float64 `json:"components"`
	Passed     float64            `json:"passed"`     // share
	Syntax     float64            `json:"syntax"`     // share that compiles
	Entropy    float64            `json:"entropy"`    // mean −log p of what was drawn, nats a token
	Unique     float64            `json:"unique"`     // share of different programs in a group
	Length     float64            `json:"length"`     // tokens
	Truncated  float64            `json:"truncated"`  // share
	NotScored  int                `json:"not_scored"` // faults of the judge's
	Executions int                `json:"executions"` // programs that were run for the first time
	HiddenFail float64            `json:"public_pass_hidden_fail"`
}

// HeldOut is what a row of metrics says of held-out problems.
type HeldOut struct {
	Problems int     `json:"problems"`
	PassAt1  float64 `json:"pass_at_1"`
	Solved   float64 `json:"solved"` // share of problems that at least one program solves
	Wrote
}

// wrote sums up programs.
func (w *writer) wrote(r *rollout) Wrote {
	out := Wrote{Programs: len(r.Samples), Executions: r.Executions, Components: map[string]float64{}}
	var rewards []float64
	var logp [][]float64
	components := map[string][]float64{}
	different := map[string]bool{}
	n := float64(len(r.Samples))
	for i := range r.Samples {
		p := &r.Samples[i]
		logp = append(logp, doubles(p.LogProbs))
		out.Length += float64(len(p.IDs)) / n
		out.Truncated += share(p.Truncated) / n
		different[fmt.Sprint(p.Problem, " ", w.tree(p))] = true
		if !p.Scored {
			out.NotScored++
			continue
		}
		rewards = append(rewards, p.Reward)
		out.Passed += share(p.Outcome == problem.Pass)
		out.Syntax += share(p.Outcome != problem.SyntaxError)
		out.HiddenFail += share(p.HiddenFail)
		for name, v := range p.Components {
			components[name] = append(components[name], v)
		}
	}
	if k := float64(len(rewards)); k > 0 {
		out.Reward, out.Deviation = moments(rewards)
		out.Passed /= k
		out.Syntax /= k
		out.HiddenFail /= k
	}
	for name, vs := range components {
		out.Components[name] = meanOf(vs)
	}
	out.Entropy, out.Unique = -meanOf(logp...), float64(len(different))/n
	return out
}

// tree identifies a program by its syntax tree, or by its text where it has none.
func (w *writer) tree(s *sample) string {
	code := w.problems[s.Problem].Assemble(w.ask.form, s.Text).Code
	if m, err := python.Parse([]byte(code)); err == nil {
		return fmt.Sprintf("%x", python.Hash(m, false))
	}
	return code
}

// exam is a model's evaluation on held-out problems.
type exam struct {
	writer *writer
	model  *model.Model // in training
	all    []int        // numbers of the problems
	width  int          // the most tokens of a prompt and its program

	weights Precision
}

// openExam reads the problems of e, unless it is nil, into d, and starts the judge, for them
// and for those of training. Problems that are trained on are refused.
func (o *OpenOptions) openExam(ctx context.Context, r *Recipe, e *EvalRecipe, d *data, m *model.Model, tok *token.Tokenizer, trained map[problem.Key]bool, also []*problem.Problem) error {
	var held []*problem.Problem
	if e != nil {
		x, err := newExam(r, e, m, tok, trained)
		if err != nil {
			return err
		}
		d.exam, held = x, x.writer.problems
		h := sha256.New()
		for _, p := range held {
			raw, err := json.Marshal(p)
			if err != nil {
				return err
			}
			h.Write(raw)
		}
		d.digest = fmt.Sprintf(" %x", h.Sum(nil)[:16])
		d.evalTokens = int64(len(held) * e.Samples * e.MaxTokens)
	}
	if len(held)+len(also) == 0 {
		return nil
	}
	if o.Judge == nil {
		return errors.New("programs of the model's own need a judge to run them")
	}
	var err error
	if d.queue, err = o.Judge(ctx, slices.Concat(also, held)); err != nil {
		return err
	}
	if d.exam != nil {
		d.exam.writer.verdicts = &verdictLog{queue: d.queue}
	}
	return nil
}

func newExam(r *Recipe, e *EvalRecipe, m *model.Model, tok *token.Tokenizer, trained map[problem.Key]bool) (*exam, error) {
	problems, err := loadProblems(e.Problems, e.Format)
	if err != nil {
		return nil, err
	}
	x := &exam{writer: &writer{recipe: r, tok: tok, problems: problems, ask: asking{
		form: e.Form, samples: e.Samples, temperature: e.Temperature, topP: e.TopP, maxTokens: e.MaxTokens, stop: e.Stop, purpose: "evaluation",
		weights: precisions[e.Weights],
	}}, weights: e.Weights}
	for i, p := range problems {
		if trained[problem.Key{Benchmark: p.Benchmark, TaskID: p.TaskID}] {
			return nil, fmt.Errorf("%s: %s of %s is trained on too: an evaluation on it would mean nothing", e.Problems, p.TaskID, p.Benchmark)
		}
		before, _ := tok.Around()
		n := len(tok.AppendEncode(before, p.Prompt)) + e.MaxTokens + 1
		if n > m.Positions {
			return nil, fmt.Errorf("%s: the prompt of %s and eval.max_tokens, %d, are %d tokens, more than the model's %d positions", e.Problems, p.TaskID, e.MaxTokens, n, m.Positions)
		}
		x.width = max(x.width, n)
		x.all = append(x.all, i)
	}
	if len(problems) == 0 {
		return nil, fmt.Errorf("%s holds no problems", e.Problems)
	}
	formula := r.Reward
	if formula == nil {
		formula = &reward.Recipe{}
		formula.Default()
	}
	x.writer.formula, err = reward.New(*formula)
	return x, err
}

// begin prepares to evaluate m in a run folder, or with "" to look how long it takes.
func (x *exam) begin(m *model.Model, run string) (err error) {
	x.model = m
	w := x.writer
	path := ""
	if run != "" {
		path = filepath.Join(run, evalVerdictFile)
	}
	w.verdicts, err = openVerdicts(path, w.verdicts.queue)
	return err
}

// run evaluates the model as it is after a step. A copy that writes is there for this long only: of a
// large model it takes as much memory as the model.
func (x *exam) run(ctx context.Context, step int) (_ *HeldOut, err error) {
	w := x.writer
	w.local, err = generate.NewLocal(x.model.Reference(), w.tok, generate.LocalOptions{
		Weights: w.ask.weights, Slots: min(64, len(x.all)*w.ask.samples), Context: x.width, Threads: w.recipe.Train.Threads,
	})
	if err != nil {
		return nil, err
	}
	defer func() {
		err = errors.Join(err, w.local.Close())
		w.local = nil
	}()
	r, err := w.sample(ctx, step, x.all, nil, nil, nil)
	if err != nil {
		return nil, fmt.Errorf("evaluation after step %d: %w", step, err)
	}
	out := &HeldOut{Problems: len(x.all), Wrote: w.wrote(r)}
	n, judged := w.ask.samples, 0.0
	for g := 0; g < len(r.Samples); g += n {
		scored, correct := 0, 0
		for i := range r.Samples[g : g+n] {
			if s := &r.Samples[g+i]; s.Scored {
				scored++
				correct += int(share(s.Outcome == problem.Pass))
			}
		}
		if scored > 0 {
			judged++
			out.PassAt1 += judge.PassAtK(scored, correct, 1)
			out.Solved += share(correct > 0)
		}
	}
	if judged == 0 {
		return nil, fmt.Errorf("evaluation after step %d: none of the programs could be judged", step)
	}
	out.PassAt1 /= judged
	out.Solved /= judged
	return out, nil
}
