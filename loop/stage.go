package loop

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"hone/judge"
	"hone/offline"
	"hone/problem"
	"hone/recipe"
	"hone/store"
	"hone/train"
)

// collection is what a model wrote for the problems to learn from.
type collection struct {
	programs []Program // Collect.Samples of each problem, as those are ordered
	cost     Cost
}

// part is some of the programs, with their share of the cost.
func (c *collection) part(from, to int) *collection {
	if from == 0 && to == len(c.programs) {
		return c
	}
	out := &collection{programs: c.programs[from:to]}
	out.count()
	out.cost.Seconds = c.cost.Seconds * float64(out.cost.Written) / float64(max(1, c.cost.Written))
	return out
}

// count fills in what writing and running cost, but for the time.
func (c *collection) count() {
	ran := map[[2]string]bool{} // programs that are the same were run once
	for i := range c.programs {
		p := &c.programs[i]
		ran[[2]string{p.TaskID, p.Text}] = true
		c.cost.Written += int64(p.Tokens)
	}
	c.cost.Executions = len(ran)
}

// collect draws programs of a model for problems to learn from, kept in the file at path.
func (l *loop) collect(ctx context.Context, model, identity, path string, problems []*problem.Problem, seed uint64) (c *collection, err error) {
	s, err := l.open(model)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.local.Close()) }()
	if len(problems) < len(l.Learn) {
		identity = fmt.Sprintf("%s, first %d", identity, len(problems))
	}
	c = &collection{}
	// How long it took is kept beside: a loop that goes on later must know.
	beside := path + ".seconds"
	before := 0.0
	if _, err := os.Stat(path + ".part"); err == nil { // a part of it is there
		if err := readNumber(beside, &before); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	start := time.Now()
	if c.programs, c.cost.Seconds, err = l.draw(ctx, s, "programs to learn from", problems, l.Recipe.Collect, seed, path, identity); err != nil {
		return nil, errors.Join(err, writeNumber(beside, before+time.Since(start).Seconds()))
	}
	c.count()
	if c.cost.Seconds > 0 {
		c.cost.Seconds += before
		return c, writeNumber(beside, c.cost.Seconds)
	}
	if err := readNumber(beside, &c.cost.Seconds); err != nil && !errors.Is(err, fs.ErrNotExist) { // ended between the two files: nobody knows
		return nil, err
	}
	return c, nil
}

// collectBase collects programs of the base model and writes those that an offline stage learns from.
func (l *loop) collectBase(ctx context.Context, dir string, seed uint64) (err error) {
	problems := l.collects()
	if l.collected, err = l.collect(ctx, l.Recipe.Model, "collect", filepath.Join(dir, "written.jsonl"), problems, seed+1<<32); err != nil {
		return err
	}
	samples := l.Recipe.Collect.Samples
	var rows []offline.Row
	var all []pair
	for i := range l.collected.programs {
		g, p := &l.collected.programs[i], problems[i/samples]
		if !g.learnable() {
			continue
		}
		all = append(all, pair{p.Prompt, g.Text})
		rows = append(rows, offline.Row{
			Benchmark: p.Benchmark, TaskID: p.TaskID, Prompt: p.Prompt, Program: g.Text, Reward: g.Reward, Verdict: g.Outcome,
			Components: g.Components, Source: "drawn by hone", Model: filepath.Base(l.Recipe.Model),
		})
	}
	for _, b := range benchmarks(problems) {
		l.result.Written = append(l.result.Written, evaluate(b, problems, l.collected.programs, make([]Program, len(problems)), samples))
	}
	if err := writeLines(filepath.Join(dir, "collected-rows.jsonl"), all); err != nil {
		return err
	}
	return store.Create(filepath.Join(dir, "collected.jsonl"), 0o666, func(w io.Writer) error { return offline.Write(w, rows) })
}

// writeReferences writes prompts and what follows them in the references.
func (l *loop) writeReferences(path string) error {
	var pairs []pair
	for _, p := range l.Learn {
		text := p.Reference
		if l.Recipe.Form == problem.FormCompletion {
			text, _ = offline.Continuation(p.Prompt, p.Reference, p.EntryPoint)
		}
		if text != "" {
			pairs = append(pairs, pair{p.Prompt, text})
		}
	}
	return writeLines(path, pairs)
}

