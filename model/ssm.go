package model

import (
	"errors"
	"fmt"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"

	"hone/tensor"
)

// SSM describes the state-space models of an encoder.
type SSM struct {
	// Kernels is how many models a direction of a layer has; channels are shared out evenly. 1 is
	// BiGS's choice, Width S4D's.
	Kernels int `json:"kernels" yaml:"kernels"`
	States  int `json:"states" yaml:"states"` // N of each model; with Pairs, half as many are stored
	// Pairs takes S4D's form: states stand for conjugate pairs, real parts are −exp(re) and Δ is
	// drawn from [1e-3, 1e-1], not, as in BiGS, from [1e-2, 1].
	Pairs          bool   `json:"pairs" yaml:"pairs"`
	Init           Init   `json:"init" yaml:"init"`
	Discretization string `json:"discretization" yaml:"discretization"` // zoh or bilinear
	OneWay         bool   `json:"one_way" yaml:"one_way"`               // no backward branch
	Mixing         Mixing `json:"mixing" yaml:"mixing"`
	// HighFrequency is the number of values, odd, of a depthwise convolution beside each
	// state-space model, whose results are added: a path for what changes from token to token
	// (arXiv 2602.06774). 0: none.
	HighFrequency int `json:"high_frequency" yaml:"high_frequency"`
}

// Init is where the states begin (Gu et al., "On the Parameterization and Initialization of
// Diagonal State Space Models", 2022, §4): A_n for n = 0, 1 …
type Init string

// The initialisations.
const (
	InitLin  Init = "lin"  // −1/2 + iπn
	InitInv  Init = "inv"  // −1/2 + i·N/π·(N/(2n+1) − 1)
	InitReal Init = "real" // −(n+1)
	InitLegS Init = "legs" // eigenvalues of HiPPO-LegS's normal part, with its B (Gu et al. 2020)
)

// Inits are all of them.
func Inits() []Init { return []Init{InitLin, InitInv, InitReal, InitLegS} }

// Default fills s in.
func (s *SSM) Default() { *s = DefaultSSM() }

// Mixing is what a layer of BiGS mixes tokens with.
type Mixing string

// The mixings.
const (
	MixSSM     Mixing = "ssm"
	MixFourier Mixing = "fourier" // FNet's transform, which has no parameters
)

// DefaultSSM is what BiGS has.
func DefaultSSM() SSM {
	return SSM{Kernels: 1, States: 64, Init: InitLin, Discretization: "zoh", Mixing: MixSSM}
}

func (s *SSM) check(width int) error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if s.Kernels < 1 || width > 0 && width%s.Kernels != 0 {
		bad("kernels: %d do not share out %d channels evenly", s.Kernels, width)
	}
	if s.States < 1 || s.States > maxStates || s.Pairs && s.States%2 != 0 {
		bad("states: %d is not between 1 and %d, or is odd where states are pairs", s.States, maxStates)
	}
	if !slices.Contains(Inits(), s.Init) {
		bad("init: %q is unknown (known: %v)", s.Init, Inits())
	}
	if s.Discretization != "zoh" && s.Discretization != "bilinear" {
		bad("discretization: %q is unknown (known: zoh, bilinear)", s.Discretization)
	}
	if s.Mixing != MixSSM && s.Mixing != MixFourier {
		bad("mixing: %q is unknown (known: ssm, fourier)", s.Mixing)
	}
	if s.HighFrequency < 0 || s.HighFrequency > maxTaps || s.HighFrequency > 0 && s.HighFrequency%2 == 0 {
		bad("high_frequency: %d values; an odd number up to %d, or 0, is wanted", s.HighFrequency, maxTaps)
	}
	if s.Mixing == MixFourier && (s.OneWay || s.HighFrequency > 0) {
		bad("mixing: the Fourier transform goes both ways and has no path for high frequencies")
	}
	return errors.Join(errs...)
}

const (
	maxStates = 1 << 12
	maxTaps   = 63
)

// stored is the number of states that are parameters.
func (s *SSM) stored() int {
	if s.Pairs {
		return s.States / 2
	}
	return s.States
}

// reading is how the operations read the parameters.
func (s *SSM) reading() tensor.S4D {
	o := tensor.S4D{LogReal: s.Pairs, Pairs: s.Pairs}
	if s.Discretization == "bilinear" {
		o.Discretization = tensor.Bilinear
	}
	return o
}

// steps are the bounds of Δ when it is drawn, uniformly in its logarithm.
func (s *SSM) steps() (lo, hi float64) {
	if s.Pairs {
		return 1e-3, 1e-1
	}
	return 1e-2, 1
}

