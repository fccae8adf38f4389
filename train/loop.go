package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"time"

	"hone/store"
)

// ErrStopped says that a run was asked to stop and saved where it was.
var ErrStopped = errors.New("train: stopped")

// Loop trains: it is the same for every objective, which differ in the Stepper's
// loss and in the batches.
type Loop struct {
	Settings
	Stepper           *Stepper
	Train, Validation Batches
	Steps             int                    // to be made altogether
	TokensPerByte     float64                // of the validation text; 0: unknown
	Run               *store.Run             // where everything is kept
	SaveModel         func(dir string) error // into a checkpoint
	Annotate          func(*Row)             // adds to the row of a step; may be nil
	// HeldOut, unless it is nil, evaluates the model on held-out problems: before training,
	// after every EvalEvery steps and at the end.
	HeldOut func(ctx context.Context, step int) (*HeldOut, error)
	Guards  map[string]Guard
	Report  func(Row)    // is told of every step; may be nil
	Log     func(string) // is told what a person should know; may be nil

	state   State
	metrics *store.MetricsLog
	warned  map[string]bool // by the row before, by guard
}

// Row is a row of metrics.jsonl: one for every step. All but Time is the same
// whenever the same recipe is run on the same data, interrupted or not.
type Row struct {
	Step     int     `json:"step"`
	Tokens   int64   `json:"tokens"` // trained on so far
	Loss     float64 `json:"loss"`   // per token that is predicted, before the step
	LR       float64 `json:"lr"`
	GradNorm float64 `json:"grad_norm"` // before clipping
	// Measures are what the objective reports besides, as means; see docs/train.md.
	Measures map[string]float64 `json:"measures,omitempty"`
	// Skipped says why no step was made; then the loss and the norm are left at 0.
	Skipped string `json:"skipped,omitempty"`
	*Evaluation
	// Rollout is, in the first step of an iteration of online training, what it learns from.
	Rollout *Rollout `json:"rollout,omitempty"`
	HeldOut *HeldOut `json:"held_out,omitempty"` // after the step
	// Warnings are what guards say of the row, by name.
	Warnings map[string]string `json:"warnings,omitempty"`
	Time     Times             `json:"time"`
}

// firstRow is the row of step 0, where there is one: the model before training.
type firstRow struct {
	Step    int      `json:"step"`
	HeldOut *HeldOut `json:"held_out"`
	Time    Times    `json:"time"`
}

// Evaluation is the model on the validation split, after the step.
type Evaluation struct {
	Loss        float64 `json:"eval_loss"` // per token that is predicted
	Perplexity  float64 `json:"eval_perplexity"`
	BitsPerByte float64 `json:"eval_bits_per_byte,omitempty"` // of text; documents only
	// Measures are what the objective reports besides, as in the row of a step.
	Measures map[string]float64 `json:"eval_measures,omitempty"`
}

// Times are what a row has of the clock. Comparisons of runs leave them out.
type Times struct {
	Seconds         float64 `json:"seconds"`           // of the step
	TokensPerSecond float64 `json:"tokens_per_second"` // of the step
	EvalSeconds     float64 `json:"eval_seconds,omitempty"`
	// Of an iteration: writing programs, and what judging took longer than that. Both go on
	// while the iteration before is learned from.
	RolloutSeconds float64 `json:"rollout_seconds,omitempty"`
	VerifySeconds  float64 `json:"verify_seconds,omitempty"`
}

// Do goes on from the run's latest checkpoint, which was loaded and whose state is
// given, until all steps are made. When stop is closed it finishes the
// step, saves, and returns [ErrStopped]. An error of a step leaves the checkpoints
// of before.
func (l *Loop) Do(ctx context.Context, stop <-chan struct{}, from State) (State, error) {
	l.state = from
	var err error
	if l.metrics, err = l.Run.Metrics(from.Step); err != nil {
		return l.state, err
	}
	for _, best := range []*float64{from.Best, from.BestPass} {
		if best == nil {
			continue
		}
		if err := l.Run.SetBest(from.BestStep, *best); err != nil { // the process may have ended between saving and noting it
			return l.state, err
		}
	}
	if from.Step == 0 && l.HeldOut != nil {
		if err := l.before(ctx); err != nil {
			return l.state, err
		}
	}
	for l.state.Step < l.Steps && !l.state.Stopped {
		select {
		case <-stop:
			if l.state.Step > from.Step {
				if err := l.save(); err != nil {
					return l.state, err
				}
			}
			return l.state, ErrStopped
		default:
		}
		if err := l.step(ctx); err != nil {
			return l.state, err
		}
	}
	return l.state, nil
}

// before evaluates the model that is not trained yet.
func (l *Loop) before(ctx context.Context) error {
	start := time.Now()
	held, err := l.HeldOut(ctx, 0)
	if err != nil {
		return err
	}
	l.state.PassBefore = &held.PassAt1
	row := Row{HeldOut: held, Time: Times{EvalSeconds: time.Since(start).Seconds()}}
	if err := l.metrics.Append(firstRow{0, row.HeldOut, row.Time}); err != nil {
		return err
	}
	if l.Report != nil {
		l.Report(row)
	}
	return nil
}

