package train

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"

	"hone/generate"
	"hone/judge"
	"hone/model"
	"hone/problem"
	"hone/reward"
	"hone/store"
	"hone/tensor/cpu"
	"hone/token"
)

// rolloutFile is the part of a checkpoint that holds programs which cannot be written again.
const rolloutFile = "rollouts.json"

// verdictFile is the log of verdicts in a run folder.
const verdictFile = "verdicts.jsonl"

// sampled are the batches of programs that the model writes while it is trained. Batch i is
// the same whenever a run asks for it, but only in order: the programs of iteration t+1 are
// written by the weights with which iteration t begins, while t is learned from.
type sampled struct {
	recipe *Recipe
	model  *model.Model // in training
	writer *writer
	total  int64 // batches of the whole run; beyond them nothing is written
	trial  bool  // to look how long it takes: all programs are computed, as if each taught something

	ctx     context.Context // of the run, for what Batch starts
	cancel  context.CancelFunc
	values  *scorer // of the model in training; nil without a value head
	devices []*cpu.Device

	current *rollout
	next    chan written  // what is being written; nil: nothing
	drawn   chan struct{} // closed when most of that has been
	began   *Rollout      // of an iteration that no row has reported yet
}

// written is a rollout on its way.
type written struct {
	rollout *rollout
	err     error
}

// Rollout is what a row of metrics says of an iteration, in its first step.
type Rollout struct {
	Iteration int `json:"iteration"` // from 0
	Wrote
	Scored    int64    `json:"scored_tokens"`                // that the model before training went through
	Penalty   float64  `json:"penalty"`                      // mean β·k of a token, which is taken off its reward
	KL        float64  `json:"kl"`                           // k1 against the model before training, nats a token
	K3        float64  `json:"k3"`                           // the same by k3, to watch
	Explained *float64 `json:"explained_variance,omitempty"` // of returns by values
}

// openOnline reads the recipe's problems.
func (o *OpenOptions) openOnline(ctx context.Context, r *Recipe, m *model.Model, tok *token.Tokenizer) (*data, error) {
	problems, err := loadProblems(r.Online.Problems, r.Online.Format)
	if err != nil {
		return nil, err
	}
	d := &data{}
	w := &writer{recipe: r, tok: tok, ask: r.Online.asking(r.Reward.Mode)}
	h := sha256.New()
	for _, p := range problems {
		if err := MayTrain(p.Benchmark, p.TaskID); err != nil {
			return nil, err
		}
		before, _ := tok.Around()
		ids := tok.AppendEncode(before, p.Prompt)
		if len(ids) == 0 || len(ids)+r.Online.MaxTokens > r.Train.Length {
			if r.Train.TooLong == "error" {
				return nil, fmt.Errorf("%s: the prompt has %d tokens, which with online.max_tokens are more than train.length, %d (train.too_long: skip leaves it out)", p.TaskID, len(ids), r.Train.Length)
			}
			d.tooLong++
			continue
		}
		w.problems, w.prompts = append(w.problems, p), append(w.prompts, ids)
		raw, err := json.Marshal(p)
		if err != nil {
			return nil, err
		}
		h.Write(raw)
		d.trainTokens += int64(len(ids))
	}
	if len(w.problems) == 0 {
		return nil, fmt.Errorf("%s: none of %d problems can be used: their prompts and online.max_tokens have more than train.length, %d tokens", r.Online.Problems, len(problems), r.Train.Length)
	}
	keys := map[problem.Key]bool{}
	for _, p := range w.problems {
		keys[problem.Key{Benchmark: p.Benchmark, TaskID: p.TaskID}] = true
	}
	if err := o.openExam(ctx, r, r.Online.Eval, d, m, tok, keys, w.problems); err != nil {
		return nil, err
	}
	if w.formula, err = reward.New(*r.Reward); err != nil {
		return nil, err
	}
	w.verdicts = &verdictLog{queue: d.queue}
	d.sampled = &sampled{recipe: r, writer: w}
	d.describe = func(to io.Writer) {
		fmt.Fprintf(to, "%8d  problems, %d left out for their length\n", len(w.problems), d.tooLong)
	}
	d.train, d.digest = d.sampled, fmt.Sprintf("%x", h.Sum(nil)[:16])+d.digest
	return d, nil
}

