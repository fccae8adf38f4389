package model

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"hone/model/safetensors"
	"hone/tensor"
	"hone/tensor/cpu"
)

// golden are values that transformers computed; see testdata/README.md.
type golden struct {
	t *testing.T
	f *safetensors.File
}

func openGolden(t *testing.T, path ...string) golden {
	t.Helper()
	f, err := safetensors.Open(filepath.Join(append([]string{"testdata"}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return golden{t, f}
}

func (g golden) floats(name string) []float32 {
	g.t.Helper()
	x, err := g.f.Float32(name)
	if err != nil {
		g.t.Fatal(err)
	}
	return x
}

func (g golden) ints(name string) *tensor.Tensor {
	g.t.Helper()
	x, err := g.f.Int64(name)
	if err != nil {
		g.t.Fatal(err)
	}
	info, _ := g.f.Tensor(name)
	out := tensor.NewInts(info.Shape...)
	for i, v := range x {
		out.I32[i] = int32(v)
	}
	return out
}

func load(t *testing.T, name string) *Model {
	t.Helper()
	m, err := Load(filepath.Join("testdata", name), LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// away is the largest difference, relative to the largest of want.
func away(got, want []float32) float64 {
	if len(got) != len(want) {
		return math.Inf(1)
	}
	var d, m float64
	for i := range want {
		d = max(d, math.Abs(float64(got[i])-float64(want[i])))
		m = max(m, math.Abs(float64(want[i])))
	}
	if math.IsNaN(d) {
		return d
	}
	return d / max(m, 1e-6)
}

func closeTo(t *testing.T, what string, got, want []float32, limit float64) {
	t.Helper()
	if d := away(got, want); !(d <= limit) {
		t.Errorf("%s is off by %.2g of its size, more than %.2g", what, d, limit)
	}
}

// lossProgram has tokens, targets i32[B, T] and weights [B, T] as inputs; logits,
// loss, and a gradient for every trainable parameter as outputs.
func lossProgram(t *testing.T, m *Model, dev *cpu.Device, b, n int) *cpu.Program {
	t.Helper()
	g, err := tensor.Trace(func(g *tensor.Graph) {
		f := m.Forward(g)
		logits := f.Logits(f.Hidden(g.Input("tokens", tensor.I32, b, n), nil))
		loss := tensor.WeightedSum(tensor.CrossEntropy(logits, g.Input("targets", tensor.I32, b, n)), g.Input("weights", tensor.F32, b, n))
		g.Output("logits", logits)
		g.Output("loss", loss)
		var params []*tensor.Value
		for _, p := range m.Trainable() {
			params = append(params, f.Param(p.Name))
		}
		for i, d := range tensor.Gradient(loss, params...) {
			g.Output("grad."+m.Trainable()[i].Name, d)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := dev.Compile(g, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// batch shifts ids to targets; tokens past lengths (nil: none) do not count.
func batch(m *Model, ids, lengths *tensor.Tensor) map[string]*tensor.Tensor {
	b, n := ids.Shape[0], ids.Shape[1]
	targets, weights := tensor.NewInts(b, n), tensor.New(b, n)
	count := 0
	for i := range b {
		end := n
		if lengths != nil {
			end = int(lengths.I32[i])
		}
		for j := range n {
			targets.I32[i*n+j] = -1
			if j+1 < end {
				targets.I32[i*n+j] = ids.I32[i*n+j+1]
				count++
			}
		}
	}
	for i := range weights.F32 {
		weights.F32[i] = 1 / float32(count)
	}
	args := map[string]*tensor.Tensor{"tokens": ids, "targets": targets, "weights": weights}
	m.Args(args)
	return args
}

// compareStored compares a value for every parameter with the stored names' golden
// values, which prefix precedes.
func compareStored(t *testing.T, g golden, m *Model, prefix string, value func(name string) []float32, limit func(stored string, part int) float64) {
	t.Helper()
	for _, s := range m.Layout() {
		in := 1
		if len(s.Shape) == 2 {
			in = s.Shape[1]
		}
		row := 0
		for _, st := range s.Stored {
			got := value(s.Name)[row*in : (row+st.Rows)*in]
			row += st.Rows
			want := g.floats(prefix + st.Name)
			if st.Transposed {
				back := make([]float32, len(want))
				for i := range in {
					for j := range st.Rows {
						back[j*in+i] = want[i*st.Rows+j]
					}
				}
				want = back
			}
			if strings.HasSuffix(st.Name, "c_attn.bias") { // GPT-2's key biases: see README.md
				third := len(want) / 3
				for part := range 3 {
					closeTo(t, fmt.Sprint(prefix, st.Name, " part ", part), got[part*third:(part+1)*third], want[part*third:(part+1)*third], limit(st.Name, part))
				}
				continue
			}
			closeTo(t, prefix+st.Name, got, want, limit(st.Name, -1))
		}
	}
}

func TestGolden(t *testing.T) {
	for _, name := range []string{"gpt2", "llama", "qwen2"} {
		t.Run(name, func(t *testing.T) {
			dev := cpu.New(2)
			defer dev.Close()
			m, g := load(t, name), openGolden(t, name, "golden.safetensors")
			ids := g.ints("full.ids")
			p := lossProgram(t, m, dev, ids.Shape[0], ids.Shape[1])
			out, err := p.Run(context.Background(), batch(m, ids, nil))
			if err != nil {
				t.Fatal(err)
			}
			closeTo(t, "logits", out["logits"].F32, g.floats("full.logits"), 2e-6)
			closeTo(t, "loss", out["loss"].F32, g.floats("full.loss"), 1e-6)
			compareStored(t, g, m, "grad.", func(n string) []float32 { return out["grad."+n].F32 }, func(stored string, part int) float64 {
				if part == 1 {
					return 2 // zero but for rounding
				}
				return 1e-5
			})
			ragged, lengths := g.ints("ragged.ids"), g.ints("ragged.lengths")
			out, err = p.Run(context.Background(), batch(m, ragged, lengths))
			if err != nil {
				t.Fatal(err)
			}
			closeTo(t, "ragged loss", out["loss"].F32, g.floats("ragged.loss"), 1e-6)
			want := g.floats("ragged.logits")
			for i, n := range lengths.I32 {
				row := i * ragged.Shape[1] * m.Vocab
				closeTo(t, "ragged logits", out["logits"].F32[row:row+int(n)*m.Vocab], want[row:row+int(n)*m.Vocab], 2e-6)
			}
		})
	}
}

func TestGoldenLoRA(t *testing.T) {
	dev := cpu.New(2)
	defer dev.Close()
	m, g := load(t, "qwen2"), openGolden(t, "qwen2", "lora.safetensors")
	if err := m.AddLoRA(LoRA{Rank: 4, Alpha: 8}, testRng()); err != nil {
		t.Fatal(err)
	}
	for _, p := range m.Trainable() {
		copy(p.F32, g.floats(p.Name))
	}
	ids := g.ints("ids")
	p := lossProgram(t, m, dev, ids.Shape[0], ids.Shape[1])
	out, err := p.Run(context.Background(), batch(m, ids, nil))
	if err != nil {
		t.Fatal(err)
	}
	closeTo(t, "logits", out["logits"].F32, g.floats("logits"), 5e-6)
	closeTo(t, "loss", out["loss"].F32, g.floats("loss"), 1e-6)
	if n := len(m.Trainable()); n != 2*7*m.Layers {
		t.Errorf("%d tensors are trained", n)
	}
	for _, p := range m.Trainable() {
		closeTo(t, p.Name, out["grad."+p.Name].F32, g.floats("grad."+p.Name), 3e-5)
	}
	logits := append([]float32(nil), out["logits"].F32...)
	m.Merge()
	out, err = lossProgram(t, m, dev, ids.Shape[0], ids.Shape[1]).Run(context.Background(), batch(m, ids, nil))
	if err != nil {
		t.Fatal(err)
	}
	closeTo(t, "merged logits", out["logits"].F32, logits, 1e-5)
}

func TestGoldenClasses(t *testing.T) {
	dev := cpu.New(2)
	defer dev.Close()
	m, g := load(t, "qwen2-classes"), openGolden(t, "qwen2-classes", "golden.safetensors")
	ids, lengths, labels := g.ints("ids"), g.ints("lengths"), g.ints("labels")
	graph, err := tensor.Trace(func(tr *tensor.Graph) {
		f := m.Forward(tr)
		n := tr.Input("lengths", tensor.I32, lengths.Shape...)
		logits := f.Classes(f.Hidden(tr.Input("tokens", tensor.I32, ids.Shape...), n), n)
		loss := tensor.Scale(tensor.SumAll(tensor.CrossEntropy(logits, tr.Input("labels", tensor.I32, labels.Shape...))), 1/float32(labels.Size()))
		tr.Output("logits", logits)
		tr.Output("loss", loss)
		var params []*tensor.Value
		for _, p := range m.Params {
			params = append(params, f.Param(p.Name))
		}
		for i, d := range tensor.Gradient(loss, params...) {
			tr.Output("grad."+m.Params[i].Name, d)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := dev.Compile(graph, nil)
	if err != nil {
		t.Fatal(err)
	}
	args := map[string]*tensor.Tensor{"tokens": ids, "lengths": lengths, "labels": labels}
	m.Args(args)
	out, err := p.Run(context.Background(), args)
	if err != nil {
		t.Fatal(err)
	}
	closeTo(t, "logits", out["logits"].F32, g.floats("logits"), 2e-6)
	closeTo(t, "loss", out["loss"].F32, g.floats("loss"), 1e-6)
	compareStored(t, g, m, "grad.", func(n string) []float32 { return out["grad."+n].F32 }, func(string, int) float64 { return 1e-5 })
	for _, length := range []int32{0, int32(ids.Shape[1]) + 1} {
		args["lengths"] = tensor.NewInts(lengths.Shape...)
		copy(args["lengths"].I32, lengths.I32)
		args["lengths"].I32[1] = length // would be a token of a neighbour
		if _, err := p.Run(context.Background(), args); err == nil {
			t.Errorf("a row of length %d has classes", length)
		}
	}
}
