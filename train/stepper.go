package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"hone/model"
	"hone/tensor"
	"hone/tensor/cpu"
	"hone/tensor/simd"
)

// Optimizer is AdamW with clipping; see [Settings] for the fields.
type Optimizer struct {
	Betas       [2]float64
	Eps         float64
	WeightDecay float64
	Clip        float64
	Dropout     float64
	Seed        uint64 // of dropout
	// SSMRate is the share of the learning rate that the dynamics of state-space models have.
	SSMRate float64
}

// Stepper changes a model's trainable parameters, a step at a time. Two programs do
// it: one computes the loss and gradients of a batch, one applies AdamW to all
// parameters. The first is compiled for every shape that comes; gradients and
// moments are shared by all.
type Stepper struct {
	// Skipped counts the steps that were left out, which Adam's bias corrections do not
	// count.
	Skipped int
	// M and V are the first and second moments of the gradients, as [model.Model.Trainable].
	M, V []*tensor.Tensor

	dev    *cpu.Device
	model  *model.Model
	loss   Loss
	o      Optimizer
	params []*model.Param
	grads  []*tensor.Tensor // as params

	programs     map[programKey]*cpu.Program
	norm, update *cpu.Program

	// args are the inputs of every program: parameters, gradients, moments and the
	// small ones below, whose contents change. Those of a batch come and go.
	args         map[string]*tensor.Tensor
	scale, hyper *tensor.Tensor // [], [HyperSize]
	hyperSSM     *tensor.Tensor // [HyperSize]
	dropout      *tensor.Tensor // i32[2]
}

// programKey is what a program is compiled for.
type programKey struct {
	Shape
	do doing
}

type doing uint8

const (
	first    doing = iota // loss and gradients, which replace those before
	more                  // loss and gradients, which are added to those before
	evaluate              // loss alone, without dropout
)

// Names of a program's inputs and outputs that are no parameters.
const (
	lossOutput   = "loss"
	normOutput   = "norm"
	scaleInput   = "loss scale"
	hyperInput   = "hyper"
	ssmInput     = "hyper of state-space models"
	dropoutInput = "dropout seed"
	sumOutput    = "sum "   // of a measure; see [measure]
	countOutput  = "count " // of what it is the sum of
)

// measure has a loss report the mean sum/count of something, over all batches of a step.
func measure(g *tensor.Graph, name string, sum, count *tensor.Value) {
	g.Output(sumOutput+name, sum)
	g.Output(countOutput+name, count)
}

// measures adds up what [measure] reported.
type measures map[string]*[2]float64

func (m measures) add(out map[string]*tensor.Tensor) {
	for key, v := range out {
		for i, prefix := range []string{sumOutput, countOutput} {
			if name, ok := strings.CutPrefix(key, prefix); ok {
				if m[name] == nil {
					m[name] = &[2]float64{}
				}
				m[name][i] += float64(v.F32[0])
			}
		}
	}
}

// means are those of which there was something.
func (m measures) means() map[string]float64 {
	var out map[string]float64
	for name, v := range m {
		if v[1] != 0 && finite(v[0]/v[1]) {
			if out == nil {
				out = map[string]float64{}
			}
			out[name] = v[0] / v[1]
		}
	}
	return out
}

func gradName(p *model.Param) string { return "gradient of " + p.Name }
func mName(p *model.Param) string    { return "first moment of " + p.Name }
func vName(p *model.Param) string    { return "second moment of " + p.Name }

// NewStepper prepares to train m for the loss on dev. The moments start at zero.
func NewStepper(dev *cpu.Device, m *model.Model, loss Loss, o Optimizer) (*Stepper, error) {
	s := &Stepper{
		dev: dev, model: m, loss: loss, o: o, params: m.Trainable(),
		programs: map[programKey]*cpu.Program{}, args: map[string]*tensor.Tensor{},
		scale: tensor.New(), hyper: tensor.New(tensor.HyperSize), hyperSSM: tensor.New(tensor.HyperSize), dropout: tensor.NewInts(2),
	}
	if len(s.params) == 0 {
		return nil, errors.New("train: the model has no trainable parameters")
	}
	m.Args(s.args)
	s.args[scaleInput], s.args[hyperInput], s.args[ssmInput], s.args[dropoutInput] = s.scale, s.hyper, s.hyperSSM, s.dropout
	for _, p := range s.params {
		g, m, v := tensor.New(p.Shape...), tensor.New(p.Shape...), tensor.New(p.Shape...)
		s.grads, s.M, s.V = append(s.grads, g), append(s.M, m), append(s.V, v)
		s.args[gradName(p)], s.args[mName(p)], s.args[vName(p)] = g, m, v
	}
	if err := s.compileUpdate(); err != nil {
		return nil, err
	}
	return s, nil
}

