package model

import (
	"context"
	"fmt"
	"math"
	"testing"

	"hone/tensor"
	"hone/tensor/cpu"
)

// BenchmarkStep is a forward and backward pass and an AdamW step of a GPT-2 style
// model of about 1 M parameters.
func BenchmarkStep(b *testing.B) {
	for _, s := range []struct{ layers, width, heads, vocab, batch, length int }{{4, 128, 4, 2048, 16, 128}, {8, 512, 8, 2048, 8, 256}} {
		b.Run(fmt.Sprintf("l%d d%d", s.layers, s.width), func(b *testing.B) {
			c, err := Defaults(ArchGPT2)
			if err != nil {
				b.Fatal(err)
			}
			c.Layers, c.Width, c.Heads, c.Vocab, c.Positions, c.TieEmbeddings, c.EOS, c.BOS = s.layers, s.width, s.heads, s.vocab, s.length, false, nil, NoToken
			c.Complete()
			m, err := New(c, testRng())
			if err != nil {
				b.Fatal(err)
			}
			dev := cpu.New(0)
			defer dev.Close()
			args := map[string]*tensor.Tensor{"tokens": tensor.NewInts(s.batch, s.length), "targets": tensor.NewInts(s.batch, s.length), "weights": tensor.New(s.batch, s.length), "hyper": tensor.New(tensor.HyperSize)}
			rng := testRng()
			for i := range s.batch * s.length {
				args["tokens"].I32[i], args["targets"].I32[i], args["weights"].F32[i] = int32(rng.IntN(s.vocab)), int32(rng.IntN(s.vocab)), 1/float32(s.batch*s.length)
			}
			m.Args(args)
			copy(args["hyper"].F32, []float32{1e-3, .01, .1, .001, 1})
			g, err := tensor.Trace(func(g *tensor.Graph) {
				f := m.Forward(g)
				logits := f.Logits(f.Hidden(g.Input("tokens", tensor.I32, s.batch, s.length), nil))
				loss := tensor.WeightedSum(tensor.CrossEntropy(logits, g.Input("targets", tensor.I32, s.batch, s.length)), g.Input("weights", tensor.F32, s.batch, s.length))
				g.Output("loss", loss)
				var params []*tensor.Value
				for _, p := range m.Params {
					params = append(params, f.Param(p.Name))
				}
				grads := tensor.Gradient(loss, params...)
				g.Output("norm", tensor.GlobalNorm(grads...))
				hyper := g.Input("hyper", tensor.F32, tensor.HyperSize)
				for i, p := range m.Params {
					m1, m2 := g.Input("m."+p.Name, tensor.F32, p.Shape...), g.Input("v."+p.Name, tensor.F32, p.Shape...)
					args["m."+p.Name], args["v."+p.Name] = tensor.New(p.Shape...), tensor.New(p.Shape...)
					np, nm, nv := tensor.AdamW(tensor.AdamWOp{Beta1: .9, Beta2: .999, Eps: 1e-8, Decay: p.Decay}, params[i], grads[i], m1, m2, hyper)
					g.Update(params[i], np)
					g.Update(m1, nm)
					g.Update(m2, nv)
				}
			})
			if err != nil {
				b.Fatal(err)
			}
			p, err := dev.Compile(g, nil)
			if err != nil {
				b.Fatal(err)
			}
			if testing.Verbose() {
				p.Profile() // no groups of rows then
			}
			var loss float32
			for b.Loop() {
				out, err := p.Run(context.Background(), args)
				if err != nil {
					b.Fatal(err)
				}
				loss = out["loss"].F32[0]
			}
			if math.IsNaN(float64(loss)) {
				b.Fatal("the loss is NaN")
			}
			b.ReportMetric(float64(s.batch*s.length*b.N)/b.Elapsed().Seconds(), "tokens/s")
			b.ReportMetric(float64(p.ArenaBytes())/1e6, "arena-MB")
			if testing.Verbose() {
				for _, c := range p.Costs() {
					b.Logf("%-50s %4d calls %8.2f ms a step", c.Op, c.Calls, c.Time.Seconds()*1e3/float64(b.N))
				}
			}
		})
	}
}
