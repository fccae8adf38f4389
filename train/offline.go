package train

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"hone/model"
	"hone/offline"
	"hone/problem"
	"hone/recipe"
	"hone/tensor"
	"hone/tensor/cpu"
	"hone/token"
)

// OfflineRecipe says how programs that were judged once are learned from.
type OfflineRecipe struct {
	// Path of the rows, see package offline; * and ? match names.
	Path  string `yaml:"path,required"`
	Group int    `yaml:"group"` // programs of one problem that are compared
	// MostCorrect is how many correct and how many incorrect programs of a problem are used.
	MostCorrect        int  `yaml:"most_correct"`
	SkipContradictions bool `yaml:"skip_contradictions"` // leave out what has two verdicts

	Advantage   Advantage `yaml:"advantage"`
	Temperature float64   `yaml:"temperature"` // of exp
	Bounds      []float64 `yaml:"bounds"`      // of exp's weights, before they get mean 1

	// Positives weighs −log p of correct programs, which is added to the loss.
	Positives float64 `yaml:"positives"`
	// Floor is how far the mean log-probability of a program may fall below that under the
	// model before training, in nats per token, until it is pushed down no further. 0: any.
	Floor float64 `yaml:"floor"`
	// Penalty is β of a penalty for leaving the model before training. On programs that the
	// model did not write it is no divergence.
	Penalty float64 `yaml:"penalty"`
	// Ratio clips the importance ratio of programs whose behaviour_logprob is known to
	// 1 ± Ratio. 0: no ratio.
	Ratio float64 `yaml:"ratio"`

	Eval *EvalRecipe `yaml:"eval"` // held-out problems
}

// Default fills o in.
func (o *OfflineRecipe) Default() {
	*o = OfflineRecipe{
		Group: 4, MostCorrect: 50, Advantage: Exponential, Temperature: 1, Bounds: []float64{0.05, 10},
		Positives: 0.1, Floor: 1,
	}
}

// Check reports values that cannot be.
func (o *OfflineRecipe) Check() error {
	var errs []error
	wrong := func(key, format string, args ...any) { errs = append(errs, recipe.Keyf(key, format, args...)) }
	if o.Group < 2 {
		wrong("group", "must be at least 2, is %d: programs are compared", o.Group)
	}
	if o.MostCorrect < 0 {
		wrong("most_correct", "must be at least 0 (all), is %d", o.MostCorrect)
	}
	errs = append(errs, checkAdvantage("advantage", o.Advantage, Advantages()...))
	if !(o.Temperature > 0) {
		wrong("temperature", "must be above 0, is %v", o.Temperature)
	}
	if len(o.Bounds) != 2 || !(o.Bounds[0] > 0 && o.Bounds[0] <= o.Bounds[1]) {
		wrong("bounds", "must be two numbers above 0, the lower first")
	}
	for _, v := range []struct {
		key   string
		value float64
	}{{"positives", o.Positives}, {"floor", o.Floor}, {"penalty", o.Penalty}, {"ratio", o.Ratio}} {
		if !(v.value >= 0 && v.value <= 1e6) {
			wrong(v.key, "must be 0 or more, is %v", v.value)
		}
	}
	return errors.Join(errs...)
}

// needsReference reports whether log-probabilities under the model before training are used.
func (o *OfflineRecipe) needsReference() bool { return o.Floor > 0 || o.Penalty > 0 }

// loss is that of [Loss] for offline data; see [OfflineRecipe.objective].
func (o *OfflineRecipe) loss(g *tensor.Graph, f *model.Forward, s Shape) *tensor.Value {
	logp, _ := logProbs(g, f, s)
	return o.objective(g, logp, s)
}

