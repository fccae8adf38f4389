package stablehlo_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"hone/tensor"
	"hone/tensor/cpu"
	"hone/tensor/stablehlo"
)

var update = flag.Bool("update", false, "write the modules and their inputs anew; then run testdata/gen/xla.py")

// sample is a module's inputs and what XLA computes from them.
type sample struct {
	Floats  map[string][]float32 `json:"floats"`
	Ints    map[string][]int32   `json:"ints"`
	Order   []string             `json:"order"`  // of the arguments
	Shapes  map[string][]int     `json:"shapes"` // of the arguments
	Outputs [][]float32          `json:"outputs"`
	XLA     string               `json:"xla"` // the version that computed the outputs
}

// operations are traced with their gradients: each is given its inputs and names
// the one whose entries are integers below a bound.
var operations = []struct {
	name  string
	in    []tensor.Type
	below int32 // bound of integer inputs
	build func(v []*tensor.Value) *tensor.Value
}{
	{"linear", []tensor.Type{f32(2, 3, 4), f32(5, 4), f32(5), f32(2, 3, 5)}, 0, func(v []*tensor.Value) *tensor.Value { return tensor.Linear(v[0], v[1], v[2], v[3]) }},
	{"layer_norm", []tensor.Type{f32(3, 6), f32(6), f32(6)}, 0, func(v []*tensor.Value) *tensor.Value { return tensor.LayerNorm(v[0], v[1], v[2], 1e-5) }},
	{"gelu", []tensor.Type{f32(4, 5)}, 0, func(v []*tensor.Value) *tensor.Value { return tensor.Gelu(v[0]) }},
	{"cross_entropy", []tensor.Type{f32(3, 7), {DType: tensor.I32, Shape: []int{3}}}, 7, func(v []*tensor.Value) *tensor.Value { return tensor.CrossEntropy(v[0], v[1]) }},
	{"attention", []tensor.Type{f32(2, 4, heads.Width())}, 0, func(v []*tensor.Value) *tensor.Value { return tensor.Attention(v[0], nil, heads, true) }},
	{"embedding", []tensor.Type{f32(6, 3), {DType: tensor.I32, Shape: []int{2, 4}}}, 6, func(v []*tensor.Value) *tensor.Value { return tensor.Gather(v[0], v[1]) }},
	{"rms_norm_swiglu_rotary", []tensor.Type{f32(2, 3, 20), f32(20), {DType: tensor.I32, Shape: []int{2, 3}}, f32(9, 4)}, 9, func(v []*tensor.Value) *tensor.Value {
		x := tensor.Rotary(tensor.RMSNorm(v[0], v[1], 1e-6), v[2], v[3], tensor.Heads{Query: 2, KV: 1, Dim: 4})
		return tensor.SwiGLU(x)
	}},
}

var heads = tensor.Heads{Query: 4, KV: 2, Dim: 3}

func f32(shape ...int) tensor.Type { return tensor.Type{DType: tensor.F32, Shape: shape} }

// TestEmit compares the text with the one XLA compiled, and what XLA computed with
// what the processor computes.
func TestEmit(t *testing.T) {
	dev := cpu.New(1)
	defer dev.Close()
	for _, op := range operations {
		t.Run(op.name, func(t *testing.T) {
			g, err := tensor.Trace(func(g *tensor.Graph) {
				var in, floats []*tensor.Value
				for i, typ := range op.in {
					v := g.Input(fmt.Sprint("in", i), typ.DType, typ.Shape...)
					in = append(in, v)
					if typ.DType == tensor.F32 {
						floats = append(floats, v)
					}
				}
				y := op.build(in)
				g.Output("y", y)
				for i, d := range tensor.Gradient(tensor.SumAll(tensor.Mul(y, y)), floats...) {
					if d != nil {
						g.Output(fmt.Sprint("d", i), d)
					}
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			text, err := stablehlo.Emit(g, op.name)
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", op.name)
			if *update {
				write(t, path, text, op.in, op.below)
			}
			want, err := os.ReadFile(path + ".mlir")
			if err != nil {
				t.Fatal(err)
			}
			if text != string(want) {
				t.Errorf("the module is not the one that XLA compiled (run with -update and then testdata/gen/xla.py):\n%s", text)
			}
			var s sample
			raw, err := os.ReadFile(path + ".json")
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(raw, &s); err != nil {
				t.Fatal(err)
			}
			args := map[string]*tensor.Tensor{}
			for name, x := range s.Floats {
				args[name], _ = tensor.Of(x, s.Shapes[name]...)
			}
			for name, x := range s.Ints {
				args[name], _ = tensor.OfInts(x, s.Shapes[name]...)
			}
			p, err := dev.Compile(g, nil)
			if err != nil {
				t.Fatal(err)
			}
			out, err := p.Run(context.Background(), args)
			if err != nil {
				t.Fatal(err)
			}
			if len(s.Outputs) != len(g.Outputs) {
				t.Fatalf("XLA gave %d results, the graph has %d", len(s.Outputs), len(g.Outputs))
			}
			for i, o := range g.Outputs {
				for j, w := range s.Outputs[i] {
					if got := out[o.Name].F32[j]; !(math.Abs(float64(got-w)) <= 2e-5*max(1, math.Abs(float64(w)))) {
						t.Fatalf("%s[%d] is %v, XLA has %v", o.Name, j, got, w)
					}
				}
			}
		})
	}
}

func write(t *testing.T, path, text string, in []tensor.Type, below int32) {
	t.Helper()
	rng := rand.New(rand.NewPCG(2, 2))
	s := sample{Floats: map[string][]float32{}, Ints: map[string][]int32{}, Shapes: map[string][]int{}}
	for i, typ := range in {
		name := fmt.Sprint("in", i)
		s.Order, s.Shapes[name] = append(s.Order, name), typ.Shape
		for range typ.Size() {
			if typ.DType == tensor.I32 {
				s.Ints[name] = append(s.Ints[name], rng.Int32N(below))
			} else {
				s.Floats[name] = append(s.Floats[name], float32(math.Round(rng.NormFloat64()*1e4)/1e4))
			}
		}
	}
	raw, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{path + ".mlir": []byte(text), path + ".json": raw} {
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestEmitRefuses(t *testing.T) {
	g, err := tensor.Trace(func(g *tensor.Graph) {
		g.Output("y", tensor.Dropout(g.Input("x", tensor.F32, 3), g.Input("seed", tensor.I32, 2), .5, 0))
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stablehlo.Emit(g, "dropout"); err == nil {
		t.Error("an operation without a counterpart was written")
	}
}
