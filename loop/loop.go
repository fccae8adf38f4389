package loop

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"hone/generate"
	"hone/judge"
	"hone/model"
	"hone/problem"
	"hone/reward"
	"hone/store"
	"hone/token"
	"hone/train"
)

// Config is what a loop needs besides its recipe.
type Config struct {
	Recipe  Recipe
	Dir     string             // of everything that is made
	Learn   []*problem.Problem // those of Recipe.Problems
	HeldOut []*problem.Problem // those of Recipe.HeldOut
	Queue   judge.Queue        // what runs programs; tests must not be forgeable
	Cache   string             // folder for tokens, see [train.OpenOptions]
	Force   bool               // replace what other inputs made in Dir
	Log     func(string)       // is told what happens
	Bar     func(doing string, total int) (report func(done int, note string), end func())
	Train   func(ctx context.Context, name string, job *train.Job, run *store.Run) (train.Outcome, error)
	Version string
	Machine string
}

// Cost is what a stage took. Sums of costs are those of a lineage.
type Cost struct {
	Trained int64 `json:"trained_tokens"` // in forward and backward passes
	Written int64 `json:"written_tokens"`
	Scored  int64 `json:"scored_tokens"` // in forward passes of the reference
	// Executions are programs that were run: those that are learned from, not those that measure.
	Executions int     `json:"executions"`
	Seconds    float64 `json:"seconds"` // of learning and of writing what is learned from
}

// Passes is the computing in tokens that pass forwards: training costs three of them, a
// token of a forward and a backward pass (Kaplan et al. 2020, §2.1).
func (c Cost) Passes() int64 { return 3*c.Trained + c.Written + c.Scored }

func (c Cost) plus(d Cost) Cost {
	return Cost{c.Trained + d.Trained, c.Written + d.Written, c.Scored + d.Scored, c.Executions + d.Executions, c.Seconds + d.Seconds}
}

// Point is a step of training, or of an online stage an iteration.
type Point struct {
	Step    int            `json:"step"`
	Loss    float64        `json:"loss"`
	Rollout *train.Rollout `json:"rollout,omitempty"`
}

// Trained is a model that a loop had or made, and how good it is.
type Trained struct {
	Stage string `json:"stage"` // or [Base]
	Seed  uint64 `json:"seed"`
	Model string `json:"model"`
	Cost  Cost   `json:"cost"`  // of the stage alone
	Total Cost   `json:"total"` // with what it built on
	// Evaluations are those of the held-out problems, a benchmark each, in the order of the file.
	Evaluations []*Evaluation `json:"evaluations"`
	Curve       []Point       `json:"curve,omitempty"`
	Rounds      []Round       `json:"rounds,omitempty"` // of a stage that learns from what passed
	// Programs are those that were drawn, Greedy those at temperature 0, as problems are ordered.
	Programs []Program `json:"-"`
	Greedy   []Program `json:"-"`

	identity string // of the weights
}

// Result is what a loop came to.
type Result struct {
	Recipe Recipe    `json:"-"`
	Models []Trained `json:"models"` // by seed, the base first
	// Written is what the collected programs are like, by benchmark, with each seed.
	Written []*Evaluation      `json:"collected"`
	HeldOut []*problem.Problem `json:"-"`
	// Summaries compare the models, by benchmark.
	Summaries []Summary `json:"summaries"`
}

// Of is the model of a stage and a seed, or nil.
func (r *Result) Of(stage string, seed uint64) *Trained {
	for i := range r.Models {
		if m := &r.Models[i]; m.Stage == stage && m.Seed == seed {
			return m
		}
	}
	return nil
}

// Run makes what is missing, and returns everything. An error leaves what is complete.
func Run(ctx context.Context, c Config) (*Result, error) {
	l, err := begin(c)
	if err != nil {
		return nil, err
	}
	defer l.formula.Close()
	for _, seed := range c.Recipe.Seeds {
		if err := l.seed(ctx, seed); err != nil {
			return nil, err
		}
	}
	l.result.summarise()
	raw, err := json.MarshalIndent(l.result, "", " ")
	if err != nil {
		return nil, err
	}
	return l.result, store.WriteFile(filepath.Join(c.Dir, "results.json"), append(raw, '\n'), 0o666)
}

// begin prepares a loop, whose formula is to be closed.
func begin(c Config) (*loop, error) {
	l := &loop{Config: c, result: &Result{Recipe: c.Recipe, HeldOut: c.HeldOut}}
	err := c.checkProblems()
	if err != nil {
		return nil, err
	}
	if l.tok, err = token.Load(c.Recipe.Model); err != nil {
		return nil, err
	}
	r := c.Recipe.Reward
	if r == nil {
		r = &reward.Recipe{}
		r.Default()
	}
	if l.formula, err = reward.New(*r); err != nil {
		return nil, err
	}
	return l, l.identify()
}

// checkProblems refuses to learn from what models are evaluated on, if anything is learned.
func (c *Config) checkProblems() error {
	if len(c.Recipe.Stages) == 0 {
		return nil
	}
	held := map[problem.Key]bool{}
	asked := map[string]string{}
	for _, p := range c.HeldOut {
		held[problem.Key{Benchmark: p.Benchmark, TaskID: p.TaskID}] = true
		asked[p.Prompt] = p.TaskID
	}
	for _, p := range c.Learn {
		if err := train.MayTrain(p.Benchmark, p.TaskID); err != nil {
			return err
		}
		if held[problem.Key{Benchmark: p.Benchmark, TaskID: p.TaskID}] {
			return fmt.Errorf("%s of %s is to be learned from and is held out too: what is measured on it would mean nothing", p.TaskID, p.Benchmark)
		}
		if other := asked[p.Prompt]; other != "" {
			return fmt.Errorf("%s is to be learned from and has the prompt of %s, which is held out: what is measured on it would mean nothing", p.TaskID, other)
		}
	}
	return nil
}

