package model

import (
	"context"
	"fmt"
	"testing"

	"hone/tensor"
	"hone/tensor/cpu"
)

// BenchmarkEncoder is a forward and backward pass of masked language modelling, of models of
// about 0.35 million parameters (specs: a configuration that fits two cores) and of rows that
// are longer.
func BenchmarkEncoder(b *testing.B) {
	for _, s := range []struct {
		arch              Architecture
		kernels           int
		b, t              int
		width, ffn, vocab int
	}{
		{ArchBiGS, 1, 32, 128, 64, 192, 2049},
		{ArchBiGS, 64, 32, 128, 64, 192, 2049},
		{ArchEncoder, 0, 32, 128, 64, 288, 2049},
		{ArchBiGS, 1, 4, 1024, 64, 192, 2049},
		{ArchEncoder, 0, 4, 1024, 64, 288, 2049},
	} {
		b.Run(fmt.Sprintf("%s g%d B%d T%d d%d", s.arch, s.kernels, s.b, s.t, s.width), func(b *testing.B) {
			c, err := Defaults(s.arch)
			if err != nil {
				b.Fatal(err)
			}
			c.Layers, c.Width, c.FFN, c.Vocab, c.Positions, c.SSM.Kernels = 4, s.width, s.ffn, s.vocab, s.t, s.kernels
			if s.arch == ArchEncoder {
				c.Heads, c.PositionEmbedding, c.RopeTheta = 4, PosRotary, 1e4
			}
			c.Complete()
			m, err := New(c, testRng())
			if err != nil {
				b.Fatal(err)
			}
			dev := cpu.New(0)
			defer dev.Close()
			n := s.b * s.t * 15 / 100
			args := map[string]*tensor.Tensor{"tokens": tensor.NewInts(s.b, s.t), "targets": tensor.NewInts(n), "at": tensor.NewInts(n), "lengths": tensor.NewInts(s.b)}
			rng := testRng()
			for i := range args["tokens"].I32 {
				args["tokens"].I32[i] = int32(rng.IntN(s.vocab))
			}
			for i := range n {
				args["targets"].I32[i], args["at"].I32[i] = int32(rng.IntN(s.vocab)), int32(rng.IntN(s.b*s.t))
			}
			for i := range s.b {
				args["lengths"].I32[i] = int32(s.t)
			}
			m.Args(args)
			g, err := tensor.Trace(func(g *tensor.Graph) {
				f := m.Forward(g)
				hidden := f.Hidden(g.Input("tokens", tensor.I32, s.b, s.t), g.Input("lengths", tensor.I32, s.b))
				at := tensor.Gather(tensor.Reshape(hidden, s.b*s.t, s.width), g.Input("at", tensor.I32, n))
				loss := tensor.SumAll(tensor.CrossEntropy(f.Masked(at), g.Input("targets", tensor.I32, n)))
				g.Output("loss", loss)
				var params []*tensor.Value
				for _, p := range m.Params {
					params = append(params, f.Param(p.Name))
				}
				for i, d := range tensor.Gradient(loss, params...) {
					g.Output("d "+m.Params[i].Name, d)
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
			for b.Loop() {
				if _, err := p.Run(context.Background(), args); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(s.b*s.t*b.N)/b.Elapsed().Seconds(), "tokens/s")
			b.ReportMetric(float64(p.ArenaBytes())/1e6, "arena-MB")
			if testing.Verbose() {
				for _, c := range p.Costs() {
					b.Logf("%-50s %4d calls %8.2f ms a step", c.Op, c.Calls, c.Time.Seconds()*1e3/float64(b.N))
				}
			}
		})
	}
}