// compileUpdate makes the programs that do not depend on batches.
func (s *Stepper) compileUpdate() error {
	inputs := func(g *tensor.Graph, name func(*model.Param) string) (out []*tensor.Value) {
		for _, p := range s.params {
			out = append(out, g.Input(name(p), tensor.F32, p.Shape...))
		}
		return out
	}
	norm, err := tensor.Trace(func(g *tensor.Graph) {
		g.Output(normOutput, tensor.GlobalNorm(inputs(g, gradName)...))
	})
	if err != nil {
		return err
	}
	if s.norm, err = s.dev.Compile(norm, nil); err != nil {
		return err
	}
	update, err := tensor.Trace(func(g *tensor.Graph) {
		ps := inputs(g, func(p *model.Param) string { return p.Name })
		gs, ms, vs := inputs(g, gradName), inputs(g, mName), inputs(g, vName)
		hyper, ssm := g.Input(hyperInput, tensor.F32, tensor.HyperSize), g.Input(ssmInput, tensor.F32, tensor.HyperSize)
		for i, p := range s.params {
			op := tensor.AdamWOp{Beta1: s.o.Betas[0], Beta2: s.o.Betas[1], Eps: s.o.Eps, Decay: p.Decay}
			h := hyper
			if p.SSM {
				h = ssm
			}
			newP, newM, newV := tensor.AdamW(op, ps[i], gs[i], ms[i], vs[i], h)
			g.Update(ps[i], newP)
			g.Update(ms[i], newM)
			g.Update(vs[i], newV)
		}
	})
	if err != nil {
		return err
	}
	s.update, err = s.dev.Compile(update, nil)
	return err
}

// program returns the compiled program for batches of a shape.
func (s *Stepper) program(shape Shape, do doing) (*cpu.Program, error) {
	key := programKey{shape, do}
	if p := s.programs[key]; p != nil {
		return p, nil
	}
	into := map[string]*tensor.Tensor{}
	g, err := tensor.Trace(func(g *tensor.Graph) {
		f := s.model.Forward(g)
		if do != evaluate && s.o.Dropout > 0 {
			f.Dropout, f.Seed = s.o.Dropout, g.Input(dropoutInput, tensor.I32, 2)
		}
		loss := s.loss(g, f, shape)
		if do == evaluate {
			g.Output(lossOutput, loss)
			return
		}
		loss = tensor.Mul(loss, g.Input(scaleInput, tensor.F32))
		g.Output(lossOutput, loss)
		params := make([]*tensor.Value, len(s.params))
		for i, p := range s.params {
			params[i] = f.Param(p.Name)
		}
		for i, d := range tensor.Gradient(loss, params...) {
			name := gradName(s.params[i])
			switch {
			case d == nil:
				g.Fail("the loss does not depend on the parameter %s", s.params[i].Name)
			case do == first:
				into[name] = s.grads[i]
				g.Output(name, d)
			default:
				before := g.Input(name, tensor.F32, s.grads[i].Shape...)
				g.Update(before, tensor.Add(before, d))
			}
		}
	})
	if err != nil {
		return nil, err
	}
	p, err := s.dev.Compile(g, into)
	if err != nil {
		return nil, err
	}
	s.programs[key] = p
	return p, nil
}

// run runs a program on a batch.
func (s *Stepper) run(ctx context.Context, p *cpu.Program, b *Batch, checked bool, into measures) (loss float64, err error) {
	for name, t := range b.Inputs {
		s.args[name] = t
	}
	run := p.Run
	if checked {
		run = p.RunChecked
	}
	out, err := run(ctx, s.args)
	if err != nil {
		return 0, err
	}
	into.add(out)
	return float64(out[lossOutput].F32[0]), nil
}

// Result is what a step found before it changed the parameters.
type Result struct {
	Loss   float64 // mean over the tokens that are predicted
	Norm   float64 // of all gradients together, before clipping
	Tokens int     // that are no padding
	// Measures are means that the loss reports, see [measure].
	Measures map[string]float64
}

// NonFiniteError says that a step was not made because its loss or gradients are not
// finite. The model is as it was.
type NonFiniteError struct {
	Step int
	What string // which operation gave it, or what is not finite
}

// Error implements error.
func (e *NonFiniteError) Error() string { return fmt.Sprintf("step %d: %s", e.Step, e.What) }

