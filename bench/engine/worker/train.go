package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"hone/bench/engine/line"
	"hone/model"
	"hone/tensor"
	"hone/tensor/cpu"
	"hone/train"
)

// What bench/peers/train.py has too: nanoGPT's optimizer.
const (
	rate      = 3e-4
	warmSteps = 3
)

var optimizer = train.Optimizer{Betas: [2]float64{0.9, 0.95}, Eps: 1e-8, WeightDecay: 0.1, Clip: 1}

// trains answers "step N": N optimizer steps, each on the next batch of the token file.
func trains(ctx context.Context, o options, h line.Header) error {
	b := newBatch(o.batch, o.length)
	return steps(ctx, o, h, train.NextToken, optimizer, b, func(_ *model.Model, data []int32, i int) error { return fill(b, data, i) })
}

// steps answers "step N" for a loss: fill makes b the data's batch i.
func steps(ctx context.Context, o options, h line.Header, loss train.Loss, optimizer train.Optimizer, b *train.Batch, fill func(m *model.Model, data []int32, i int) error) error {
	m, err := model.Load(o.weights, model.LoadOptions{})
	if err != nil {
		return err
	}
	data, err := readTokens(o.tokens)
	if err != nil {
		return err
	}
	dev := cpu.New(o.threads)
	defer dev.Close()
	stepper, err := train.NewStepper(dev, m, loss, optimizer)
	if err != nil {
		return err
	}
	done := 0
	steps := func(n int) (r line.Reply, err error) {
		for range n {
			start := time.Now()
			if err := fill(m, data, done); err != nil {
				return r, err
			}
			done++
			s, err := stepper.Step(ctx, done, rate, b)
			if err != nil {
				return r, err
			}
			t := time.Since(start).Seconds()
			r.Times, r.Losses = append(r.Times, t), append(r.Losses, s.Loss)
			r.Seconds += t
			r.Tokens += o.batch * o.length
		}
		return r, nil
	}
	warm, err := steps(warmSteps)
	if err != nil {
		return err
	}
	h.Parameters, h.WarmLosses, h.WarmSeconds = m.Parameters(), warm.Losses, warm.Seconds
	line.ForgetPeak()
	return line.Serve(os.Stdin, os.Stdout, h, func(words []string) (r line.Reply, err error) {
		if len(words) != 2 || words[0] != "step" {
			return r, fmt.Errorf("%q: step N is understood", words)
		}
		n, err := numbers(words[1])
		if err != nil {
			return r, err
		}
		return steps(n[0])
	})
}

func newBatch(rows, length int) *train.Batch {
	weights := tensor.New(rows, length)
	for i := range weights.F32 {
		weights.F32[i] = 1
	}
	return &train.Batch{
		Shape:  train.Shape{B: rows, T: length},
		Inputs: map[string]*tensor.Tensor{"tokens": tensor.NewInts(rows, length), "targets": tensor.NewInts(rows, length), "weights": weights},
		Weight: float64(rows * length), Tokens: rows * length,
	}
}

// fill puts batch i of the data into b: rows of T+1 tokens that follow each other,
// from the start again when they are used up.
func fill(b *train.Batch, data []int32, i int) error {
	n := b.B * (b.T + 1)
	if len(data) < n {
		return fmt.Errorf("the token file has %d tokens, a batch needs %d", len(data), n)
	}
	at := i * n % (len(data) - n + 1)
	for row := range b.B {
		from := data[at+row*(b.T+1):]
		copy(b.Inputs["tokens"].I32[row*b.T:(row+1)*b.T], from)
		copy(b.Inputs["targets"].I32[row*b.T:(row+1)*b.T], from[1:])
	}
	return nil
}
