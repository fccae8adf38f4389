package train

import (
	"context"
	"math"
	"time"

	"hone/tensor/cpu"
)

// Plan is what a job will take, found out by making a few of its steps.
type Plan struct {
	Parameters     int64   `json:"parameters"`
	Trainable      int64   `json:"trainable_parameters"`
	Memory         Memory  `json:"memory_bytes"`
	Peak           int64   `json:"peak_memory_bytes,omitempty"` // of the process that tried
	TrainTokens    int64   `json:"train_tokens"`                // in the data
	EvalTokens     int64   `json:"eval_tokens"`
	Steps          int     `json:"steps"`
	TokensPerStep  int     `json:"tokens_per_step"` // of the step that was timed
	Epochs         float64 `json:"epochs"`
	SecondsPerStep float64 `json:"seconds_per_step"`
	Seconds        float64 `json:"seconds"` // all steps, without evaluations and checkpoints
	Loss           float64 `json:"loss"`    // of the first step
	// Of grpo and ppo: iterations, the programs of each, and what writing, judging and
	// scoring those of the first one took. On few processors they take turns with the steps.
	Iterations       int     `json:"iterations,omitempty"`
	Programs         int     `json:"programs_per_iteration,omitempty"`
	IterationSeconds float64 `json:"iteration_seconds,omitempty"`
	// Of held-out problems: how often they are tried, the programs of each time, and what
	// the first took.
	Evaluations        int     `json:"evaluations,omitempty"`
	EvaluationPrograms int     `json:"programs_per_evaluation,omitempty"`
	EvaluationSeconds  float64 `json:"evaluation_seconds,omitempty"`
}

// timedSteps is how many steps are timed, after one that compiles.
const timedSteps = 3

// Plan makes a few steps of the job, whose model it leaves changed, and says what all
// of them will take. The fastest step counts: the others were disturbed.
func (j *Job) Plan(ctx context.Context) (Plan, error) {
	dev := cpu.New(j.Recipe.Train.Threads)
	defer dev.Close()
	s, err := j.stepper(dev)
	if err != nil {
		return Plan{}, err
	}
	p := Plan{
		TrainTokens: j.data.trainTokens, EvalTokens: j.data.evalTokens,
		Steps: j.Steps, Epochs: j.Epochs(),
	}
	for _, w := range j.Model.Params {
		p.Parameters += int64(w.Size())
		if w.Trainable {
			p.Trainable += int64(w.Size())
		}
	}
	start := time.Now()
	if online := j.data.sampled; online != nil {
		if err := j.beginSampling(dev, ""); err != nil {
			return p, err
		}
		online.within(ctx)
		defer online.close()
	}
	if x := j.data.exam; x != nil {
		if err := p.examine(ctx, j, x); err != nil {
			return p, err
		}
		start = time.Now()
	}
	var batches []*Batch
	for i := range j.Recipe.Train.Accumulate {
		b, err := j.data.train.Batch(int64(i))
		if err != nil {
			return p, err
		}
		batches = append(batches, b)
	}
	if online := j.data.sampled; online != nil {
		p.IterationSeconds = time.Since(start).Seconds()
		p.Iterations = int(math.Ceil(float64(p.Steps) * float64(j.Recipe.Train.Accumulate) / float64(online.perIteration())))
		p.Programs = j.Recipe.Online.Prompts * j.Recipe.Online.Samples
	}
	for i := range 1 + timedSteps {
		start := time.Now()
		r, err := s.Step(ctx, i+1, j.Recipe.Train.Rate(i+1, j.Steps), batches...)
		if err != nil {
			return p, err
		}
		took := time.Since(start).Seconds()
		switch {
		case i == 0:
			p.Loss, p.TokensPerStep = r.Loss, r.Tokens
		case i == 1 || took < p.SecondsPerStep:
			p.SecondsPerStep = took
		}
	}
	p.Seconds = p.SecondsPerStep*float64(p.Steps) + p.IterationSeconds*float64(p.Iterations) + p.EvaluationSeconds*float64(p.Evaluations)
	p.Memory = s.Memory()
	if j.data.sampled != nil {
		own := 4 * p.Trainable // of the model before training, which shares the rest
		p.Memory.Weights += own + j.Recipe.Online.Weights.bytes(j.Model)
	}
	if x := j.data.exam; x != nil {
		p.Memory.Weights += x.weights.bytes(j.Model)
	}
	p.Peak = peakMemory()
	return p, nil
}

// examine tries the held-out problems once.
func (p *Plan) examine(ctx context.Context, j *Job, x *exam) error {
	if err := x.begin(j.Model, ""); err != nil {
		return err
	}
	start := time.Now()
	held, err := x.run(ctx, 0)
	if err != nil {
		return err
	}
	p.EvaluationSeconds, p.EvaluationPrograms = time.Since(start).Seconds(), held.Programs
	p.Evaluations = 2 // before and after
	if every := j.Recipe.Train.EvalEvery; every > 0 {
		p.Evaluations = 1 + (p.Steps+every-1)/every
	}
	return nil
}