// objective traces, for program i with the log-probabilities logp[i, t] of its tokens,
//
//	−Σ_i A_i Σ_t logp[i,t]  −  positives·Σ_{i correct} Σ_t logp[i,t]  +  penalty/2·Σ_it (logp[i,t] − reference[i,t])²
//
// Where A_i < 0 and the mean of logp[i] is more than floor below that of the reference, the
// first term of program i is left out: without that, minus the logarithm of what is
// unlikely already has no end. The last term's gradient is that of a penalty −penalty·k1 in
// the weights, see [reward.K1]. With a ratio, the first term of a program of n tokens that
// was written with the mean log-probability b is −n·min(ρ·A_i, clip(ρ)·A_i) with
// ρ = exp(mean_t logp[i,t] − b), the ratio of whole programs per token (Zheng et al.,
// "Group Sequence Policy Optimization", 2025, eq. 5 to 7).
func (o *OfflineRecipe) objective(g *tensor.Graph, logp *tensor.Value, s Shape) *tensor.Value {
	in := func(name string) *tensor.Value { return g.Input(name, tensor.F32, s.B) }
	mask := g.Input("mask", tensor.F32, s.B, s.T)
	advantage, positive, share, count := in("advantage"), in("positive"), in("share"), in("count")
	zero, one := tensor.Splat(g, 0, s.B), tensor.Splat(g, 1, s.B)

	sum := tensor.Reduce(tensor.ReduceSum, tensor.Mul(logp, mask), 1)
	mean := tensor.Mul(sum, share)
	gain := tensor.Mul(advantage, sum)
	if o.Ratio > 0 {
		ratio := tensor.Map(tensor.Exp, tensor.Sub(mean, in("behaviour")))
		surrogate := tensor.Mul(count, clipped(ratio, advantage, o.Ratio))
		gain = tensor.Select(tensor.Less, zero, in("known"), surrogate, gain)
	}
	var reference *tensor.Value
	if o.needsReference() {
		reference = tensor.Mul(g.Input("reference", tensor.F32, s.B, s.T), mask)
	}
	if o.Floor > 0 {
		fall := tensor.Sub(tensor.Mul(tensor.Reduce(tensor.ReduceSum, reference, 1), share), mean)
		fallen := tensor.Select(tensor.Less, tensor.Splat(g, float32(o.Floor), s.B), fall, one, zero)
		let := tensor.Select(tensor.Less, advantage, zero, fallen, zero)
		gain = tensor.Mul(gain, tensor.Sub(one, let))
		measure(g, "let_go", tensor.SumAll(let), tensor.SumAll(tensor.Select(tensor.Less, advantage, zero, one, zero)))
	}
	loss := tensor.Scale(tensor.SumAll(gain), -1)
	if o.Positives > 0 {
		loss = tensor.Sub(loss, tensor.Scale(tensor.WeightedSum(sum, positive), float32(o.Positives)))
	}
	if o.Penalty > 0 {
		d := tensor.Mul(tensor.Sub(logp, reference), mask)
		loss = tensor.Add(loss, tensor.Scale(tensor.SumAll(tensor.Mul(d, d)), float32(o.Penalty/2)))
		measure(g, "penalty", tensor.SumAll(d), tensor.SumAll(mask))
	}
	correct := tensor.Mul(positive, count)
	measure(g, "logprob_correct", tensor.WeightedSum(sum, positive), tensor.SumAll(correct))
	measure(g, "logprob_incorrect", tensor.WeightedSum(sum, tensor.Sub(one, positive)), tensor.SumAll(tensor.Sub(count, correct)))
	return loss
}

// clipped is min(ratio·A, clip(ratio, 1 ± by)·A) (Schulman et al. 2017, eq. 7).
func clipped(ratio, advantage *tensor.Value, by float64) *tensor.Value {
	g := ratio.Graph()
	low, high := tensor.Splat(g, float32(1-by), ratio.Shape...), tensor.Splat(g, float32(1+by), ratio.Shape...)
	return tensor.Minimum(tensor.Mul(ratio, advantage), tensor.Mul(tensor.Minimum(tensor.Maximum(ratio, low), high), advantage))
}

// judged are the batches of an offline set: each has some groups, whose programs are its rows.
type judged struct {
	o         *OfflineRecipe
	s         *Settings
	set       *offline.Set
	sequences []sequence  // by row of the set
	reference [][]float32 // log-probabilities of the tokens, by row; nil: not needed

	epoch  int // that groups are of
	groups [][]int
}

