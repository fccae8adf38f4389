package cpu_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"hone/tensor"
	"hone/tensor/cpu"
)

// TestGroups runs random models and their gradients in groups of rows and, as RunChecked does, node by node. One
// worker gives the same bits as two.
func TestGroups(t *testing.T) {
	dev, alone := cpu.New(2), cpu.New(1)
	defer dev.Close()
	defer alone.Close()
	rapid.Check(t, func(t *rapid.T) {
		const heads, dim = 2, 4
		rows := rapid.SampledFrom([]int{4096, 4098, 4600}).Draw(t, "rows")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		args := map[string]*tensor.Tensor{}
		input := func(g *tensor.Graph, scale float64, shape ...int) *tensor.Value {
			name := fmt.Sprintf("x%d", len(args))
			args[name] = tensor.New(shape...)
			for i := range args[name].F32 {
				args[name].F32[i] = float32(scale * r.NormFloat64())
			}
			return g.Input(name, tensor.F32, shape...)
		}
		g, err := tensor.Trace(func(g *tensor.Graph) {
			params := []*tensor.Value{input(g, 1, 2, rows/2, heads*dim)}
			param := func(scale float64, shape ...int) *tensor.Value {
				params = append(params, input(g, scale, shape...))
				return params[len(params)-1]
			}
			all := []*tensor.Value{tensor.Scale(params[0], 1)}
			pick := func(width int) *tensor.Value {
				for {
					v := all[rapid.IntRange(0, len(all)-1).Draw(t, "operand")]
					if width == 0 || v.Type.Cols() == width {
						return v
					}
				}
			}
			args["positions"] = tensor.NewInts(2, rows/2)
			for i := range args["positions"].I32 {
				args["positions"].I32[i] = int32(r.IntN(rows))
			}
			positions := g.Input("positions", tensor.I32, 2, rows/2)
			args["table"] = tensor.RotaryTable(rows, dim, 1e4)
			table := g.Input("table", tensor.F32, rows, dim) // by rows, and as a whole
			for range rapid.IntRange(1, 15).Draw(t, "operations") {
				x := pick(0)
				n := x.Type.Cols()
				var v *tensor.Value
				switch rapid.IntRange(0, 11).Draw(t, "kind") {
				case 0, 1:
					m := rapid.SampledFrom([]int{4, 8, 12, 40}).Draw(t, "width")
					var bias *tensor.Value
					if rapid.Bool().Draw(t, "bias") {
						bias = param(.1, m)
					}
					v = tensor.Linear(x, param(.3, m, n), bias, nil)
				case 2:
					v = tensor.Linear(x, param(.3, 8, n), nil, tensor.Reshape(pick(8), 2, rows/2, 8))
				case 3:
					v = tensor.LayerNorm(x, param(1, n), param(.1, n), 1e-5)
				case 4:
					v = tensor.RMSNorm(x, param(1, n), 1e-5)
				case 5:
					v = tensor.Gelu(x)
				case 6:
					v = tensor.Add(x, pick(n))
				case 7:
					v = tensor.LayerNorm(tensor.Mul(x, pick(n)), param(1, n), param(.1, n), 1e-5)
				case 8:
					v = tensor.SwiGLU(x)
				case 9:
					table = tensor.Scale(table, -1)
					continue
				default:
					v = tensor.Rotary(pick(heads*dim), positions, table, tensor.Heads{Query: heads, KV: 0, Dim: dim})
				}
				all = append(all, v)
			}
			loss := tensor.SumAll(tensor.Mul(all[len(all)-1], all[len(all)-1]))
			g.Output("loss", loss)
			g.Output("also", pick(0))
			g.Output("table", tensor.Scale(table, 2))
			if rapid.Bool().Draw(t, "forward only") { // few values live long then
				return
			}
			for i, d := range tensor.Gradient(loss, params...) {
				if d != nil {
					g.Output(fmt.Sprint("d", i), d)
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		p, err := dev.Compile(g, nil)
		if err != nil {
			t.Fatal(err)
		}
		q, err := alone.Compile(g, nil)
		if err != nil {
			t.Fatal(err)
		}
		var results [3]map[string][]float32
		for i, run := range []func(context.Context, map[string]*tensor.Tensor) (map[string]*tensor.Tensor, error){p.RunChecked, p.Run, q.Run} {
			out, err := run(context.Background(), args)
			if err != nil {
				t.Fatal(err)
			}
			results[i] = map[string][]float32{}
			for name, x := range out {
				results[i][name] = slices.Clone(x.F32)
			}
		}
		for name, want := range results[0] {
			got, size := results[1][name], 0.
			if !slices.Equal(got, results[2][name]) {
				t.Fatalf("%s is different with one worker, in\n%v", name, g)
			}
			for _, w := range want {
				size = max(size, math.Abs(float64(w)))
			}
			for i, w := range want {
				if !(math.Abs(float64(got[i]-w)) <= 1e-5*size) {
					t.Fatalf("%s[%d] is %v in groups, %v without, in\n%v", name, i, got[i], w, g)
				}
			}
		}
	})
}

// TestGroupsWait: what needs all rows is not in the group that makes them, nor what overwrites what a group needs as a whole.
func TestGroupsWait(t *testing.T) {
	const n = 4096
	dev := cpu.New(2)
	defer dev.Close()
	for name, build := range map[string]func(g *tensor.Graph, a, b, w *tensor.Value){
		"product over the rows": func(g *tensor.Graph, a, b, _ *tensor.Value) {
			g.Output("y", tensor.Scale(tensor.MatMul(tensor.Gelu(a), tensor.Gelu(b), true, false), 2))
		},
		"sum over the rows": func(g *tensor.Graph, a, _, _ *tensor.Value) {
			g.Output("y", tensor.Scale(tensor.Reshape(tensor.ColumnSum(tensor.Gelu(a)), n, 1), 2))
		},
		"updated weights": func(g *tensor.Graph, _, b, w *tensor.Value) {
			g.Output("y", tensor.Linear(tensor.Gelu(b), w, nil, nil))
			g.Update(w, tensor.Scale(w, 2))
		},
	} {
		args := map[string]*tensor.Tensor{"a": tensor.New(n, n), "b": tensor.New(n, 2), "w": tensor.New(n, 2)}
		r := rand.New(rand.NewPCG(1, 2))
		for _, x := range args {
			for i := range x.F32 {
				x.F32[i] = r.Float32()
			}
		}
		start := slices.Clone(args["w"].F32)
		g, err := tensor.Trace(func(g *tensor.Graph) {
			build(g, g.Input("a", tensor.F32, n, n), g.Input("b", tensor.F32, n, 2), g.Input("w", tensor.F32, n, 2))
		})
		if err != nil {
			t.Fatal(err)
		}
		p, err := dev.Compile(g, nil)
		if err != nil {
			t.Fatal(err)
		}
		out, err := p.RunChecked(context.Background(), args)
		if err != nil {
			t.Fatal(err)
		}
		want := slices.Clone(out["y"].F32)
		copy(args["w"].F32, start)
		if out, err = p.Run(context.Background(), args); err != nil {
			t.Fatal(err)
		}
		for i, w := range want {
			if got := out["y"].F32[i]; !(math.Abs(float64(got-w)) <= 1e-5*math.Abs(float64(w))) {
				t.Fatalf("%s: y[%d] is %v in groups, %v without", name, i, got, w)
			}
		}
	}
}