// loadProblems reads a file of problems, none of whose rows may be wrong.
func loadProblems(path string, format problem.Format) ([]*problem.Problem, error) {
	suite, err := problem.Load(path, format, nil)
	if err != nil {
		return nil, err
	}
	if len(suite.Issues) > 0 {
		return nil, fmt.Errorf("%d rows of the problems are wrong, the first: %w", len(suite.Issues), suite.Issues[0])
	}
	return suite.Problems, nil
}

// MayTrain refuses problems that are there to evaluate with, and nothing else.
func MayTrain(benchmark, task string) error {
	if benchmark == "RoboEval" {
		return fmt.Errorf("%s is of RoboEval, which models are evaluated on: nothing is trained on it (hone robot tasks makes others)", task)
	}
	return nil
}

// begin prepares to write and to learn: with dev, in the run folder or, where that is "",
// to look how long it takes.
func (s *sampled) begin(m, reference *model.Model, dev *cpu.Device, total int64, run string) error {
	s.model, s.total, s.trial = m, total, run == ""
	set := &s.recipe.Train
	if s.recipe.Kind == PPO {
		s.values = newScorer(dev, m, set, true)
	}
	own := cpu.New(set.Threads)
	s.devices = append(s.devices, own)
	w := s.writer
	w.reference = newScorer(own, reference, set, false)
	path := ""
	if run != "" {
		path = filepath.Join(run, verdictFile)
	}
	var err error
	if w.verdicts, err = openVerdicts(path, w.verdicts.queue); err != nil {
		return err
	}
	w.local, err = generate.NewLocal(m.Reference(), w.tok, generate.LocalOptions{
		Weights: w.ask.weights, Slots: min(64, s.recipe.Online.Prompts*s.recipe.Online.Samples), Context: min(set.Length+1, m.Positions), Threads: set.Threads,
	})
	return err
}

// within says for how long programs are written.
func (s *sampled) within(ctx context.Context) { s.ctx, s.cancel = context.WithCancel(ctx) }

// close ends what is under way.
func (s *sampled) close() {
	if s.cancel != nil {
		s.cancel()
	}
	if s.next != nil {
		w := <-s.next
		s.next <- w
	}
	if s.writer.local != nil {
		_ = s.writer.local.Close()
	}
	for _, d := range s.devices {
		d.Close()
	}
	s.devices = nil
}

// perIteration is the number of batches of an iteration.
func (s *sampled) perIteration() int64 {
	return int64(s.recipe.Online.Passes * s.recipe.Online.perPass(&s.recipe.Train))
}

// Epoch implements [Batches]: each problem once.
func (s *sampled) Epoch() int64 {
	n := s.recipe.Online.Prompts
	return int64((len(s.writer.problems)+n-1)/n) * s.perIteration()
}

// Batch implements [Batches], for i in order.
func (s *sampled) Batch(i int64) (*Batch, error) {
	t := int(i / s.perIteration())
	if s.current == nil || s.current.Iteration != t {
		if err := s.advance(t); err != nil {
			return nil, err
		}
	}
	return s.batch(i % s.perIteration()), nil
}

// advance begins iteration t, and the writing of the next.
func (s *sampled) advance(t int) error {
	if s.next == nil { // the first iteration has to wait for itself
		s.launch(t)
	}
	r, err := s.arrived()
	if err != nil {
		return err
	}
	if r.Iteration != t {
		return fmt.Errorf("train: iteration %d was asked for, %d is there", t, r.Iteration)
	}
	s.next = nil
	if err := s.prepare(r); err != nil {
		return err
	}
	s.current = r
	if int64(t+1)*s.perIteration() < s.total {
		s.launch(t + 1)
		// Both need all processors. Programs come first, so that their verdicts, which may be late, are
		// there when these steps are done. Their last quarter, a few rows, leaves processors idle.
		select {
		case <-s.drawn:
		case <-s.ctx.Done():
		}
	}
	return nil
}