// stage trains one stage and measures what came of it.
func (l *loop) stage(ctx context.Context, dir string, s *Stage, seed uint64) error {
	parent := l.result.Of(s.Model.From, seed)
	m := Trained{Stage: s.Name, Seed: seed, Model: parent.Model, Total: parent.Total, identity: parent.identity}
	if had, has := l.written(s.Model.From), l.written(s.Name); has > had { // what the base wrote counts once
		samples := l.Recipe.Collect.Samples
		m.Total = m.Total.plus(l.collected.part(had*samples, has*samples).cost)
	}
	path := filepath.Join(dir, s.Name)
	rng := rand.New(rand.NewPCG(seed, s.Train.Seed))
	for round := range s.Rounds {
		to, in := path, ""
		if s.Rounds > 1 {
			in = fmt.Sprintf("round %d: ", round+1)
			to = filepath.Join(path, strconv.Itoa(round+1))
		}
		if err := l.round(ctx, &m, s, round, dir, to, rng.Uint64()>>12); err != nil {
			return fmt.Errorf("%s%w", in, err)
		}
	}
	if err := l.measure(ctx, &m, path); err != nil {
		return err
	}
	l.result.Models = append(l.result.Models, m)
	return nil
}

// round trains m once, in the folder to; most stages have one round. What it took is added to m's costs.
func (l *loop) round(ctx context.Context, m *Trained, s *Stage, round int, dir, to string, seed uint64) error {
	r, err := l.resolve(s, m.Model, dir, to)
	if err != nil {
		return err
	}
	r.Train.Seed = seed
	if s.passed() {
		if err := l.keepPassed(ctx, m, s, round, to, r.Rows.Path); err != nil {
			return err
		}
	}
	if s.Match != "" {
		if err := l.match(ctx, &r, s, l.result.Of(s.Match, m.Seed).Total, m.Total, to+".steps"); err != nil {
			return err
		}
	}
	job, err := l.job(ctx, r)
	if err != nil {
		return err
	}
	defer job.Close()
	resolved, err := recipe.Marshal(&r)
	if err != nil {
		return err
	}
	run, err := store.OpenRun(to, store.RunOptions{
		Recipe: resolved, Fingerprint: job.Fingerprint, Kind: "train " + string(r.Kind), Command: os.Args,
		Version: l.Version, Machine: l.Machine, Keep: r.Train.Keep, Log: l.Log, Force: l.Force,
	})
	if err != nil {
		return err
	}
	defer run.Close()
	if run.Status() != store.RunComplete {
		if _, err := l.Train(ctx, s.Name, job, run); err != nil {
			return err
		}
	}
	m.Model, m.identity = filepath.Join(to, "model"), job.Fingerprint
	return m.read(to, &r)
}

// resolve is the recipe of a stage for a model, with files in the place of names; to is the folder that
// it is trained in.
func (l *loop) resolve(s *Stage, model, dir, to string) (train.Recipe, error) {
	r := s.Recipe
	r.Model.From = model
	if r.Offline != nil {
		o := *r.Offline
		o.Path, r.Offline = filepath.Join(dir, "collected.jsonl"), &o
	}
	if r.Rows != nil {
		o := *r.Rows
		r.Rows = &o
		switch s.Rows.Path {
		case References:
			o.Path = filepath.Join(dir, "references.jsonl")
		case Collected:
			o.Path = filepath.Join(dir, "collected-rows.jsonl")
		case Passed:
			o.Path = to + ".passed.jsonl"
		}
	}
	if r.Online == nil {
		return r, nil
	}
	o := *r.Online
	o.Problems, r.Online = filepath.Join(l.Dir, "problems.jsonl"), &o
	return r, writeLines(o.Problems, l.Learn)
}

// keepPassed writes what a round learns from: what passed of the programs that m writes, or of those
// of the base model that are there already.
func (l *loop) keepPassed(ctx context.Context, m *Trained, s *Stage, round int, to, path string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
		return err
	}
	problems := l.learns(s)
	c := l.collected
	if round > 0 || s.Model.From != Base {
		var err error
		if c, err = l.collect(ctx, m.Model, m.identity, to+".written.jsonl", problems, m.Seed+uint64(round+1)<<32); err != nil {
			return err
		}
		m.add(c.cost)
	}
	pairs, kept := passed(problems, c.programs, l.Recipe.Collect.Samples, s.Most, s.Ran)
	if len(pairs) == 0 {
		return fmt.Errorf("none of %d programs for %d problems passed: there is nothing to learn from (a model that solves nothing needs references first, rows.path: %s)", kept.Programs, len(problems), References)
	}
	m.Rounds = append(m.Rounds, kept)
	only := ""
	if kept.OnlyRan > 0 {
		only = fmt.Sprintf(", %d of which only ran to their end", kept.OnlyRan)
	}
	l.Log(fmt.Sprintf("%s: %.1f %% of %d programs passed, %d of %d problems are solved, %d programs are learned from%s",
		s.Name, 100*kept.Passed, kept.Programs, kept.Solved, len(problems), kept.Kept, only))
	return writeLines(path, pairs)
}

// collects are the problems that the base model writes for: as many as any stage learns from.
func (l *loop) collects() []*problem.Problem {
	most := l.Learn[:0]
	for i := range l.Recipe.Stages {
		if s := &l.Recipe.Stages[i]; s.collected() && len(l.learns(s)) > len(most) {
			most = l.learns(s)
		}
	}
	if len(most) == 0 {
		return l.Learn // a plan that wants to know how long programs take
	}
	return most
}