// step makes one step, with what follows from it.
func (l *Loop) step(ctx context.Context) error {
	start := time.Now()
	batches := make([]*Batch, l.Accumulate)
	for i := range batches {
		b, err := l.Train.Batch(l.state.Batches + int64(i))
		if err != nil {
			return err
		}
		batches[i] = b
	}
	row := Row{Step: l.state.Step + 1}
	row.LR = l.Rate(row.Step, l.Steps)
	l.Stepper.Skipped = l.state.Skipped
	r, err := l.Stepper.Step(ctx, row.Step, row.LR, batches...)
	var nf *NonFiniteError
	switch {
	case errors.As(err, &nf) && l.state.Skipped < l.SkipNaN:
		l.state.Skipped++
		row.Skipped = nf.What
		l.log("step %d was left out: %s", row.Step, nf.What)
	case err != nil:
		return err
	default:
		row.Loss, row.GradNorm, row.Measures = r.Loss, r.Norm, r.Measures
		l.state.Tokens += int64(r.Tokens)
	}
	l.state.Step++
	l.state.Batches += int64(l.Accumulate)
	row.Tokens = l.state.Tokens
	if l.Annotate != nil {
		l.Annotate(&row)
	}
	row.Time.Seconds = time.Since(start).Seconds()
	row.Time.TokensPerSecond = float64(r.Tokens) / row.Time.Seconds

	better, best := false, 0.0
	if due := l.state.Step == l.Steps || l.EvalEvery > 0 && l.state.Step%l.EvalEvery == 0; due && (l.Validation != nil || l.HeldOut != nil) {
		start = time.Now()
		switch {
		case l.Validation != nil:
			if row.Evaluation, err = l.evaluate(ctx); err != nil {
				return err
			}
			best = row.Evaluation.Loss
			better = l.judge(&l.state.Best, best, l.state.Best == nil || best < *l.state.Best)
		case l.HeldOut != nil:
			if row.HeldOut, err = l.HeldOut(ctx, l.state.Step); err != nil {
				return err
			}
			best = row.HeldOut.PassAt1
			better = l.judge(&l.state.BestPass, best, l.state.BestPass == nil || best > *l.state.BestPass)
		}
		row.Time.EvalSeconds = time.Since(start).Seconds()
	}
	if err := l.guard(&row); err != nil {
		return err
	}
	if err := l.metrics.Append(row); err != nil {
		return err
	}
	if l.Report != nil {
		l.Report(row)
	}
	if better || l.state.Stopped || l.state.Step == l.Steps || l.state.Step%l.CheckpointEvery == 0 {
		if err := l.save(); err != nil {
			return err
		}
	}
	if better {
		return l.Run.SetBest(l.state.Step, best)
	}
	return nil
}

// judge notes an evaluation that is better than the best so far, or loses patience.
func (l *Loop) judge(best **float64, value float64, better bool) bool {
	if better && !math.IsNaN(value) {
		*best, l.state.BestStep, l.state.Worse = &value, l.state.Step, 0
		return true
	}
	l.state.Worse++
	l.state.Stopped = l.Patience > 0 && l.state.Worse >= l.Patience
	return false
}

// evaluate computes the mean loss of the validation split.
func (l *Loop) evaluate(ctx context.Context) (*Evaluation, error) {
	n := l.Validation.Epoch()
	if l.EvalBatches > 0 {
		n = min(n, int64(l.EvalBatches))
	}
	sum, weight := 0.0, 0.0
	seen := measures{}
	for i := range n {
		b, err := l.Validation.Batch(i)
		if err != nil {
			return nil, err
		}
		loss, err := l.Stepper.evaluate(ctx, b, seen)
		if err != nil {
			return nil, fmt.Errorf("evaluation after step %d: %w", l.state.Step, err)
		}
		sum += loss
		for _, p := range parts([]*Batch{b}) {
			weight += p.Weight
		}
	}
	e := &Evaluation{Loss: sum / weight, Measures: seen.means()}
	if !finite(e.Loss) {
		return nil, &NonFiniteError{l.state.Step, fmt.Sprintf("the loss on the validation split is %v", e.Loss)}
	}
	e.Perplexity = min(math.Exp(e.Loss), math.MaxFloat32)
	e.BitsPerByte = e.Loss / math.Ln2 * l.TokensPerByte
	return e, nil
}

// save makes a checkpoint of what there is now, unless it is broken.
func (l *Loop) save() error {
	if err := l.Stepper.Sound(); err != nil {
		return &NonFiniteError{l.state.Step, err.Error()}
	}
	return l.Run.SaveCheckpoint(l.state.Step, func(dir string) error {
		if err := l.SaveModel(dir); err != nil {
			return err
		}
		if err := l.Stepper.saveMoments(filepath.Join(dir, optimizerFile)); err != nil {
			return err
		}
		return saveState(dir, l.state)
	})
}

func (l *Loop) log(format string, args ...any) {
	if l.Log != nil {
		l.Log(fmt.Sprintf(format, args...))
	}
}