// launch begins to write iteration t with the weights of now.
func (s *sampled) launch(t int) {
	m := s.model.Reference()
	next := make(chan written, 1)
	s.next = next
	drawn := make(chan struct{})
	s.drawn = drawn
	go func() {
		r, err := s.writer.write(s.ctx, t, m, sync.OnceFunc(func() { close(drawn) }))
		next <- written{r, err}
	}()
}

// arrived waits for what is being written, which stays to be taken.
func (s *sampled) arrived() (*rollout, error) {
	w := <-s.next
	s.next <- w
	return w.rollout, w.err
}

// prepare finds what each token of an iteration counts for.
func (s *sampled) prepare(r *rollout) error {
	began := s.summary(r)
	pen := s.recipe.Reward.Penalty
	penalties := make([][]float64, len(r.Samples))
	for i := range r.Samples {
		var err error
		if penalties[i], err = reward.Penalty(pen.Kind, pen.Beta, doubles(r.Samples[i].LogProbs), doubles(r.Samples[i].Reference)); err != nil {
			return err
		}
	}
	began.Penalty = -meanOf(penalties...)
	var err error
	if s.values != nil {
		began.Explained, err = s.estimate(r, penalties)
	} else {
		err = s.compare(r, penalties)
	}
	s.began = began
	return err
}

// compare gives all tokens of a program its advantage in the group, less the penalty of each.
func (s *sampled) compare(r *rollout, penalties [][]float64) error {
	n := s.recipe.Online.Samples
	for g := 0; g < len(r.Samples); g += n {
		var of []int
		var rewards []float64
		var correct []bool
		for i := g; i < g+n; i++ {
			if p := &r.Samples[i]; p.Scored {
				of, rewards, correct = append(of, i), append(rewards, p.Reward), append(correct, p.Outcome == problem.Pass)
			}
		}
		advantages := make([]float64, len(of))
		if len(of) > 1 {
			var err error
			if advantages, err = s.recipe.Online.Advantage.Of(rewards, correct, ExpSettings{}); err != nil {
				return err
			}
		}
		for k, i := range of {
			p := &r.Samples[i]
			p.Advantages = make([]float32, len(p.IDs))
			for t := range p.Advantages {
				p.Advantages[t] = float32(advantages[k] + penalties[i][t])
			}
		}
	}
	return nil
}

// estimate computes values, advantages and returns of all tokens; it says how much of the
// returns' variance the values explain.
func (s *sampled) estimate(r *rollout, penalties [][]float64) (*float64, error) {
	_, values, err := s.values.score(s.ctx, s.writer.sequences(r))
	if err != nil {
		return nil, err
	}
	o := s.recipe.Online
	var advantages [][]float64
	var of []*sample
	var misses, returns []float64
	for i := range r.Samples {
		p := &r.Samples[i]
		if !p.counts() {
			continue
		}
		rewards := make([]float64, len(p.IDs))
		for t := range rewards {
			rewards[t] = p.Assigned[t] + penalties[i][t]
		}
		a, back := Returns(rewards, doubles(values[i]), o.Gamma, o.Lambda)
		p.Values, p.Returns = values[i], floats(back)
		for t := range back {
			misses = append(misses, back[t]-float64(values[i][t]))
		}
		returns = append(returns, back...)
		advantages, of = append(advantages, a), append(of, p)
	}
	whiten(advantages...)
	for i, p := range of {
		p.Advantages = floats(advantages[i])
	}
	if len(returns) == 0 {
		return nil, nil
	}
	_, left := moments(misses)
	_, all := moments(returns)
	if all == 0 {
		return nil, nil
	}
	explained := 1 - left*left/(all*all)
	return &explained, nil
}

