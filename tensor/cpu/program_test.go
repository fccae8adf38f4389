package cpu_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hone/tensor"
	"hone/tensor/cpu"
)

// TestPlan runs random graphs of elementwise operations, views, updates and several
// outputs, and compares with an evaluation that gives every value its own memory.
func TestPlan(t *testing.T) {
	dev := cpu.New(2)
	defer dev.Close()
	rapid.Check(t, func(t *rapid.T) {
		const n = 24
		values := map[*tensor.Value][]float32{}
		args, want := map[string]*tensor.Tensor{}, map[string][]float32{}
		g, err := tensor.Trace(func(g *tensor.Graph) {
			var all, states []*tensor.Value
			for _, name := range []string{"a", "b", "s1", "s2"} {
				v := g.Input(name, tensor.F32, n)
				x := tensor.New(n)
				for i := range x.F32 {
					x.F32[i] = float32(rapid.IntRange(-8, 8).Draw(t, "x"))
				}
				args[name], values[v] = x, append([]float32(nil), x.F32...)
				all = append(all, v)
				if name[0] == 's' {
					states = append(states, v)
				}
			}
			pick := func() *tensor.Value { return all[rapid.IntRange(0, len(all)-1).Draw(t, "operand")] }
			for range rapid.IntRange(1, 25).Draw(t, "operations") {
				x, y := pick(), pick()
				var v *tensor.Value
				f := func(i int) float32 { return values[x][i] }
				switch rapid.IntRange(0, 4).Draw(t, "kind") {
				case 0:
					v = tensor.Add(flat(x), flat(y))
					f = func(i int) float32 { return values[x][i] + values[y][i] }
				case 1:
					v = tensor.Minimum(flat(x), flat(y))
					f = func(i int) float32 { return min(values[x][i], values[y][i]) }
				case 2:
					v = tensor.Scale(flat(x), -.5)
					f = func(i int) float32 { return -.5 * values[x][i] }
				case 3:
					v = tensor.Reshape(x, 4, n/4)
				default:
					v = tensor.Transpose(tensor.Reshape(x, 4, n/4), 1, 0)
					f = func(i int) float32 { return values[x][i%4*(n/4)+i/4] }
				}
				if values[v] == nil {
					r := make([]float32, n)
					for i := range r {
						r[i] = f(i)
					}
					values[v] = r
				}
				all = append(all, v)
			}
			for _, name := range []string{"y1", "y2", "y3"} {
				v := pick()
				g.Output(name, v)
				want[name] = values[v]
			}
			for _, s := range states {
				v := pick()
				g.Update(s, flat(v))
				name, _ := s.InputName()
				want["state "+name] = values[v]
			}
		})
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
		for name, w := range want {
			got := out[name]
			if s, ok := strings.CutPrefix(name, "state "); ok {
				got = args[s]
			}
			for i := range w {
				if got.F32[i] != w[i] {
					t.Fatalf("%s[%d] is %v, not %v, in\n%v", name, i, got.F32[i], w[i], g)
				}
			}
		}
	})
}

func flat(x *tensor.Value) *tensor.Value { return tensor.Reshape(x, x.Size()) }

func TestTraceErrors(t *testing.T) {
	for _, c := range []struct {
		want  string
		build func(g *tensor.Graph)
	}{
		{"layers.2: linear: x f32[2,3] does not fit the weights f32[4,5] [out,in]", func(g *tensor.Graph) {
			g.Scope("layers.2", func() {
				tensor.Linear(g.Input("x", tensor.F32, 2, 3), g.Input("w", tensor.F32, 4, 5), nil, nil)
			})
		}},
		{`two inputs are named "x"`, func(g *tensor.Graph) { g.Input("x", tensor.F32, 1); g.Input("x", tensor.F32, 1) }},
		{"the gradient is that of a scalar", func(g *tensor.Graph) { x := g.Input("x", tensor.F32, 2); tensor.Gradient(x, x) }},
		{"input 1 is missing", func(g *tensor.Graph) { tensor.Add(g.Input("x", tensor.F32, 1), nil) }},
		{"add: input 0 is missing", func(g *tensor.Graph) { tensor.Add(nil, g.Input("x", tensor.F32, 1)) }},
		{"concatenate: all of its inputs are missing", func(*tensor.Graph) { tensor.Concat(0) }},
		{"cannot be updated", func(g *tensor.Graph) { g.Update(g.Input("x", tensor.F32, 2), g.Input("y", tensor.F32, 3)) }},
		{"weights stored as bf16 have no gradient", func(g *tensor.Graph) {
			x, w := g.Input("x", tensor.F32, 2, 3), g.Input("w", tensor.BF16, 4, 3)
			tensor.Gradient(tensor.SumAll(tensor.Linear(x, w, nil, nil)), x)
		}},
	} {
		_, err := tensor.Trace(c.build)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("the error is %v, it should say %q", err, c.want)
		}
	}
}

