package cpu_test

import (
	"context"
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"hone/tensor"
	"hone/tensor/cpu"
)

// TestGradientOfSharedValues differentiates random graphs in which values are read
// several times and in all orders, and compares with the gradients of the same graph in
// primitives, which are summed by plain additions alone.
func TestGradientOfSharedValues(t *testing.T) {
	dev := cpu.New(1)
	defer dev.Close()
	rapid.Check(t, func(t *rapid.T) {
		const n = 4
		names := []string{"a", "b", "w"}
		args := map[string]*tensor.Tensor{}
		for _, name := range append(names, "gain") {
			x := tensor.New(n, n)
			if name == "gain" {
				x = tensor.New(n)
			}
			for i := range x.F32 {
				x.F32[i] = float32(rapid.IntRange(-8, 8).Draw(t, "x")) / 8
			}
			args[name] = x
		}
		var text string
		g, err := tensor.Trace(func(g *tensor.Graph) {
			var all []*tensor.Value
			for _, name := range names {
				all = append(all, g.Input(name, tensor.F32, n, n))
			}
			w, gain := all[2], g.Input("gain", tensor.F32, n)
			pick := func() *tensor.Value { return all[rapid.IntRange(0, len(all)-1).Draw(t, "operand")] }
			for range rapid.IntRange(1, 8).Draw(t, "operations") {
				x, y := pick(), pick()
				var v *tensor.Value
				switch rapid.IntRange(0, 6).Draw(t, "kind") {
				case 0:
					v = tensor.Add(x, y)
				case 1:
					v = tensor.Sub(x, y)
				case 2:
					v = tensor.Linear(x, w, nil, y)
				case 3:
					v = tensor.Linear(x, w, gain, nil)
				case 4:
					v = tensor.MatMul(x, y, rapid.Bool().Draw(t, "a transposed"), rapid.Bool().Draw(t, "b transposed"))
				case 5:
					v = tensor.LayerNorm(x, gain, gain, .1)
				default:
					v = tensor.Apply(pair{rapid.Bool().Draw(t, "one gradient")}, x, y, w)[0]
				}
				all = append(all, tensor.Scale(v, .5), v)
			}
			loss := tensor.SumAll(all[0])
			for range 3 {
				x := pick()
				loss = tensor.Add(loss, tensor.SumAll(tensor.Mul(x, x)))
			}
			g.Output("loss", loss)
			text = g.String()
		})
		if err != nil {
			t.Fatal(err)
		}
		lowered, err := tensor.Lower(g)
		if err != nil {
			t.Fatal(err)
		}
		got, want := gradients(t, dev, g, args, names), gradients(t, dev, lowered, args, names)
		for _, name := range names {
			if got[name] == nil || want[name] == nil {
				if got[name] != nil || want[name] != nil {
					t.Fatalf("one of the gradients of %s is missing in\n%s", name, text)
				}
				continue
			}
			size := 0.0
			for _, x := range want[name] {
				size = max(size, math.Abs(float64(x)))
			}
			for i, x := range want[name] {
				if d := math.Abs(float64(got[name][i] - x)); !(d <= 1e-4*(1+size)) {
					t.Fatalf("the gradient of %s[%d] is %v, not %v, in\n%s", name, i, got[name][i], x, text)
				}
			}
		}
	})
}

// pair is x·Wᵀ + y·Wᵀ, whose gradients for x and y are one value, or two that are
// alike, of which only the second takes an addend.
type pair struct{ one bool }

func (pair) Name() string                                  { return "pair" }
func (pair) Infer(in []tensor.Type) ([]tensor.Type, error) { return in[:1:1], nil }

func (pair) Lower(in []*tensor.Value) []*tensor.Value {
	return []*tensor.Value{tensor.Add(tensor.Linear(in[0], in[2], nil, nil), tensor.Linear(in[1], in[2], nil, nil))}
}

func (p pair) Gradient(n *tensor.Node, dout []*tensor.Value) []*tensor.Value {
	dy, dx := dout[0], tensor.MatMul(dout[0], n.In[2], false, false)
	dw := tensor.MatMul(dy, tensor.Add(n.In[0], n.In[1]), true, false)
	if p.one {
		return []*tensor.Value{dx, dx, dw}
	}
	return []*tensor.Value{tensor.Scale(dx, 1), tensor.MatMul(dy, n.In[2], false, false), dw}
}

// gradients adds to g those of its only output with respect to the named inputs and
// runs it.
func gradients(t *rapid.T, dev *cpu.Device, g *tensor.Graph, args map[string]*tensor.Tensor, names []string) map[string][]float32 {
	var wrt []*tensor.Value
	for i, v := range g.Inputs {
		if name, _ := v.InputName(); i < len(names) && name != names[i] {
			t.Fatalf("input %d is %s", i, name)
		}
		wrt = append(wrt, v)
	}
	var have []string
	for i, d := range tensor.Gradient(g.Outputs[0].Value, wrt[:len(names)]...) {
		if d != nil {
			g.Output(names[i], d)
			have = append(have, names[i])
		}
	}
	for _, n := range g.Nodes {
		for _, v := range n.In {
			if v.Node.ID >= n.ID {
				t.Fatalf("%v reads what comes after it: %s", n, fmt.Sprint(g))
			}
		}
	}
	g, err := tensor.Lower(g)
	if err != nil {
		t.Fatal(err)
	}
	p, err := dev.Compile(g, nil)
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.Run(context.Background(), args)
	if err != nil {
		t.Fatal(err)
	}
	d := map[string][]float32{}
	for _, name := range have {
		d[name] = out[name].F32
	}
	return d
}