// openOffline reads the recipe's rows.
func (o *OpenOptions) openOffline(ctx context.Context, r *Recipe, m *model.Model, tok *token.Tokenizer) (*data, error) {
	all, err := offline.Read(r.Offline.Path)
	if err != nil {
		return nil, err
	}
	j := &judged{o: r.Offline, s: &r.Train, epoch: -1}
	h := sha256.New()
	d := &data{}
	var rows []offline.Row
	keys := map[problem.Key]bool{}
	for _, row := range all {
		keys[problem.Key{Benchmark: row.Benchmark, TaskID: row.TaskID}] = true
		fmt.Fprintf(h, "%q %q %q %q %v %v %v\n", row.Benchmark, row.TaskID, row.Prompt, row.Program, row.Reward, row.Verdict, row.BehaviourLogProb != nil)
		if row.BehaviourLogProb != nil {
			fmt.Fprintln(h, *row.BehaviourLogProb)
		}
		if err := MayTrain(row.Benchmark, row.TaskID); err != nil {
			return nil, fmt.Errorf("%s: %w", row.Where, err)
		}
		s, err := newSequence(tok, row.Prompt, row.Program)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", row.Where, err)
		}
		if len(s.tokens)-1 > r.Train.Length {
			if r.Train.TooLong == "error" {
				return nil, fmt.Errorf("%s: prompt and program have %d tokens, more than train.length, %d (train.too_long: skip leaves them out)", row.Where, len(s.tokens)-1, r.Train.Length)
			}
			d.tooLong++
			continue
		}
		rows = append(rows, row)
		j.sequences = append(j.sequences, s)
	}
	var report *offline.Report
	j.set, report = offline.Check(rows, offline.Options{
		Group: r.Offline.Group, MostCorrect: r.Offline.MostCorrect, SkipContradictions: r.Offline.SkipContradictions, Seed: seed(r.Train.Seed, "data")[0],
	})
	if err := report.Err(); err != nil {
		return nil, err
	}
	o.log("%d of %d problems have correct and incorrect programs: %d and %d are used, %d were there twice", report.Usable, report.Problems, report.Correct, report.Wrong, report.Duplicates)
	for _, p := range j.set.Problems {
		for _, at := range [][]int{p.Correct, p.Wrong} {
			for _, i := range at {
				d.trainTokens += int64(len(j.sequences[i].tokens))
			}
		}
	}
	d.describe = report.Print
	if err := o.openExam(ctx, r, r.Offline.Eval, d, m, tok, keys, nil); err != nil {
		return nil, err
	}
	d.train, d.digest, d.prepare = j, fmt.Sprintf("%x", h.Sum(nil)[:16])+d.digest, j.prepare
	return d, nil
}

// prepare scores the programs with the model before training.
func (j *judged) prepare(ctx context.Context, dev *cpu.Device, m *model.Model) error {
	if !j.o.needsReference() {
		return nil
	}
	var at []int
	var rows []sequence
	for _, p := range j.set.Problems {
		at = append(append(at, p.Correct...), p.Wrong...)
	}
	for _, i := range at {
		rows = append(rows, j.sequences[i])
	}
	logp, _, err := newScorer(dev, m, j.s, false).score(ctx, rows)
	if err != nil {
		return fmt.Errorf("scoring the programs before training: %w", err)
	}
	j.reference = make([][]float32, len(j.sequences))
	for k, i := range at {
		j.reference[i] = logp[k]
	}
	return nil
}

// perBatch is the number of groups of a batch.
func (j *judged) perBatch() int { return j.s.Batch / j.o.Group }

// Epoch implements [Batches].
func (j *judged) Epoch() int64 {
	return int64((j.set.PerEpoch() + j.perBatch() - 1) / j.perBatch())
}

// Batch implements [Batches].
func (j *judged) Batch(i int64) (*Batch, error) {
	if epoch := int(i / j.Epoch()); epoch != j.epoch {
		j.epoch, j.groups = epoch, j.set.Groups(epoch)
	}
	from := int(i%j.Epoch()) * j.perBatch()
	var at []int
	var rows []sequence
	var advantages []float64
	for _, group := range j.groups[from:min(len(j.groups), from+j.perBatch())] {
		var rewards []float64
		var correct []bool
		for _, row := range group {
			rewards = append(rewards, j.set.Rows[row].Reward)
			correct = append(correct, j.set.Rows[row].Correct())
			rows = append(rows, j.sequences[row])
		}
		a, err := j.o.Advantage.Of(rewards, correct, ExpSettings{j.o.Temperature, j.o.Bounds[0], j.o.Bounds[1]})
		if err != nil {
			return nil, err
		}
		at, advantages = append(at, group...), append(advantages, a...)
	}
	return byLength(rows, j.s.Batch, func(part []int, b int) *Batch {
		return j.batch(pick(at, part), pick(rows, part), pick(advantages, part), b)
	}), nil
}

// batch makes a batch of b rows: rows at of the set, with their advantages.
func (j *judged) batch(at []int, rows []sequence, advantages []float64, b int) *Batch {
	k := newStack(rows, b, j.s.Multiple, j.s.Length)
	out := &Batch{Shape: k.Shape, Weight: float64(k.written), Tokens: k.all, Inputs: k.inputs()}
	for _, name := range []string{"advantage", "positive", "share", "count", "behaviour", "known"} {
		out.Inputs[name] = tensor.New(k.B)
	}
	set := func(name string, row int, v float64) { out.Inputs[name].F32[row] = float32(v) }
	for r, i := range at {
		row, n := &j.set.Rows[i], float64(rows[r].written())
		set("advantage", r, advantages[r])
		set("share", r, 1/n)
		set("count", r, n)
		if row.Correct() {
			set("positive", r, 1)
		}
		if row.BehaviourLogProb != nil {
			set("known", r, 1)
			set("behaviour", r, *row.BehaviourLogProb/n)
		}
	}
	if j.reference != nil {
		out.Inputs["reference"] = k.place(func(r int) []float32 { return j.reference[at[r]] })
	}
	return out
}
