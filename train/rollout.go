package train

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"hone/generate"
	"hone/judge"
	"hone/model"
	"hone/problem"
	"hone/reward"
	"hone/tensor"
	"hone/token"
)

// sample is a program that the model wrote, with what came of it.
type sample struct {
	Problem   int       `json:"problem"` // number of the problem
	Text      string    `json:"text"`
	IDs       []int32   `json:"ids"`       // what was drawn after the prompt
	LogProbs  []float32 `json:"logprobs"`  // of them, under the weights that wrote
	Reference []float32 `json:"reference"` // and under the model before training
	Truncated bool      `json:"truncated,omitempty"`

	// Scored is false where the judge had a fault of its own.
	Scored     bool               `json:"scored"`
	Outcome    problem.Outcome    `json:"outcome,omitempty"`
	HiddenFail bool               `json:"hidden_fail,omitempty"` // public tests pass, hidden ones do not
	Reward     float64            `json:"reward"`
	Components map[string]float64 `json:"components,omitempty"`
	Assigned   []float64          `json:"assigned,omitempty"` // the reward on the tokens

	// What learning from it needs, see [sampled.prepare].
	Advantages []float32 `json:"advantages,omitempty"`
	Values     []float32 `json:"values,omitempty"`
	Returns    []float32 `json:"returns,omitempty"`

	result *reward.Result
	entry  *verdictEntry
}

// counts reports whether the sample is learned from.
func (s *sample) counts() bool { return s.Scored && !s.Truncated }

// rollout is what an iteration learns from: groups of Samples, one problem after another.
type rollout struct {
	Iteration  int      `json:"iteration"`
	Samples    []sample `json:"samples"`
	Executions int      `json:"executions"` // programs that no iteration before had run

	rolloutSeconds, verifySeconds float64
}

// asking says how programs are asked for.
type asking struct {
	form        problem.Form
	samples     int // for each problem
	temperature float64
	topP        float64
	maxTokens   int
	stop        []string
	purpose     string // of the seeds
	weights     tensor.DType
	coverage    bool // whether lines of wrong answers are wanted
}

// writer writes programs and has them judged and rewarded. It is used from one goroutine
// at a time.
type writer struct {
	recipe    *Recipe
	ask       asking
	problems  []*problem.Problem
	prompts   [][]int32 // of the problems, as the sampler sees them
	tok       *token.Tokenizer
	formula   *reward.Formula
	local     *generate.Local
	verdicts  *verdictLog
	reference *scorer
}

// write makes the programs of an iteration with the weights of m, which it takes over. It calls
// most when most of them are written, or none will be.
func (w *writer) write(ctx context.Context, iteration int, m *model.Model, most func()) (*rollout, error) {
	defer most()
	r, err := w.sample(ctx, iteration, w.chosen(iteration), m, most, w.refer)
	if err != nil {
		return nil, fmt.Errorf("iteration %d: %w", iteration, err)
	}
	return r, w.assign(r)
}

