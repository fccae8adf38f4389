package loop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"hone/generate"
	"hone/judge"
	"hone/problem"
	"hone/reward"
	"hone/store"
	"hone/token"
)

// Program is what a model wrote for a problem, and what came of it.
type Program struct {
	TaskID    string          `json:"task_id"`
	Sample    int             `json:"sample"`
	Text      string          `json:"text"`
	Tokens    int             `json:"tokens"`
	Truncated bool            `json:"truncated,omitempty"`
	Outcome   problem.Outcome `json:"outcome"`
	// Scored is false where the judge had a fault of its own; such a program counts nowhere.
	Scored bool `json:"scored"`
	// Raised says that some test ended in an error, whatever the first that failed was.
	Raised     bool               `json:"raised,omitempty"`
	Reward     float64            `json:"reward"`
	Components map[string]float64 `json:"components,omitempty"`
	// Failure is the first test that failed, of the first sample of a problem.
	Failure *Failure `json:"failure,omitempty"`
	// Earned is the reward of each token, of the first sample of a problem.
	Earned []Earned `json:"earned,omitempty"`
}

// Failure is a test that a program failed.
type Failure struct {
	Test     string `json:"test"`
	Got      string `json:"got,omitempty"`
	Expected string `json:"expected,omitempty"`
	Message  string `json:"message,omitempty"`
}

// Earned is the reward that a token got: bytes [Start, End) of the text.
type Earned struct {
	Start  int     `json:"start"`
	End    int     `json:"end"`
	Reward float64 `json:"reward"`
}

// Passed reports whether the program passed all tests.
func (p *Program) Passed() bool { return p.Outcome == problem.Pass }

// Ran reports whether the program ran to its end in all tests, whatever it answered.
func (p *Program) Ran() bool {
	return !p.Raised && (p.Passed() || p.Outcome == problem.WrongAnswer)
}

// sampler draws programs from a model and has them judged.
type sampler struct {
	local    *generate.Local
	tok      *token.Tokenizer
	queue    judge.Queue
	formula  *reward.Formula
	form     problem.Form
	stop     []string
	force    bool // replace a file that other inputs made
	progress func(done, total int)
}

// programs are those of all problems, in order, kept in the file at path, from which the
// ones that are there are read. The seconds are those of this call.
func (s *sampler) programs(ctx context.Context, problems []*problem.Problem, how Sampling, seed uint64, path, fingerprint string) ([]Program, float64, error) {
	log, err := store.OpenRows(path, fingerprint, s.force)
	if err != nil {
		return nil, 0, err
	}
	defer log.Close()
	var out []Program
	for row := range log.Rows() {
		var p Program
		if err := json.Unmarshal(row, &p); err != nil {
			return nil, 0, fmt.Errorf("%s: row %d: %w", path, len(out)+1, err)
		}
		out = append(out, p)
	}
	if err := log.Err(); err != nil || log.Complete() {
		return out, 0, err
	}
	start := time.Now()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	// Problems are written and judged side by side and taken in order. A place is a problem
	// that is under way: enough of them to fill the sampler's slots twice. Where judging is the
	// slower part, most of them wait for it, and a place that came free would be written for alone, at
	// hardly less cost than many: so as many as fill half of the slots begin together.
	together := max(1, s.local.Slots()/how.Samples/2)
	places := make(chan struct{}, max(2, 4*together))
	judging := make(chan struct{}, s.queue.Workers())
	first := len(out) / how.Samples
	done := make([]chan []Program, len(problems))
	for i := range done {
		done[i] = make(chan []Program, 1)
	}
	var started sync.WaitGroup
	defer started.Wait()
	started.Go(func() {
		for i := first; i < len(problems); i++ {
			if (i-first)%together == 0 {
				for range min(together, len(problems)-i) {
					select {
					case places <- struct{}{}:
					case <-ctx.Done():
						return
					}
				}
			}
			started.Go(func() {
				defer func() { <-places }()
				ps, err := s.problem(ctx, problems[i], how, rand.New(rand.NewPCG(seed, uint64(i))).Uint64(), judging)
				if err != nil {
					cancel(fmt.Errorf("%s: %w", problems[i].TaskID, err))
					return
				}
				done[i] <- ps
			})
		}
	})
	for i := first; i < len(problems); i++ {
		var ps []Program
		select {
		case ps = <-done[i]:
		case <-ctx.Done():
			return nil, 0, errors.Join(context.Cause(ctx), log.Flush())
		}
		// A problem that an earlier run had begun is drawn again, and its missing rows kept.
		for _, p := range ps[max(0, len(out)-i*how.Samples):] {
			row, err := json.Marshal(p)
			if err == nil {
				err = log.Append(row)
			}
			if err != nil {
				cancel(err) // or all others would be written and judged first
				return nil, 0, err
			}
			out = append(out, p)
		}
		if s.progress != nil {
			s.progress(i+1, len(problems))
		}
	}
	return out, time.Since(start).Seconds(), log.Commit(nil)
}