// layout are the parameters of one direction's models, called name.
func (s *SSM) layout(name string, width int) []ParamSpec {
	g, n := s.Kernels, s.stored()
	// The first states for every model; LegS's B is folded into C.
	a, b := s.states()
	spec := func(part string, fill func(x []float32, rng *rand.Rand), shape ...int) ParamSpec {
		full := name + "." + part
		return ParamSpec{Name: full, Shape: shape, Stored: []Stored{{full, shape[0], false}}, SSM: part != "c" && part != "skip", Fill: fill}
	}
	specs := []ParamSpec{
		spec("re", func(x []float32, _ *rand.Rand) {
			for i := range x {
				if x[i] = float32(real(a[i%n])); s.Pairs {
					x[i] = float32(math.Log(-real(a[i%n])))
				}
			}
		}, g, n),
		spec("im", func(x []float32, _ *rand.Rand) {
			for i := range x {
				x[i] = float32(imag(a[i%n]))
			}
		}, g, n),
		spec("c", func(x []float32, rng *rand.Rand) {
			for i := 0; i < len(x); i += 2 {
				// Of variance 1 together, .5 each.
				c := complex(rng.NormFloat64(), rng.NormFloat64()) * complex(math.Sqrt(.5), 0) * b[i/2%n]
				x[i], x[i+1] = float32(real(c)), float32(imag(c))
			}
		}, g, n, 2),
		spec("step", func(x []float32, rng *rand.Rand) {
			lo, hi := s.steps()
			for i := range x {
				x[i] = float32(math.Log(lo) + rng.Float64()*math.Log(hi/lo))
			}
		}, g),
		spec("skip", func(x []float32, _ *rand.Rand) {
			for i := range x {
				x[i] = 1
			}
		}, g),
	}
	if k := s.HighFrequency; k > 0 {
		specs = append(specs, depthwise(name+".high", width, k))
	}
	return specs
}

// depthwise are the values of a depthwise convolution; fresh ones are those of torch.
func depthwise(name string, width, values int) ParamSpec {
	return ParamSpec{Name: name, Shape: []int{width, values}, Stored: []Stored{{name, width, false}}, Decay: true, Std: kaiming(values) / math.Sqrt(3)}
}

// states are the first values of A and of B.
func (s *SSM) states() (a, b []complex128) {
	n := s.stored()
	a, b = make([]complex128, n), make([]complex128, n)
	if s.Init == InitLegS {
		return legS(s.States, s.Pairs)
	}
	total := float64(s.States)
	for i := range n {
		b[i] = 1
		k := float64(i)
		switch s.Init {
		case InitInv:
			a[i] = complex(-.5, total/math.Pi*(total/(2*k+1)-1))
		case InitReal:
			a[i] = complex(-(k + 1), 0)
		default:
			a[i] = complex(-.5, math.Pi*k)
		}
	}
	return a, b
}

// legS are the eigenvalues −1/2 + iω of the normal part of HiPPO-LegS, sorted by ω, and its B
// in the basis of the eigenvectors (Gu et al., "HiPPO", 2020; "Efficiently Modeling Long
// Sequences with Structured State Spaces", 2022, appendix C.1). With pairs, those of ω > 0.
func legS(n int, pairs bool) (a, b []complex128) {
	// A + P·Pᵀ with A_ij = −√(2i+1)√(2j+1) below the diagonal and P_i = √(i+½) is −½·I plus a
	// skew-symmetric matrix, here skew.
	skew := mat.NewDense(n, n, nil)
	for i := range n {
		for j := range n {
			v := math.Sqrt(float64(2*i+1)*float64(2*j+1)) / 2
			if i > j {
				v = -v
			}
			if i != j {
				skew.Set(i, j, v)
			}
		}
	}
	var eigen mat.Eigen
	if !eigen.Factorize(skew, mat.EigenRight) { // of a skew-symmetric matrix it converges
		panic("model: the eigenvalues of HiPPO-LegS were not found")
	}
	var vectors mat.CDense
	eigen.VectorsTo(&vectors)
	type pair struct {
		omega float64
		b     complex128
	}
	var all []pair
	for k, v := range eigen.Values(nil) {
		var norm float64
		var sum complex128
		for i := range n {
			e := vectors.At(i, k)
			norm += real(e)*real(e) + imag(e)*imag(e)
			sum += cmplx.Conj(e) * complex(math.Sqrt(float64(2*i+1)), 0)
		}
		all = append(all, pair{imag(v), sum / complex(math.Sqrt(norm), 0)})
	}
	slices.SortFunc(all, func(x, y pair) int {
		if x.omega < y.omega {
			return -1
		}
		return 1
	})
	if pairs {
		all = all[n-n/2:]
	}
	for _, p := range all {
		a, b = append(a, complex(-.5, p.omega)), append(b, p.b)
	}
	return a, b
}

// Aliased is the share of a model's states whose Δ·A_im is beyond ±π: they turn by more than
// half a circle in a step, which looks like a slower turn the other way. All of an encoder's
// state-space parameters count.
func (m *Model) Aliased() float64 {
	var beyond, all float64
	for _, p := range m.Params {
		name, ok := ssmPart(p.Name, ".im")
		if !ok {
			continue
		}
		step := m.byName[name+".step"]
		n := p.Cols()
		for i, v := range p.F32 {
			all++
			if math.Abs(float64(v))*math.Exp(float64(step.F32[i/n])) > math.Pi {
				beyond++
			}
		}
	}
	if all == 0 {
		return 0
	}
	return beyond / all
}

// mix runs the state-space models called name over u [B, T, d]: forward in time, or backward
// within the true lengths, with the path for high frequencies where there is one.
func (f *Forward) mix(name string, u, lengths *tensor.Value, backward bool) *tensor.Value {
	s := &f.m.SSM
	p := func(part string) *tensor.Value { return f.Param(name + "." + part) }
	k := s.reading().Kernel(p("re"), p("im"), p("c"), p("step"), u.Shape[1])
	y := tensor.Convolve(tensor.ConvolveOp{Reverse: backward}, u, k, p("skip"), lengths)
	if s.HighFrequency > 0 {
		y = tensor.Add(y, tensor.Convolve(tensor.ConvolveOp{Ahead: s.HighFrequency / 2}, u, p("high"), nil, lengths))
	}
	return y
}
