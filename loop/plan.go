package loop

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"hone/train"
)

// tried is how many problems are written for to find out how long programs take.
const tried = 16

// Plan is what a loop will take with one seed, found out by writing programs for a few problems and
// making a few steps of each stage, all with the base model.
type Plan struct {
	Evaluate Writing     `json:"evaluate"` // of each model, greedy programs too
	Collect  *Writing    `json:"collect,omitempty"`
	Stages   []StagePlan `json:"stages"`
	// Executions are those to learn from, at most; Seconds all that takes time.
	Executions int     `json:"executions"`
	Seconds    float64 `json:"seconds"`
	Memory     int64   `json:"memory_bytes"` // of the stage that needs most
	Seeds      int     `json:"seeds"`        // with each of which all of it is done
}

// Writing is what writing and judging programs takes.
type Writing struct {
	Programs int     `json:"programs"`
	Tokens   float64 `json:"tokens"` // mean of a program
	Seconds  float64 `json:"seconds"`
}

// StagePlan is what a stage takes, without what is collected for it from the base model.
type StagePlan struct {
	Stage      string      `json:"stage"`
	Train      *train.Plan `json:"train,omitempty"` // nil: Note says why
	Steps      int         `json:"steps"`           // of all rounds
	Executions int         `json:"executions"`      // at most
	Seconds    float64     `json:"seconds"`
	Note       string      `json:"note,omitempty"`
}