// batch is batch k of the current iteration: its programs in random order, once a pass.
// Programs that do not count are left out, and those that nothing is learned from are not computed.
func (s *sampled) batch(k int64) *Batch {
	o, set, r := s.recipe.Online, &s.recipe.Train, s.current
	per := int64(o.perPass(set))
	key := seed(set.Seed, "minibatches", int64(r.Iteration), k/per)
	order := rand.New(rand.NewPCG(key[0], key[1])).Perm(len(r.Samples))[int(k%per)*set.Batch:][:set.Batch]
	all := s.writer.sequences(r)
	var rows []sequence
	var of []*sample
	counted := 0 // tokens, of rows that are left out too
	for _, i := range order {
		if p := &r.Samples[i]; p.counts() || s.trial {
			counted += len(p.IDs)
			if s.trial || s.values != nil || o.Entropy > 0 || !allZero(p.Advantages) {
				rows, of = append(rows, all[i]), append(of, p)
			}
		}
	}
	first := byLength(rows, set.Batch, func(part []int, b int) *Batch {
		stack := newStack(pick(rows, part), b, set.Multiple, set.Length)
		piece := &Batch{Shape: stack.Shape, Weight: float64(stack.written), Tokens: stack.all, Inputs: stack.inputs()}
		place := func(name string, get func(*sample) []float32) {
			piece.Inputs[name] = stack.place(func(row int) []float32 {
				p := of[part[row]]
				if x := get(p); x != nil {
					return x
				}
				return make([]float32, len(p.IDs)) // of a program that does not count, in a trial
			})
		}
		place("advantages", func(p *sample) []float32 { return p.Advantages })
		place("old", func(p *sample) []float32 { return p.LogProbs })
		if s.values != nil {
			place("old values", func(p *sample) []float32 { return p.Values })
			place("returns", func(p *sample) []float32 { return p.Returns })
		}
		return piece
	})
	for p := first; p != nil; p = p.Then {
		counted -= int(p.Weight)
	}
	first.Weight += float64(max(counted, 0))
	if first.Weight == 0 {
		first.Weight = 1
	}
	return first
}

// allZero reports whether a program moves nothing: all of its group got the same reward, as far as
// numbers go.
func allZero(advantages []float32) bool {
	for _, a := range advantages {
		if !(a >= -1e-7 && a <= 1e-7) { // NaN is for the step to find
			return false
		}
	}
	return true
}

// summary is what a row says of an iteration.
func (s *sampled) summary(r *rollout) *Rollout {
	out := &Rollout{Iteration: r.Iteration, Wrote: s.writer.wrote(r)}
	for _, q := range s.writer.sequences(r) {
		out.Scored += int64(len(q.tokens) - 1)
	}
	var k1, k3 [][]float64
	for i := range r.Samples {
		own, ref := r.Samples[i].LogProbs, r.Samples[i].Reference
		one, three := make([]float64, len(own)), make([]float64, len(own))
		for t := range own {
			one[t] = float64(own[t]) - float64(ref[t])
			three[t] = math.Expm1(-one[t]) + one[t]
		}
		k1, k3 = append(k1, one), append(k3, three)
	}
	out.KL, out.K3 = meanOf(k1...), meanOf(k3...)
	return out
}

// report adds to a row what began with it.
func (s *sampled) report(row *Row) {
	if s.began == nil {
		return
	}
	row.Rollout, s.began = s.began, nil
	row.Time.RolloutSeconds, row.Time.VerifySeconds = s.current.rolloutSeconds, s.current.verifySeconds
}

// rollouts is what a checkpoint keeps: programs whose writers are gone.
type rollouts struct {
	Current *rollout `json:"current"`
	Next    *rollout `json:"next,omitempty"`
}

func (s *sampled) save(dir string) error {
	if s.current == nil {
		return nil
	}
	out := rollouts{Current: s.current}
	if s.next != nil {
		var err error
		if out.Next, err = s.arrived(); err != nil {
			return err
		}
	}
	raw, err := json.Marshal(out)
	if err != nil {
		return err
	}
	return store.WriteFile(filepath.Join(dir, rolloutFile), raw, 0o644)
}

func (s *sampled) load(dir string) error {
	path := filepath.Join(dir, rolloutFile)
	raw, err := os.ReadFile(path)
	var in rollouts
	if err == nil {
		err = json.Unmarshal(raw, &in)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	s.current = in.Current
	if in.Next != nil {
		s.next = make(chan written, 1)
		s.next <- written{in.Next, nil}
	}
	return nil
}

// OpenJudge starts what runs programs for problems.
type OpenJudge func(context.Context, []*problem.Problem) (judge.Queue, error)