// sample writes programs for the problems of these numbers with the weights of m, which it
// takes over (nil: those it has), and has them judged. It calls most when three quarters are written, and rest with all of
// them while the last are judged; both may be nil.
func (w *writer) sample(ctx context.Context, iteration int, of []int, m *model.Model, most func(), rest func(context.Context, *rollout) error) (*rollout, error) {
	n := w.ask.samples
	if m != nil {
		if err := w.local.Replace(ctx, m); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r := &rollout{Iteration: iteration, Samples: make([]sample, len(of)*n)}
	start := time.Now()
	var mu sync.Mutex
	var failed error
	fail := func(err error) {
		mu.Lock()
		defer mu.Unlock()
		if failed == nil {
			failed = err
			cancel()
		}
	}
	// Programs are judged while others are written, all that are there at once: the queue knows how
	// many it can run, and a slow verdict or reward must not keep those behind it waiting.
	var writing, judging sync.WaitGroup
	var groups atomic.Int64 // that are written
	for g, p := range of {
		group := r.Samples[g*n : (g+1)*n]
		writing.Go(func() {
			if err := w.draw(ctx, iteration, g, p, group); err != nil {
				fail(err)
				return
			}
			if int(groups.Add(1)) == (3*len(of)+3)/4 && most != nil {
				most()
			}
			for i := range group {
				judging.Go(func() {
					if err := w.judge(ctx, iteration, i, &group[i]); err != nil {
						fail(err)
					}
				})
			}
		})
	}
	writing.Wait()
	r.rolloutSeconds = time.Since(start).Seconds()
	judged := make(chan struct{})
	go func() {
		judging.Wait()
		r.verifySeconds = time.Since(start).Seconds() - r.rolloutSeconds
		close(judged)
	}()
	if rest != nil && ctx.Err() == nil {
		if err := rest(ctx, r); err != nil {
			fail(err)
		}
	}
	<-judged
	if failed != nil {
		return nil, failed
	}
	if err := w.verdicts.flush(); err != nil {
		return nil, err
	}
	r.count()
	return r, nil
}

// chosen are the problems of an iteration, by number: all of them in random order, then in
// another one.
func (w *writer) chosen(iteration int) []int {
	n := w.recipe.Online.Prompts
	out := make([]int, n)
	var order []int
	of := -1
	for i := range out {
		at := iteration*n + i
		if epoch := at / len(w.problems); epoch != of {
			s := seed(w.recipe.Train.Seed, "problems", int64(epoch))
			order, of = rand.New(rand.NewPCG(s[0], s[1])).Perm(len(w.problems)), epoch
		}
		out[i] = order[at%len(w.problems)]
	}
	return out
}

// draw writes the programs of one group.
func (w *writer) draw(ctx context.Context, iteration, group, p int, into []sample) error {
	a := &w.ask
	cs, err := w.local.Generate(ctx, generate.Request{
		Prompt: w.problems[p].Prompt, N: len(into), MaxTokens: a.maxTokens, Temperature: a.temperature, TopP: a.topP, Stop: a.stop,
		Seed: seed(w.recipe.Train.Seed, a.purpose, int64(iteration), int64(group))[0], LogProbs: true,
	})
	if err != nil {
		return fmt.Errorf("%s: %w", w.problems[p].TaskID, err)
	}
	for i, c := range cs {
		s := sample{Problem: p, Text: c.Text, Truncated: c.Finish == generate.FinishLength}
		for _, t := range c.Tokens {
			s.IDs, s.LogProbs = append(s.IDs, t.ID), append(s.LogProbs, t.LogProb)
		}
		into[i] = s
	}
	return nil
}

// judge runs a program and gives it its reward.
func (w *writer) judge(ctx context.Context, iteration, number int, s *sample) error {
	p, form := w.problems[s.Problem], w.ask.form
	located := p.Assemble(form, s.Text)
	entry, err := w.verdicts.judge(ctx, iteration, judge.Job{
		Problem: p, TaskID: p.TaskID, Sample: number, Program: located.Code, Coverage: w.ask.coverage,
	})
	if err != nil {
		return err
	}
	s.entry, s.Outcome = entry, entry.Verdict.Verdict
	result, err := w.formula.Score(ctx, reward.Input{Problem: p, Verdict: &entry.Verdict, Form: form, Text: s.Text})
	if errors.Is(err, reward.ErrNotScored) {
		return nil
	}
	if err != nil {
		return err
	}
	s.Scored, s.Reward, s.result = true, result.Reward, result
	s.HiddenFail = hiddenFail(p, &entry.Verdict)
	s.Components = result.Components()
	return nil
}

// hiddenFail reports whether a program passes all public tests, of which there are some, and
// fails others: what it looks like where a model learns the tests that it sees.
func hiddenFail(p *problem.Problem, v *problem.Verdict) bool {
	public := 0
	for _, row := range v.Tests {
		for i := range p.Tests {
			if t := &p.Tests[i]; t.Visibility == problem.Public && (t.Name == row.Name || strings.HasPrefix(row.Name, t.Name+"[") || strings.HasPrefix(row.Name, t.Name+":")) {
				if row.Verdict != problem.Pass {
					return false
				}
				public++
			}
		}
	}
	return public > 0 && v.Verdict != problem.Pass
}

// count counts the programs that were run for this iteration.
func (r *rollout) count() {
	seen := map[string]bool{}
	for i := range r.Samples {
		if e := r.Samples[i].entry; e != nil && e.Iteration == r.Iteration && !seen[e.Key] {
			seen[e.Key] = true
			r.Executions++
		}
	}
}

// assign spreads the rewards over tokens, after they were made comparable in each group.
func (w *writer) assign(r *rollout) error {
	n := w.ask.samples
	for g := 0; g < len(r.Samples); g += n {
		var results []*reward.Result
		var of []*sample
		for i := range r.Samples[g : g+n] {
			if s := &r.Samples[g+i]; s.Scored {
				results, of = append(results, s.result), append(of, s)
			}
		}
		if len(results) == 0 {
			continue
		}
		results, err := reward.Normalise(w.recipe.Reward.Normalise.By, w.recipe.Reward.Normalise.Eps, results)
		if err != nil {
			return err
		}
		for i, s := range of {
			s.Assigned, err = reward.Assign(w.recipe.Reward.Mode, results[i], w.spans(s))
			if err != nil {
				return fmt.Errorf("%s: %w", w.problems[s.Problem].TaskID, err)
			}
		}
	}
	return nil
}

// spans are the tokens of a sample with the bytes of its text that they stand for. Those
// behind the end of the text, of the stop or the end of text, cover none. Where the text is
// not what the tokens spell (bytes that are no UTF-8), the last one covers everything.
func (w *writer) spans(s *sample) []token.Token {
	out := make([]token.Token, len(s.IDs))
	at := 0
	same := true
	for i, id := range s.IDs {
		text, _ := w.tok.Text(id)
		if w.tok.IsSpecial(id) {
			text = ""
		}
		end := min(at+len(text), len(s.Text))
		same = same && strings.HasPrefix(text, s.Text[at:end])
		out[i] = token.Token{ID: id, Start: at, End: end}
		at = end
	}
	if !same || at < len(s.Text) {
		for i := range out {
			out[i].Start, out[i].End = 0, 0
		}
		out[len(out)-1].End = len(s.Text)
	}
	return out
}

// refer scores what was written with the model before training.
func (w *writer) refer(ctx context.Context, r *rollout) error {
	logp, _, err := w.reference.score(ctx, w.sequences(r))
	if err != nil {
		return err
	}
	for i := range r.Samples {
		r.Samples[i].Reference = logp[i]
	}
	return nil
}

// sequences are the samples with their prompts.
func (w *writer) sequences(r *rollout) []sequence {
	out := make([]sequence, len(r.Samples))
	for i := range r.Samples {
		s := &r.Samples[i] // the rest of it may be written meanwhile
		prompt := w.prompts[s.Problem]
		out[i] = sequence{append(append([]int32(nil), prompt...), s.IDs...), len(prompt)}
	}
	return out
}