// problem draws and judges the programs for one problem.
func (s *sampler) problem(ctx context.Context, p *problem.Problem, how Sampling, seed uint64, judging chan struct{}) ([]Program, error) {
	cs, err := s.local.Generate(ctx, generate.Request{
		Prompt: p.Prompt, N: how.Samples, MaxTokens: how.MaxTokens, Temperature: how.Temperature, TopP: how.TopP, Stop: s.stop, Seed: seed,
	})
	if err != nil {
		return nil, err
	}
	out := make([]Program, len(cs))
	errs := make([]error, len(cs))
	first := make(map[string]int, len(cs)) // the sample that a text was judged as
	var all sync.WaitGroup
	for i, c := range cs {
		out[i] = Program{TaskID: p.TaskID, Sample: i, Text: c.Text, Tokens: c.Usage.Completion, Truncated: c.Finish == generate.FinishLength}
		if _, ok := first[c.Text]; ok {
			continue
		}
		first[c.Text] = i
		all.Go(func() {
			judging <- struct{}{}
			defer func() { <-judging }()
			errs[i] = s.judge(ctx, p, &out[i])
		})
	}
	all.Wait()
	for i := range out {
		if j := first[out[i].Text]; j < i {
			out[i].Outcome, out[i].Raised, out[i].Scored, out[i].Reward, out[i].Components = out[j].Outcome, out[j].Raised, out[j].Scored, out[j].Reward, out[j].Components
		}
	}
	return out, errors.Join(errs...)
}

// judge runs a program and fills in what came of it.
func (s *sampler) judge(ctx context.Context, p *problem.Problem, g *Program) error {
	v, err := s.queue.Do(ctx, judge.Job{
		Problem: p, TaskID: p.TaskID, Sample: g.Sample, Program: p.Assemble(s.form, g.Text).Code, Coverage: g.Sample == 0,
	})
	if err != nil {
		return err
	}
	g.Outcome = v.Verdict
	g.Raised = slices.ContainsFunc(v.Tests, func(t problem.TestResult) bool {
		return t.Verdict != problem.Pass && t.Verdict != problem.WrongAnswer
	})
	r, err := s.formula.Score(ctx, reward.Input{Problem: p, Verdict: &v, Form: s.form, Text: g.Text})
	if errors.Is(err, reward.ErrNotScored) {
		return nil
	}
	if err != nil {
		return err
	}
	g.Scored, g.Reward, g.Components = true, r.Reward, r.Components()
	if g.Sample > 0 {
		return nil
	}
	for _, t := range v.Tests {
		if t.Verdict != problem.Pass {
			g.Failure = &Failure{Test: t.Name, Got: t.Got, Expected: t.Expected, Message: t.Error}
			break
		}
	}
	tokens := s.tok.Tokens(g.Text)
	if len(tokens) == 0 {
		return nil
	}
	each, err := reward.Assign(reward.Localised, r, tokens)
	if err != nil {
		return err
	}
	for i, t := range tokens {
		if each[i] != 0 {
			g.Earned = append(g.Earned, Earned{t.Start, t.End, each[i]})
		}
	}
	return nil
}

// group is the part of a task's name that says of which level it is: "graded/3" of
// graded/17-3-2 (seed, level, number), "kitchen/4" of kitchen/4/74439976/9111, and the
// name without its number otherwise.
func group(taskID string) string {
	head, rest, ok := strings.Cut(taskID, "/")
	if !ok {
		return "all"
	}
	if level, _, ok := strings.Cut(rest, "/"); ok {
		return head + "/" + level
	}
	if parts := strings.Split(rest, "-"); len(parts) == 3 {
		return head + "/" + parts[1]
	}
	return head
}