// Step makes step number step, from 1, with the gradient of the mean loss of the
// batches together, at a learning rate. Where something is not finite it makes none
// and returns a [*NonFiniteError].
func (s *Stepper) Step(ctx context.Context, step int, rate float64, batches ...*Batch) (Result, error) {
	var r Result
	var err error
	weight := 0.0
	batches = parts(batches)
	for _, b := range batches {
		weight += b.Weight
		r.Tokens += b.Tokens
	}
	if weight <= 0 {
		return r, fmt.Errorf("step %d: its batches have nothing to predict", step)
	}
	s.scale.F32[0] = float32(1 / weight)
	seen := measures{}
	for i, b := range batches {
		do := more
		if i == 0 {
			do = first
		}
		p, err := s.program(b.Shape, do)
		if err != nil {
			return r, err
		}
		s.seedDropout(step, i)
		loss, err := s.run(ctx, p, b, false, seen)
		if err != nil {
			return r, fmt.Errorf("step %d: %w", step, err)
		}
		r.Loss += loss
	}
	out, err := s.norm.Run(ctx, s.args)
	if err != nil {
		return r, err
	}
	r.Norm = float64(out[normOutput].F32[0])
	r.Measures = seen.means()
	if !finite(r.Loss) || !finite(r.Norm) {
		return r, s.explain(ctx, step, r, batches)
	}
	s.setHyper(step-s.Skipped, rate, r.Norm)
	if _, err := s.update.Run(ctx, s.args); err != nil {
		return r, fmt.Errorf("step %d: %w", step, err)
	}
	return r, nil
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

func (s *Stepper) seedDropout(step, batch int) {
	if s.o.Dropout > 0 {
		k := seed(s.o.Seed, "dropout", int64(step), int64(batch))
		s.dropout.I32[0], s.dropout.I32[1] = int32(k[0]), int32(k[1])
	}
}

// setHyper fills in what AdamW reads: the bias corrections of Kingma and Ba 2015,
// algorithm 1, and clipping as PyTorch's clip_grad_norm_.
// made is the number of the update, from 1.
func (s *Stepper) setHyper(made int, rate, norm float64) {
	h := s.hyper.F32
	h[tensor.HyperRate], h[tensor.HyperDecay] = float32(rate), float32(s.o.WeightDecay)
	h[tensor.HyperCorrection1] = float32(1 - math.Pow(s.o.Betas[0], float64(made)))
	h[tensor.HyperCorrection2] = float32(1 - math.Pow(s.o.Betas[1], float64(made)))
	h[tensor.HyperGradScale] = 1
	if s.o.Clip > 0 {
		h[tensor.HyperGradScale] = float32(min(1, s.o.Clip/(norm+1e-6)))
	}
	copy(s.hyperSSM.F32, h)
	s.hyperSSM.F32[tensor.HyperRate] = float32(rate * s.o.SSMRate)
}

// explain runs the batches of a failed step again and looks at every value.
func (s *Stepper) explain(ctx context.Context, step int, r Result, batches []*Batch) error {
	for i, b := range batches {
		p, err := s.program(b.Shape, first)
		if err != nil {
			return err
		}
		s.seedDropout(step, i)
		_, err = s.run(ctx, p, b, true, measures{})
		var nf *cpu.NonFiniteError
		switch {
		case errors.As(err, &nf):
			return &NonFiniteError{step, nf.Error()}
		case err != nil:
			return err
		}
	}
	return &NonFiniteError{step, fmt.Sprintf("the loss is %v and the norm of the gradients %v, though all of their values are finite", r.Loss, r.Norm)}
}

// Evaluate returns the sum of the losses of a batch, without dropout.
func (s *Stepper) Evaluate(ctx context.Context, b *Batch) (float64, error) {
	return s.evaluate(ctx, b, measures{})
}

// evaluate is Evaluate, which adds what is measured to seen.
func (s *Stepper) evaluate(ctx context.Context, b *Batch, seen measures) (loss float64, err error) {
	for ; b != nil; b = b.Then {
		p, err := s.program(b.Shape, evaluate)
		if err != nil {
			return 0, err
		}
		l, err := s.run(ctx, p, b, false, seen)
		if err != nil {
			return 0, err
		}
		loss += l
	}
	return loss, nil
}

// Sound reports what of the parameters or moments is not finite: what must not be saved.
func (s *Stepper) Sound() error {
	for i, p := range s.params {
		if !simd.AllFinite(p.F32) {
			return fmt.Errorf("the parameter %s holds values that are not finite", p.Name)
		}
		if !simd.AllFinite(s.M[i].F32) || !simd.AllFinite(s.V[i].F32) {
			return fmt.Errorf("the moments of %s hold values that are not finite", p.Name)
		}
	}
	return nil
}

// Memory is what training takes, in bytes.
type Memory struct {
	Weights   int64 `json:"weights"`
	Gradients int64 `json:"gradients"`
	Moments   int64 `json:"moments"`
	Arena     int64 `json:"arena"` // of intermediate values, for the shapes that came so far
}

// Total is all of it.
func (m Memory) Total() int64 { return m.Weights + m.Gradients + m.Moments + m.Arena }

// Memory says what the stepper and its model take.
func (s *Stepper) Memory() Memory {
	var m Memory
	for _, p := range s.model.Params {
		m.Weights += 4 * int64(p.Size())
	}
	for _, g := range s.grads {
		m.Gradients += 4 * int64(g.Size())
	}
	m.Moments = 2 * m.Gradients
	for _, p := range s.programs {
		m.Arena = max(m.Arena, int64(p.ArenaBytes()))
	}
	return m
}