// written is for how many problems the base model wrote what led to a stage.
func (l *loop) written(stage string) (problems int) {
	for _, s := range l.Recipe.lineage(stage) {
		if s.collected() {
			problems = max(problems, len(l.learns(s)))
		}
	}
	return problems
}

// learns are the problems that a stage learns from.
func (l *loop) learns(s *Stage) []*problem.Problem {
	if s.First == 0 || s.First > len(l.Learn) {
		return l.Learn
	}
	return l.Learn[:s.First]
}

func (l *loop) job(ctx context.Context, r train.Recipe) (*train.Job, error) {
	return train.Open(ctx, r, train.OpenOptions{
		Cache: l.Cache, Log: l.Log,
		Judge: func(context.Context, []*problem.Problem) (judge.Queue, error) { return l.Queue, nil },
	})
}

// match makes a recipe as long as what led to another model took, less what is spent already. The
// number of steps that a time allows is measured once and kept at path.
func (l *loop) match(ctx context.Context, r *train.Recipe, s *Stage, target, spent Cost, path string) error {
	least := r.Train.Steps
	what, err := l.matches(s)
	if err != nil {
		return err
	}
	var kept matched
	if s.MatchBy == Seconds {
		raw, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err == nil && json.Unmarshal(raw, &kept) == nil && kept.For == what {
			r.Train.Steps, r.Train.Epochs = kept.Steps, 0
			return nil
		}
	}
	r.Train.Steps, r.Train.Epochs = 1, 0
	one, err := l.job(ctx, *r)
	if err != nil {
		return err
	}
	defer one.Close()
	if s.MatchBy == Computing {
		perStep := one.Epochs() * float64(one.Tokens())
		r.Train.Steps = max(least, int(float64(target.Passes()-spent.Passes())/3/perStep+0.5), 1)
		return nil
	}
	plan, err := one.Plan(ctx)
	if err != nil {
		return err
	}
	r.Train.Steps = max(least, int((target.Seconds-spent.Seconds)/plan.SecondsPerStep+0.5), 1)
	raw, err := json.Marshal(matched{what, r.Train.Steps})
	if err != nil {
		return err
	}
	return store.WriteFile(path, append(raw, '\n'), 0o666)
}

// matched are the steps that a time allowed, and what they were measured for.
type matched struct {
	For   string `json:"for"`
	Steps int    `json:"steps"`
}

// matches identifies what the length of a stage depends on: its own recipe, and those of the stage that
// it is to be as long as and of collecting. The times themselves are others after a stop.
func (l *loop) matches(s *Stage) (string, error) {
	h := sha256.New()
	like := slices.IndexFunc(l.Recipe.Stages, func(t Stage) bool { return t.Name == s.Match })
	for _, part := range []any{s, &l.Recipe.Stages[like], &l.Recipe.Collect} {
		raw, err := recipe.Marshal(part)
		if err != nil {
			return "", err
		}
		h.Write(raw)
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:8]), nil
}

// add adds to what m took.
func (m *Trained) add(c Cost) { m.Cost, m.Total = m.Cost.plus(c), m.Total.plus(c) }

// read takes the curve and the cost from a run's metrics.
func (m *Trained) read(dir string, r *train.Recipe) error {
	var c Cost
	before := 0
	if n := len(m.Curve); n > 0 {
		before = m.Curve[n-1].Step
	}
	for row, err := range store.MetricsRows(dir) {
		if err != nil {
			return err
		}
		raw, err := json.Marshal(row)
		if err != nil {
			return err
		}
		var x train.Row
		if err := json.Unmarshal(raw, &x); err != nil {
			return fmt.Errorf("%s: %w", dir, err)
		}
		c.Seconds += x.Time.Seconds
		c.Trained = max(c.Trained, x.Tokens)
		if o := x.Rollout; o != nil {
			c.Written += int64(float64(o.Programs) * o.Length)
			c.Executions += o.Executions
			c.Scored += o.Scored
		}
		m.Curve = append(m.Curve, Point{Step: before + x.Step, Loss: x.Loss, Rollout: x.Rollout})
	}
	m.add(c)
	return nil
}

// writeLines writes values as JSON Lines.
func writeLines[T any](path string, values []T) error {
	return store.Create(path, 0o666, func(w io.Writer) error {
		enc := json.NewEncoder(w)
		for i := range values {
			if err := enc.Encode(&values[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// writeNumber and readNumber keep what was measured in a file of its own.
func writeNumber(path string, x float64) error {
	return store.WriteFile(path, strconv.AppendFloat(nil, x, 'g', -1, 64), 0o666)
}

func readNumber(path string, x *float64) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if *x, err = strconv.ParseFloat(string(raw), 64); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