// loop is a loop under way.
type loop struct {
	Config
	tok     *token.Tokenizer
	formula *reward.Formula
	result  *Result
	inputs  [32]byte // problems, base model, form
	// collected is what the base model wrote with the seed under way; nil where no stage learns from it.
	collected *collection
}

// identify hashes what every part of the loop depends on.
func (l *loop) identify() error {
	h := sha256.New()
	enc := json.NewEncoder(h)
	for _, v := range []any{l.Learn, l.HeldOut, l.Recipe.Form, l.Recipe.Stop, l.formula.Recipe()} {
		if err := enc.Encode(v); err != nil {
			return err
		}
	}
	files, err := filepath.Glob(filepath.Join(l.Recipe.Model, "*"))
	if err != nil {
		return err
	}
	slices.Sort(files)
	for _, path := range files {
		raw, err := os.ReadFile(path)
		if err != nil {
			continue // a folder
		}
		fmt.Fprintf(h, "%s %d ", filepath.Base(path), len(raw))
		h.Write(raw)
	}
	copy(l.inputs[:], h.Sum(nil))
	return nil
}

func (l *loop) fingerprint(of ...any) string {
	h := sha256.New()
	h.Write(l.inputs[:])
	for _, v := range of {
		fmt.Fprintf(h, "%+v|", v)
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:16])
}

// seed runs everything with one seed.
func (l *loop) seed(ctx context.Context, seed uint64) error {
	dir := filepath.Join(l.Dir, "seed-"+strconv.FormatUint(seed, 10))
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	base := Trained{Stage: Base, Seed: seed, Model: l.Recipe.Model, identity: l.fingerprint("base")}
	if err := l.measure(ctx, &base, filepath.Join(dir, Base)); err != nil {
		return err
	}
	l.result.Models = append(l.result.Models, base)
	l.collected = nil
	if slices.ContainsFunc(l.Recipe.Stages, func(s Stage) bool { return s.collected() }) {
		if err := l.collectBase(ctx, dir, seed); err != nil {
			return err
		}
	}
	if err := l.writeReferences(filepath.Join(dir, "references.jsonl")); err != nil {
		return err
	}
	for i := range l.Recipe.Stages {
		if err := l.stage(ctx, dir, &l.Recipe.Stages[i], seed); err != nil {
			return fmt.Errorf("stage %s: %w", l.Recipe.Stages[i].Name, err)
		}
	}
	return nil
}

// open loads a model to draw from.
func (l *loop) open(dir string) (*sampler, error) {
	local, err := generate.OpenLocal(dir, generate.LocalOptions{Slots: 64, Context: l.context()})
	if err != nil {
		return nil, err
	}
	return &sampler{local: local, tok: l.tok, queue: l.Queue, formula: l.formula, form: l.Recipe.Form, stop: l.Recipe.Stop, force: l.Force}, nil
}

// context is the most tokens of a prompt and its program, for which a sampler keeps room; 0 where the
// base model is adapters alone, and the sampler decides.
func (l *loop) context() int {
	raw, err := os.ReadFile(filepath.Join(l.Recipe.Model, "config.json"))
	if err != nil {
		return 0
	}
	config, err := model.ParseConfig(raw)
	if err != nil {
		return 0 // opening it says what is wrong
	}
	prompt := 0
	before, _ := l.tok.Around()
	for _, p := range slices.Concat(l.Learn, l.HeldOut) {
		prompt = max(prompt, len(l.tok.AppendEncode(before, p.Prompt)))
	}
	return min(config.Positions, prompt+1+max(l.Recipe.Evaluate.MaxTokens, l.Recipe.Collect.MaxTokens))
}

// draw draws and judges with a progress bar.
func (l *loop) draw(ctx context.Context, s *sampler, doing string, problems []*problem.Problem, how Sampling, seed uint64, path, print string) ([]Program, float64, error) {
	report, end := l.Bar(doing, len(problems)*how.Samples)
	defer end()
	s.progress = func(done, total int) { report(done*how.Samples, "") }
	return s.programs(ctx, problems, how, seed, path, l.fingerprint(print, how, seed))
}

// measure evaluates a model; path is that of the files of its programs, without their endings.
func (l *loop) measure(ctx context.Context, m *Trained, path string) (err error) {
	s, err := l.open(m.Model)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.local.Close()) }()
	how := l.Recipe.Evaluate
	greedy := Sampling{Samples: 1, TopP: 1, MaxTokens: how.MaxTokens}
	if m.Programs, _, err = l.draw(ctx, s, m.Stage+": held-out programs", l.HeldOut, how, m.Seed, path+".heldout.jsonl", m.identity); err != nil {
		return err
	}
	if m.Greedy, _, err = l.draw(ctx, s, m.Stage+": greedy programs", l.HeldOut, greedy, 0, path+".greedy.jsonl", m.identity); err != nil {
		return err
	}
	for _, b := range benchmarks(l.HeldOut) {
		e := evaluate(b, l.HeldOut, m.Programs, m.Greedy, how.Samples)
		m.Evaluations = append(m.Evaluations, e)
		l.Log(fmt.Sprintf("%s: %s: %.1f %% pass@1, greedy %.1f %%, %.1f %% run to their end", m.Stage, b, 100*e.PassAt1.Mean, 100*e.Greedy.Mean, 100*e.Executes))
	}
	return nil
}

// benchmarks are those of problems, in order of appearance.
func benchmarks(problems []*problem.Problem) []string {
	var out []string
	for _, p := range problems {
		if !slices.Contains(out, p.Benchmark) {
			out = append(out, p.Benchmark)
		}
	}
	return out
}