func TestRunErrors(t *testing.T) {
	dev := cpu.New(1)
	defer dev.Close()
	g, err := tensor.Trace(func(g *tensor.Graph) {
		g.Scope("embedding", func() {
			g.Output("y", tensor.Gather(g.Input("table", tensor.F32, 5, 2), g.Input("ids", tensor.I32, 3)))
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := dev.Compile(g, nil)
	if err != nil {
		t.Fatal(err)
	}
	ids := tensor.NewInts(3)
	args := map[string]*tensor.Tensor{"table": tensor.New(5, 2)}
	check := func(want string) {
		t.Helper()
		if _, err := p.Run(context.Background(), args); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, it should say %q", err, want)
		}
	}
	check(`input "ids" i32[3] is missing`)
	args["ids"] = tensor.NewInts(4)
	check(`input "ids" is i32[4], the program was compiled for i32[3]`)
	ids.I32[1] = 5
	args["ids"] = ids
	check("embedding: gather f32[3,2]: row 5 (number 1) is outside the table of 5 rows")
	ids.I32[1] = 4
	if _, err := p.Run(context.Background(), args); err != nil {
		t.Error(err)
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := p.Run(cancelled, args); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled run gave %v", err)
	}
}

// TestNonFinite names the operation where a NaN began.
func TestNonFinite(t *testing.T) {
	dev := cpu.New(1)
	defer dev.Close()
	g, err := tensor.Trace(func(g *tensor.Graph) {
		x := g.Input("x", tensor.F32, 4)
		g.Scope("layers.0.ffn", func() { x = tensor.Map(tensor.Log, x) })
		g.Output("y", tensor.Scale(x, 2))
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := dev.Compile(g, nil)
	if err != nil {
		t.Fatal(err)
	}
	x := tensor.New(4)
	copy(x.F32, []float32{1, 2, -1, 3})
	var nf *cpu.NonFiniteError
	_, err = p.RunChecked(context.Background(), map[string]*tensor.Tensor{"x": x})
	if !errors.As(err, &nf) || nf.Op != "layers.0.ffn: log f32[4]" || nf.Input {
		t.Errorf("the error is %v", err)
	}
	x.F32[0] = float32(math.Inf(1))
	if _, err = p.RunChecked(context.Background(), map[string]*tensor.Tensor{"x": x}); !errors.As(err, &nf) || !nf.Input {
		t.Errorf("the error is %v", err)
	}
}

// TestCachedAttention continues rows piece by piece and compares with attention on
// the whole.
func TestCachedAttention(t *testing.T) {
	levels(t, func(t *testing.T) {
		dev := cpu.New(2)
		defer dev.Close()
		rapid.Check(t, func(t *rapid.T) {
			h := tensor.Heads{KV: rapid.IntRange(1, 3).Draw(t, "kv"), Dim: rapid.SampledFrom([]int{8, 32, 72}).Draw(t, "dim")}
			h.Query = h.KV * rapid.IntRange(1, 3).Draw(t, "group")
			n := rapid.IntRange(1, 90).Draw(t, "length")
			const room = 96
			x := tensor.New(1, n, h.Width())
			for i := range x.F32 {
				x.F32[i] = float32(rapid.IntRange(-100, 100).Draw(t, "x")) / 50
			}
			whole, err := tensor.Trace(func(g *tensor.Graph) {
				g.Output("y", tensor.Attention(g.Input("x", tensor.F32, 1, n, h.Width()), nil, h, true))
			})
			if err != nil {
				t.Fatal(err)
			}
			p, err := dev.Compile(whole, nil)
			if err != nil {
				t.Fatal(err)
			}
			out, err := p.Run(context.Background(), map[string]*tensor.Tensor{"x": x})
			if err != nil {
				t.Fatal(err)
			}
			want := out["y"].F32
			cache := h.CacheShape(2, room)
			args := map[string]*tensor.Tensor{"k": tensor.New(cache...), "v": tensor.New(cache...), "slots": tensor.NewInts(2), "at": tensor.NewInts(2)}
			args["slots"].I32[0], args["slots"].I32[1] = 1, -1
			width := h.Query * h.Dim
			for at := 0; at < n; {
				k := min(n-at, rapid.IntRange(1, 70).Draw(t, "piece"))
				g, err := tensor.Trace(func(g *tensor.Graph) {
					keys, values := g.Input("k", tensor.F32, cache...), g.Input("v", tensor.F32, cache...)
					y, nk, nv := tensor.CachedAttention(g.Input("x", tensor.F32, 2, k, h.Width()), keys, values, g.Input("slots", tensor.I32, 2), g.Input("at", tensor.I32, 2), h)
					g.Output("y", y)
					g.Update(keys, nk)
					g.Update(values, nv)
				})
				if err != nil {
					t.Fatal(err)
				}
				args["x"] = tensor.New(2, k, h.Width())
				copy(args["x"].F32, x.F32[at*h.Width():(at+k)*h.Width()])
				args["at"].I32[0] = int32(at)
				p, err := dev.Compile(g, nil)
				if err != nil {
					t.Fatal(err)
				}
				out, err := p.Run(context.Background(), args)
				if err != nil {
					t.Fatal(err)
				}
				if d := difference(out["y"].F32[:k*width], want[at*width:(at+k)*width]); d > 3e-6 {
					t.Fatalf("positions %d … %d differ by %.2g", at, at+k-1, d)
				}
				for _, v := range out["y"].F32[k*width:] {
					if v != 0 {
						t.Fatal("padding gave a result")
					}
				}
				at += k
			}
		})
	})
}