// Try finds out what a loop will take. Nothing is kept; Config.Dir and Config.Train are not used.
func Try(ctx context.Context, c Config) (_ *Plan, err error) {
	dir, err := os.MkdirTemp("", "hone-improve-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	c.Dir = dir
	l, err := begin(c)
	if err != nil {
		return nil, err
	}
	defer l.formula.Close()
	p := &Plan{Seeds: len(c.Recipe.Seeds)}
	if err := l.tryEvaluation(ctx, p); err != nil {
		return nil, err
	}
	scale := 1.0
	for i := range c.Recipe.Stages {
		if s := &c.Recipe.Stages[i]; (s.collected() || s.passed()) && p.Collect == nil {
			if scale, err = l.tryCollecting(ctx, p); err != nil {
				return nil, err
			}
		}
	}
	if err := l.writeReferences(filepath.Join(dir, "references.jsonl")); err != nil {
		return nil, err
	}
	p.Seconds = p.Evaluate.Seconds * float64(1+len(c.Recipe.Stages))
	for i := range c.Recipe.Stages {
		s := &c.Recipe.Stages[i]
		x, err := l.tryStage(ctx, p, s, scale)
		if err != nil {
			return nil, fmt.Errorf("stage %s: %w", s.Name, err)
		}
		p.Stages = append(p.Stages, x)
		p.Executions += x.Executions
		p.Seconds += x.Seconds
		if x.Train != nil {
			p.Memory = max(p.Memory, x.Train.Memory.Total())
		}
	}
	for i := range c.Recipe.Stages {
		if c.Recipe.Stages[i].collected() { // once for all of them
			share := float64(len(l.collects())) / float64(len(l.Learn))
			p.Executions += int(share * float64(p.Collect.Programs))
			p.Seconds += share * p.Collect.Seconds
			break
		}
	}
	return p, nil
}

// tryEvaluation writes programs for a few held-out problems.
func (l *loop) tryEvaluation(ctx context.Context, p *Plan) error {
	s, err := l.open(l.Recipe.Model)
	if err != nil {
		return err
	}
	programs, seconds, err := l.draw(ctx, s, "trying: held-out programs", l.HeldOut[:min(tried, len(l.HeldOut))], l.Recipe.Evaluate, 1, filepath.Join(l.Dir, "heldout.jsonl"), "")
	if err := errors.Join(err, s.local.Close()); err != nil {
		return err
	}
	p.Evaluate = writing(programs, seconds, len(l.HeldOut)*(l.Recipe.Evaluate.Samples+1))
	return nil
}

// tryCollecting collects programs for a few problems; there are scale times as many.
func (l *loop) tryCollecting(ctx context.Context, p *Plan) (scale float64, err error) {
	all := l.Learn
	l.Learn = all[:min(tried, len(all))]
	defer func() { l.Learn = all }()
	if err := l.collectBase(ctx, l.Dir, 1); err != nil {
		return 0, err
	}
	programs := l.collected.programs
	w := writing(programs, l.collected.cost.Seconds, len(all)*l.Recipe.Collect.Samples)
	p.Collect = &w
	return float64(len(all)) / float64(len(l.Learn)), nil
}

// writing is what n programs take, from some of them that took a time.
func writing(programs []Program, seconds float64, n int) Writing {
	w := Writing{Programs: n, Seconds: seconds * float64(n) / float64(len(programs))}
	for i := range programs {
		w.Tokens += float64(programs[i].Tokens) / float64(len(programs))
	}
	return w
}

// tryStage makes a few steps of a stage, in the place of whose model the base stands. Rows that are
// collected are scale times as many as there are.
func (l *loop) tryStage(ctx context.Context, p *Plan, s *Stage, scale float64) (StagePlan, error) {
	x := StagePlan{Stage: s.Name}
	r, err := l.resolve(s, l.Recipe.Model, l.Dir, filepath.Join(l.Dir, s.Name))
	if err != nil {
		return x, err
	}
	if s.passed() {
		few := l.Learn[:len(l.collected.programs)/l.Recipe.Collect.Samples]
		pairs, _ := passed(few, l.collected.programs, l.Recipe.Collect.Samples, s.Most, s.Ran)
		if err := writeLines(r.Rows.Path, pairs); err != nil {
			return x, err
		}
		drawn := s.Rounds // rounds that the model itself writes for
		if s.Model.From == Base {
			drawn--
		}
		share := float64(len(l.learns(s))) / float64(len(l.Learn))
		scale *= share
		x.Executions = int(share * float64(drawn*p.Collect.Programs))
		x.Seconds = share * float64(drawn) * p.Collect.Seconds
	}
	if s.Match != "" {
		r.Train.Steps, r.Train.Epochs = 1, 0
	}
	job, err := l.job(ctx, r)
	if err != nil {
		if s.collected() || s.passed() { // of few programs there may be none to learn from
			x.Note = err.Error()
			return x, nil
		}
		return x, err
	}
	defer job.Close()
	plan, err := job.Plan(ctx)
	if err != nil {
		return x, err
	}
	x.Train, x.Steps = &plan, plan.Steps
	switch {
	case s.Match != "":
		x.Note = "as long as " + s.Match
		x.Seconds = max(0, l.planned(p, s.Match, 0)-l.planned(p, s.Model.From, l.written(s.Name)))
		x.Steps = max(1, int(math.Round(x.Seconds/plan.SecondsPerStep)))
		return x, nil
	case r.Train.Epochs > 0 && (s.collected() || s.passed()):
		x.Steps = int(math.Ceil(float64(plan.Steps) * scale))
	}
	x.Steps *= s.Rounds
	x.Executions += plan.Iterations * plan.Programs
	x.Seconds += plan.SecondsPerStep*float64(x.Steps) + plan.IterationSeconds*float64(plan.Iterations)
	return x, nil
}

// planned is what a stage and all before it take, in seconds, with what the base model wrote for at least
// so many problems.
func (l *loop) planned(p *Plan, stage string, written int) float64 {
	sum := 0.0
	for _, s := range l.Recipe.lineage(stage) {
		for _, x := range p.Stages {
			if x.Stage == s.Name {
				sum += x.Seconds
			}
		}
	}
	if n := max(written, l.written(stage)); n > 0 {
		sum += p.Collect.Seconds * float64(n) / float64(len(l.Learn))
	}
	return sum
}
