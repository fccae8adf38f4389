package model

import (
	"context"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hone/tensor"
	"hone/tensor/cpu"
)

// encoderFolders are those of testdata/encoders; see gen/encoders.py.
func encoderFolders(t *testing.T) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join("testdata", "encoders"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if len(names) < 9 {
		t.Fatalf("only %d encoders are there", len(names))
	}
	return names
}

// compareMasked runs a padded batch through an encoder and compares hidden states and the loss of
// masked tokens; the gradients, called grad.NAME, are returned.
func compareMasked(t *testing.T, dev *cpu.Device, m *Model, want golden) map[string]*tensor.Tensor {
	t.Helper()
	ids, lengths := want.ints("ids"), want.ints("lengths")
	b, n := ids.Shape[0], ids.Shape[1]
	g, err := tensor.Trace(func(g *tensor.Graph) {
		f := m.Forward(g)
		hidden := f.Hidden(g.Input("tokens", tensor.I32, b, n), g.Input("lengths", tensor.I32, b))
		loss := tensor.SumAll(tensor.CrossEntropy(f.Masked(hidden), g.Input("targets", tensor.I32, b, n)))
		g.Output("hidden", hidden)
		g.Output("loss", loss)
		var params []*tensor.Value
		for _, p := range m.Params {
			params = append(params, f.Param(p.Name))
		}
		for i, d := range tensor.Gradient(loss, params...) {
			g.Output("grad."+m.Params[i].Name, d)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := dev.Compile(g, nil)
	if err != nil {
		t.Fatal(err)
	}
	args := map[string]*tensor.Tensor{"tokens": ids, "lengths": lengths, "targets": want.ints("targets")}
	m.Args(args)
	out, err := p.Run(context.Background(), args)
	if err != nil {
		t.Fatal(err)
	}
	hidden := want.floats("hidden")
	for i := range b { // what is in the padding means nothing
		from, to := (i*n+int(lengths.I32[i]))*m.Width, (i+1)*n*m.Width
		copy(out["hidden"].F32[from:to], hidden[from:to])
	}
	closeTo(t, "hidden", out["hidden"].F32, hidden, 3e-6)
	closeTo(t, "loss", out["loss"].F32, want.floats("loss"), 1e-6)
	return out
}

// TestEncoderGolden compares padded batches with what PyTorch computes row by row.
func TestEncoderGolden(t *testing.T) {
	dev := cpu.New(2)
	defer dev.Close()
	for _, name := range encoderFolders(t) {
		t.Run(name, func(t *testing.T) {
			m := load(t, filepath.Join("encoders", name))
			want := openGolden(t, "encoders", name, "golden.safetensors")
			out := compareMasked(t, dev, m, want)
			for _, p := range m.Params {
				closeTo(t, "the gradient of "+p.Name, out["grad."+p.Name].F32, want.floats("grad."+p.Name), 5e-5)
			}
		})
	}
}

// TestBERTGolden compares padded batches with what transformers computes of BERT and RoBERTa, and
// saves them as they came.
func TestBERTGolden(t *testing.T) {
	dev := cpu.New(2)
	defer dev.Close()
	for _, name := range []string{"bert", "roberta"} {
		t.Run(name, func(t *testing.T) {
			m := load(t, name)
			want := openGolden(t, name, "golden.safetensors")
			out := compareMasked(t, dev, m, want)
			for _, s := range m.Layout() {
				var grad []float32
				for _, st := range s.Stored {
					grad = append(grad, want.floats("grad."+st.Name)...)
				}
				closeTo(t, "the gradient of "+s.Name, out["grad."+s.Name].F32, grad, 5e-5)
			}
			dir := t.TempDir()
			if err := m.Save(dir, ""); err != nil {
				t.Fatal(err)
			}
			again, err := Load(dir, LoadOptions{})
			if err != nil {
				t.Fatal(err)
			}
			for i, p := range m.Params {
				if away(again.Params[i].F32, p.F32) != 0 {
					t.Errorf("%s is saved with a difference", p.Name)
				}
			}
			for _, o := range []LoadOptions{{Head: HeadClasses, Labels: []string{"safe", "vulnerable"}}, {Head: HeadEmbedding}} {
				o.Rng = rand.New(rand.NewPCG(1, 1))
				tuned, err := Load(filepath.Join("testdata", name), o)
				if err != nil {
					t.Fatal(err)
				}
				if err := tuned.Save(dir, ""); err != nil {
					t.Fatal(err)
				}
				if again, err := Load(dir, LoadOptions{}); err != nil || again.Head != o.Head || len(again.Labels) != len(o.Labels) {
					t.Errorf("with a head for %s: %v", o.Head, err)
				}
			}
		})
	}
}

func TestBERTRefuses(t *testing.T) {
	for _, c := range []struct{ config, want string }{
		{`{"model_type": "bert", "hidden_act": "relu"}`, `"hidden_act" is "relu", only gelu`},
		{`{"model_type": "bert", "position_embedding_type": "relative_key"}`, "only absolute can be computed"},
		{`{"model_type": "roberta", "is_decoder": true}`, "generates"},
		{`{"model_type": "roberta", "tie_word_embeddings": false}`, "only tied embeddings"},
		{`{"model_type": "bert", "num_attention_heads": 7}`, "not a multiple of the 7 heads"},
		{`{"model_type": "bert", "type_vocab_size": 0}`, "segments: 0 is not between"},
	} {
		if _, err := ParseConfig([]byte(c.config)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the error is %v, it should say %q", c.config, err, c.want)
		}
	}
	if c, err := ParseConfig([]byte(`{"model_type": "roberta", "max_position_embeddings": 514, "vocab_size": 50265, "type_vocab_size": 1}`)); err != nil || c.Positions != 512 {
		t.Errorf("CodeBERT's has %d positions, %v", c.Positions, err)
	}
}

// TestEncoderPadding: what a row's hidden states are depends on neither its padding, nor what
// is in the padding, nor the rows beside it.
func TestEncoderPadding(t *testing.T) {
	dev := cpu.New(1)
	defer dev.Close()
	for _, name := range encoderFolders(t) {
		t.Run(name, func(t *testing.T) {
			m := load(t, filepath.Join("encoders", name))
			rapid.Check(t, func(t *rapid.T) {
				n, pad := rapid.IntRange(1, 12).Draw(t, "length"), rapid.IntRange(1, 12).Draw(t, "padding")
				ids := rapid.SliceOfN(rapid.Int32Range(0, int32(m.Vocab-1)), n+pad, n+pad).Draw(t, "ids")
				alone := encode(t, dev, m, [][]int32{ids[:n]}, nil)
				padded := encode(t, dev, m, [][]int32{ids, ids}, []int32{int32(n), int32(n + pad)})
				if d := away(padded[:n*m.Width], alone); d > 1e-6 {
					t.Fatalf("padding changed the hidden states by %.2g", d)
				}
			})
		})
	}
}

func encode(t *rapid.T, dev *cpu.Device, m *Model, rows [][]int32, lengths []int32) []float32 {
	b, n := len(rows), len(rows[0])
	args := map[string]*tensor.Tensor{"tokens": tensor.NewInts(b, n)}
	m.Args(args)
	for i, row := range rows {
		copy(args["tokens"].I32[i*n:], row)
	}
	g, err := tensor.Trace(func(g *tensor.Graph) {
		var live *tensor.Value
		if lengths != nil {
			live = g.Input("lengths", tensor.I32, b)
			args["lengths"], _ = tensor.OfInts(lengths, b)
		}
		g.Output("hidden", m.Forward(g).Hidden(g.Input("tokens", tensor.I32, b, n), live))
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
	return out["hidden"].F32
}

// TestBiGSParameters: at the published shape there are as many as the authors say, 345.10
// million without and 346.18 million with the head (specs give ± 0.1 %).
func TestBiGSParameters(t *testing.T) {
	c, err := Defaults(ArchBiGS)
	if err != nil {
		t.Fatal(err)
	}
	c.Layers, c.Width, c.Vocab = 23, 1024, 30522
	c.Complete()
	if err := c.Check(); err != nil {
		t.Fatal(err)
	}
	const head = 1024*1024 + 1024 + 2*1024 + 30522 // dense, norm, bias
	if n := c.Parameters(); math.Abs(float64(n)/1e6-346.18) > .005 || math.Abs(float64(n-head)/1e6-345.10) > .005 {
		t.Errorf("%d parameters with the head, %d without", n, n-head)
	}
}

// TestEncoderRoundTrip: what is saved is what is loaded, with any head; a head that is
// replaced is drawn, the rest stays.
func TestEncoderRoundTrip(t *testing.T) {
	for _, name := range encoderFolders(t) {
		m := load(t, filepath.Join("encoders", name))
		dir := t.TempDir()
		if err := m.Save(dir, ""); err != nil {
			t.Fatal(err)
		}
		again, err := Load(dir, LoadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range m.Params {
			if q := again.Params[i]; q.Name != p.Name || away(q.F32, p.F32) != 0 || q.SSM != p.SSM {
				t.Errorf("%s: %s differs", name, p.Name)
			}
		}
		for _, o := range []LoadOptions{
			{Head: HeadClasses, Labels: []string{"safe", "vulnerable"}},
			{Head: HeadTokens, Labels: []string{"int", "str", "other"}},
			{Head: HeadEmbedding},
		} {
			o.Rng = rand.New(rand.NewPCG(1, 1))
			other, err := Load(dir, o)
			if err != nil {
				t.Fatal(err)
			}
			if w := "layers.1.norm.gain"; away(other.Param(w).F32, m.Param(w).F32) != 0 {
				t.Errorf("%s: the head %s changed %s", name, o.Head, w)
			}
			if err := other.Save(filepath.Join(dir, string(o.Head)), ""); err != nil {
				t.Fatal(err)
			}
			if _, err := Load(filepath.Join(dir, string(o.Head)), LoadOptions{}); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestEncoderRefuses(t *testing.T) {
	good, err := os.ReadFile(filepath.Join("testdata", "encoders", "bigs-variant", "config.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ from, to, want string }{
		{`"kernels": 3`, `"kernels": 5`, "5 do not share out 12 channels evenly"},
		{`"states": 6`, `"states": 7`, "odd where states are pairs"},
		{`"init": "lin"`, `"init": "line"`, `"line" is unknown (known: [lin inv real legs])`},
		{`"high_frequency": 3`, `"high_frequency": 4`, "an odd number"},
		{`"mixing": "ssm"`, `"mixing": "fourier"`, "goes both ways"},
		{`"learned"`, `"rotary"`, "where hone-bigs has one of [none learned]"},
		{`"hone_head": "mlm"`, `"hone_head": "lm"`, `"lm" is none of an encoder`},
		{`"hone_head": "mlm"`, `"hone_head": "classes"`, "labels: 0 is not between"},
		{`"vocab_size"`, `"vocabulary_size"`, "unknown field"},
	} {
		if _, err := ParseConfig([]byte(replace(t, string(good), c.from, c.to))); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the error is %v, it should say %q", c.to, err, c.want)
		}
	}
}

// TestStates looks at where states begin.
func TestStates(t *testing.T) {
	s := SSM{States: 4}
	for _, c := range []struct {
		init Init
		want []complex128
	}{
		{InitLin, []complex128{-.5, complex(-.5, math.Pi), complex(-.5, 2*math.Pi), complex(-.5, 3*math.Pi)}},
		{InitInv, []complex128{complex(-.5, 12/math.Pi), complex(-.5, 4/math.Pi*(4./3-1)), complex(-.5, 4/math.Pi*(4./5-1)), complex(-.5, 4/math.Pi*(4./7-1))}},
		{InitReal, []complex128{-1, -2, -3, -4}},
	} {
		s.Init = c.init
		a, _ := s.states()
		for i, v := range a {
			if cmplx.Abs(v-c.want[i]) > 1e-12 {
				t.Errorf("%s: state %d is %v, not %v", c.init, i, v, c.want[i])
			}
		}
	}
	// LegS: the kernel of Legendre polynomials. Σ_n b̄_n·b_n·e^(tA) is Bᵀ·e^(tS)·B whatever the basis; at
	// t = 0 it is |B|² = Σ (2i+1) = N².
	s.Init, s.States = InitLegS, 8
	a, b := s.states()
	var size float64
	for i := range a {
		size += real(b[i])*real(b[i]) + imag(b[i])*imag(b[i])
		if j := len(a) - 1 - i; math.Abs(imag(a[i])+imag(a[j])) > 1e-9 || real(a[i]) != -.5 {
			t.Errorf("the eigenvalues %v and %v are no conjugates with real part −1/2", a[i], a[j])
		}
	}
	if math.Abs(size-64) > 1e-9 {
		t.Errorf("|B|² is %v, not 64", size)
	}
	// numpy.linalg.eigh of −i·(A + P·Pᵀ), and |V*·B|.
	for i, want := range [][2]float64{{0.42748871, 0.79946359}, {1.95779415, 1.17495995}, {5.35420852, 1.84386891}, {19.85741037, 5.15562552}} {
		if math.Abs(imag(a[4+i])-want[0]) > 1e-8 || math.Abs(cmplx.Abs(b[4+i])-want[1]) > 1e-8 {
			t.Errorf("state %d is %v with |B| = %v, not %v", 4+i, a[4+i], cmplx.Abs(b[4+i]), want)
		}
	}
}

// TestEncoderFresh: fresh models of every kind compute something finite, and say how much of
// their states turns too fast.
func TestEncoderFresh(t *testing.T) {
	c, _ := Defaults(ArchBiGS)
	c.Layers, c.Width, c.Vocab, c.SSM.Kernels = 2, 16, 50, 2
	c.Complete()
	for _, init := range Inits() {
		for _, pairs := range []bool{false, true} {
			c.SSM.Init, c.SSM.Pairs = init, pairs
			m, err := New(c, rand.New(rand.NewPCG(1, 2)))
			if err != nil {
				t.Fatal(err)
			}
			share := m.Aliased()
			if lin := init == InitLin && !pairs; share < 0 || share > 1 || lin && share < .3 || init == InitReal && share != 0 {
				t.Errorf("%s, pairs %v: the aliased share is %v", init, pairs, share)
			}
			for _, p := range m.Params {
				for _, v := range p.F32 {
					if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
						t.Fatalf("%s of %s holds %v", p.Name, init, v)
					}
				}
			}
		}
	}
}
