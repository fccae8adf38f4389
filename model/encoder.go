package model

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"hone/tensor"
)

// Encoders: models that read whole programs, for understanding tasks. Their layouts are Hone's
// own; tensors are stored under the names that the parameters have.
const (
	// ArchBiGS is the bidirectional gated state-space model (Wang et al., "Pretraining Without
	// Attention", 2022), whose equations [Forward.bigs] has. Padding is left out of the
	// backward branch, which the authors' code reads.
	ArchBiGS Architecture = "hone-bigs"
	// ArchEncoder is a Transformer that reads in both directions, its rival: with learned
	// absolute positions (as Devlin et al., "BERT", 2019), rotary ones (Su et al., "RoFormer",
	// 2021) or none, and norms before the blocks, as BiGS has them.
	ArchEncoder Architecture = "hone-encoder"
	// ArchS4D is a stack of the blocks of a study of vulnerability detection (arXiv
	// 2601.13048): convolutions, state-space models or both.
	ArchS4D Architecture = "hone-s4d"
)

// PosNone: nothing says where a token is.
const PosNone PositionEmbedding = "none"

// Heads of encoders; HeadClasses reads the mean of a row's hidden states there.
const (
	// HeadMLM gives logits of masked tokens [..., Vocab].
	HeadMLM Head = "mlm"
	// HeadTokens gives logits [batch, time, len(Labels)].
	HeadTokens Head = "tokens"
	// HeadEmbedding gives a vector of length 1 a row, [batch, Width].
	HeadEmbedding Head = "embedding"
)

// Block is what a layer of ArchS4D is.
type Block string

// The blocks.
const (
	BlockConv   Block = "conv1d"  // convolution over Taps tokens
	BlockDSC    Block = "dsc"     // depthwise separable convolution over Taps tokens
	BlockS4D    Block = "s4d"     // state-space models
	BlockDSCS4D Block = "dsc+s4d" // one after the other
)

// Blocks are all of them.
func Blocks() []Block { return []Block{BlockConv, BlockDSC, BlockS4D, BlockDSCS4D} }

// Encoder reports whether the architecture reads in both directions: such a model does not
// generate.
func (a Architecture) Encoder() bool { return a.published() || slices.Contains(Encoders(), a) }

// Encoders are the architectures of Hone's own that read in both directions, sorted.
func Encoders() []Architecture { return []Architecture{ArchBiGS, ArchEncoder, ArchS4D} }

// encoderDefaults are those of [Defaults].
func encoderDefaults(c Config) Config {
	c.Head, c.Norm, c.NormEps, c.Activation = HeadMLM, NormLayer, 1e-12, ActGELUTanh
	c.PositionEmbedding, c.RopeTheta = PosNone, 0
	c.QKVBias, c.ProjBias, c.FFNBias, c.TieEmbeddings = true, true, true, true
	c.Positions = 512
	switch c.Architecture {
	case ArchBiGS:
		c.SSM = DefaultSSM()
	case ArchS4D:
		c.SSM = DefaultSSM()
		c.SSM.Kernels, c.SSM.Pairs, c.SSM.OneWay = 0, true, true // Kernels: see Complete
		c.Block, c.Taps = BlockS4D, 3
	}
	return c
}

// completeEncoder is Complete for encoders.
func (c *Config) completeEncoder() {
	switch c.Architecture {
	case ArchBiGS:
		if c.FFN == 0 {
			c.FFN = 3 * c.Width
		}
	case ArchS4D:
		if c.SSM.Kernels == 0 {
			c.SSM.Kernels = c.Width
		}
		c.FFN = 0
	default:
		return
	}
	c.Heads, c.KVHeads, c.HeadDim = 0, 0, 0
}

// checkEncoder is Check for encoders.
func (c *Config) checkEncoder() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	type size struct {
		name       string
		value, max int
	}
	sizes := []size{
		{"layers", c.Layers, maxLayers},
		{"width", c.Width, maxWidth},
		{"vocabulary", c.Vocab, maxVocab},
		{"positions", c.Positions, maxPositions},
	}
	if c.Architecture != ArchS4D {
		sizes = append(sizes, size{"width of the feed-forward block", c.FFN, maxFFN})
	}
	if c.Architecture.published() {
		sizes = append(sizes, size{"segments", c.Types, maxLabels})
	}
	if c.Architecture == ArchEncoder || c.Architecture.published() {
		sizes = append(sizes, size{"heads", c.Heads, maxHeads}, size{"elements of a head", c.HeadDim, maxHeadDim})
	}
	for _, s := range sizes {
		if s.value < 1 || s.value > s.max {
			bad("%s: %d is not between 1 and %d", s.name, s.value, s.max)
		}
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	if !(c.NormEps >= 1e-30 && c.NormEps < 1) || !(c.InitStd >= 0 && c.InitStd < 10) {
		bad("epsilon of the norm %v or standard deviation of fresh weights %v cannot be", c.NormEps, c.InitStd)
	}
	positions := []PositionEmbedding{PosNone, PosLearned}
	switch c.Architecture {
	case ArchBERT, ArchRoBERTa:
		positions = positions[1:]
		errs = append(errs, c.checkHeads()...)
		if c.HeadDim*c.Heads != c.Width || c.KVHeads != c.Heads {
			bad("%s's heads make up its width: %d heads of %d are not %d", c.Architecture, c.Heads, c.HeadDim, c.Width)
		}
	case ArchEncoder:
		positions = append(positions, PosRotary)
		errs = append(errs, c.checkHeads()...)
		if c.KVHeads != c.Heads {
			bad("an encoder has as many key and value heads as heads: %d, not %d", c.Heads, c.KVHeads)
		}
		if c.PositionEmbedding == PosRotary && !(c.RopeTheta >= 1 && c.RopeTheta <= 1e12) {
			bad("base of the rotary angles: %v is not between 1 and 1e12", c.RopeTheta)
		}
	case ArchBiGS:
		errs = append(errs, c.SSM.check(c.Width))
	case ArchS4D:
		errs = append(errs, c.SSM.check(c.Width))
		if !slices.Contains(Blocks(), c.Block) {
			bad("block: %q is unknown (known: %v)", c.Block, Blocks())
		}
		if c.Taps < 1 || c.Taps > maxTaps || c.Taps%2 == 0 {
			bad("taps: a convolution over %d tokens; an odd number up to %d is wanted", c.Taps, maxTaps)
		}
	}
	if !slices.Contains(positions, c.PositionEmbedding) {
		bad("position embedding: %q, where %s has one of %v", c.PositionEmbedding, c.Architecture, positions)
	}
	switch c.Head {
	case HeadMLM, HeadEmbedding:
		if len(c.Labels) > 0 {
			bad("head %q has no labels, but %d are named", c.Head, len(c.Labels))
		}
	case HeadClasses, HeadTokens:
		if n := len(c.Labels); n < 1 || n > maxLabels {
			bad("labels: %d is not between 1 and %d", n, maxLabels)
		}
	default:
		bad("head: %q is none of an encoder (known: mlm, classes, tokens, embedding)", c.Head)
	}
	if c.DType != Float32 {
		bad("weights are stored as %q, encoders as float32", c.DType)
	}
	errs = append(errs, c.checkTokens()...)
	return errors.Join(errs...)
}

// encoderLayout is Layout for encoders.
func (c *Config) encoderLayout() []ParamSpec {
	b := layout{c: c}
	std := c.InitStd
	linear := func(name string, in, out int) { b.linear(name, std, in, true, Stored{name, out, false}) }
	if c.Architecture.published() {
		c.bertLayout(&b)
		if c.Head == HeadMLM {
			c.bertMasked(&b)
			return b.specs
		}
		c.ownHead(&b, linear)
		return b.specs
	}
	b.matrix("embedding.tokens", std, c.Width, Stored{"embedding.tokens.weight", c.Vocab, false})
	if c.PositionEmbedding == PosLearned {
		b.matrix("embedding.positions", std, c.Width, Stored{"embedding.positions.weight", c.Positions, false})
	}
	norm := func(name string) {
		b.norm(name, name)
		for i := len(b.specs) - 2; i < len(b.specs); i++ {
			b.specs[i].Stored[0].Name = b.specs[i].Name
		}
	}
	norm("embedding.norm")
	for i := range c.Layers {
		layer := fmt.Sprintf("layers.%d.", i)
		norm(layer + "norm")
		switch c.Architecture {
		case ArchBiGS:
			linear(layer+"value", c.Width, c.FFN)
			for _, way := range c.ways() {
				linear(layer+way+".in", c.Width, c.Width)
				if c.SSM.Mixing == MixSSM {
					b.specs = append(b.specs, c.SSM.layout(layer+way+".ssm", c.Width)...)
				}
				linear(layer+way+".out", c.Width, c.Width)
			}
			linear(layer+"gate", c.Width, c.FFN)
			linear(layer+"out", c.FFN, c.Width)
		case ArchEncoder:
			linear(layer+"attention.qkv", c.Width, 3*c.Heads*c.HeadDim)
			linear(layer+"attention.out", c.Heads*c.HeadDim, c.Width)
			norm(layer + "norm2")
			linear(layer+"ffn.up", c.Width, c.FFN)
			linear(layer+"ffn.down", c.FFN, c.Width)
		case ArchS4D:
			switch c.Block {
			case BlockConv:
				linear(layer+"conv", c.Taps*c.Width, c.Width)
			case BlockDSC, BlockDSCS4D:
				b.specs = append(b.specs, depthwise(layer+"depthwise", c.Width, c.Taps))
				linear(layer+"pointwise", c.Width, c.Width)
			}
			if c.Block == BlockS4D || c.Block == BlockDSCS4D {
				b.specs = append(b.specs, c.SSM.layout(layer+"ssm", c.Width)...)
			}
			linear(layer+"out", c.Width, c.Width)
		}
	}
	norm("norm")
	if c.Head == HeadMLM {
		linear("mlm.dense", c.Width, c.Width)
		norm("mlm.norm")
		b.specs = append(b.specs, ParamSpec{Name: "mlm.bias", Shape: []int{c.Vocab}, Stored: []Stored{{"mlm.bias", c.Vocab, false}}})
	}
	c.ownHead(&b, linear)
	return b.specs
}

// ownHead adds the heads that are laid out alike whatever is below them.
func (c *Config) ownHead(b *layout, linear func(name string, in, out int)) {
	switch c.Head {
	case HeadClasses:
		linear("classes.dense", c.Width, c.Width)
		linear("classes", c.Width, len(c.Labels))
	case HeadTokens:
		linear("classes", c.Width, len(c.Labels))
	case HeadEmbedding:
		linear("embed", c.Width, c.Width)
	}
}

// ways are the directions of a layer of BiGS. The Fourier transform goes both ways at once, but
// keeps the gated product of two branches.
func (c *Config) ways() []string {
	if c.SSM.OneWay {
		return []string{"forward"}
	}
	return []string{"forward", "backward"}
}

// ssmPart cuts a part's name off that of a state-space parameter.
func ssmPart(name, part string) (string, bool) {
	rest, ok := strings.CutSuffix(name, part)
	return rest, ok && strings.HasSuffix(rest, "ssm")
}

// encode is Hidden for encoders. Places at or after their row's length read nothing and are
// read by nothing.
func (f *Forward) encode(tokens, lengths *tensor.Value) *tensor.Value {
	c := &f.m.Config
	if c.Architecture.published() {
		return f.bert(tokens, lengths)
	}
	b, t := tokens.Shape[0], tokens.Shape[1]
	positions := tensor.Iota(f.g, 1, b, t)
	var x *tensor.Value
	f.g.Scope("embedding", func() {
		x = tensor.Gather(f.Param("embedding.tokens.weight"), tokens)
		if c.PositionEmbedding == PosLearned {
			x = tensor.Add(x, tensor.Gather(f.Param("embedding.positions.weight"), positions))
		}
		x = f.dropout(f.norm("embedding.norm", x))
	})
	for i := range c.Layers {
		layer := fmt.Sprintf("layers.%d.", i)
		f.g.Scope(strings.TrimSuffix(layer, "."), func() {
			h := f.norm(layer+"norm", x)
			switch c.Architecture {
			case ArchBiGS:
				x = f.inner(layer+"out", f.bigs(layer, h, lengths), x)
			case ArchS4D:
				x = f.inner(layer+"out", f.block(layer, h, lengths), x)
			default:
				qkv := f.linear(layer+"attention.qkv", h, nil)
				if c.PositionEmbedding == PosRotary {
					qkv = tensor.Rotary(qkv, positions, f.rotaryTable(), f.heads())
				}
				x = f.inner(layer+"attention.out", tensor.Attention(qkv, lengths, f.heads(), false), x)
				h = tensor.Gelu(f.linear(layer+"ffn.up", f.norm(layer+"norm2", x), nil))
				x = f.inner(layer+"ffn.down", h, x)
			}
		})
	}
	f.g.Scope("norm", func() { x = f.norm("norm", x) })
	return x
}

// inner ends a residual branch, with dropout where the configuration has it inside layers.
func (f *Forward) inner(name string, h, x *tensor.Value) *tensor.Value {
	if !f.m.InnerDropout {
		return f.linear(name, h, x)
	}
	return f.branch(name, h, x)
}

// bigs is a layer of BiGS up to its last matrix, for the normalised X = h [B, T, d]:
//
//	V = GELU(X·Wv), U = GELU(X·Wu), C_f = SSM(U_f)·W_f, C_b = flip(SSM(flip(U_b)))·W_b,
//	GELU((C_f ⊙ C_b)·Wl) ⊙ V
//
// (Wang et al. 2022, §3.2). Matrices work token by token, so that flipping is left to the
// convolution, which does it within the true length.
func (f *Forward) bigs(layer string, h, lengths *tensor.Value) *tensor.Value {
	value := tensor.Gelu(f.linear(layer+"value", h, nil))
	var c *tensor.Value
	for i, way := range f.m.ways() {
		u := tensor.Gelu(f.linear(layer+way+".in", h, nil))
		if f.m.SSM.Mixing == MixFourier {
			u = tensor.FourierMix(u, f.whole(lengths, u))
		} else {
			u = f.mix(layer+way+".ssm", u, lengths, i == 1)
		}
		u = f.linear(layer+way+".out", u, nil)
		if c == nil {
			c = u
		} else {
			c = tensor.Mul(c, u)
		}
	}
	return tensor.Mul(tensor.Gelu(f.linear(layer+"gate", c, nil)), value)
}

// block is a layer of ArchS4D up to its last matrix.
func (f *Forward) block(layer string, h, lengths *tensor.Value) *tensor.Value {
	c := &f.m.Config
	if c.Block == BlockConv {
		return tensor.Gelu(f.linear(layer+"conv", f.neighbours(h, lengths), nil))
	}
	if c.Block != BlockS4D {
		h = tensor.Convolve(tensor.ConvolveOp{Ahead: c.Taps / 2}, h, f.Param(layer+"depthwise"), nil, lengths)
		h = tensor.Gelu(f.linear(layer+"pointwise", h, nil))
	}
	if c.Block != BlockDSC {
		h = tensor.Gelu(f.mix(layer+"ssm", h, lengths, false))
	}
	return h
}

// neighbours puts the tokens around each one beside each other: [B, T, d] → [B, T, Taps·d].
func (f *Forward) neighbours(x, lengths *tensor.Value) *tensor.Value {
	if lengths != nil {
		x = tensor.Mask(x, lengths)
	}
	b, t, d := x.Shape[0], x.Shape[1], x.Shape[2]
	side := f.m.Taps / 2
	none := tensor.Splat(f.g, 0, b, side, d)
	padded := tensor.Concat(1, none, x, none)
	var parts []*tensor.Value
	for i := range f.m.Taps {
		parts = append(parts, tensor.Slice(padded, 1, i, t))
	}
	return tensor.Concat(2, parts...)
}

// whole are the lengths, or those of rows without padding.
func (f *Forward) whole(lengths, x *tensor.Value) *tensor.Value {
	if lengths != nil {
		return lengths
	}
	return tensor.Convert(tensor.Splat(f.g, float32(x.Shape[1]), x.Shape[0]), tensor.I32)
}

// Masked are an encoder's scores of the tokens that hidden states stand for: [..., Width] → [..., Vocab].
func (f *Forward) Masked(hidden *tensor.Value) (logits *tensor.Value) {
	f.need(HeadMLM)
	f.g.Scope("head", func() {
		h := f.norm("mlm.norm", f.gelu(f.linear("mlm.dense", hidden, nil)))
		logits = tensor.Linear(h, f.Param("embedding.tokens.weight"), f.Param("mlm.bias"), nil)
	})
	return logits
}

// TokenClasses are an encoder's logits for tokens: [..., Width] → [..., len(Labels)].
func (f *Forward) TokenClasses(hidden *tensor.Value) *tensor.Value {
	f.need(HeadTokens)
	return f.linear("classes", hidden, nil)
}

// Embeddings are an encoder's vectors of length 1, one a row:
// hidden [B, T, Width], lengths i32[B] → [B, Width].
func (f *Forward) Embeddings(hidden, lengths *tensor.Value) *tensor.Value {
	f.need(HeadEmbedding)
	x := f.linear("embed", tensor.MeanPool(hidden, lengths), nil)
	b, d := x.Shape[0], x.Shape[1]
	size := tensor.Reduce(tensor.ReduceSum, tensor.Mul(x, x), 1)
	inverse := tensor.Map(tensor.Rsqrt, tensor.Add(size, tensor.Splat(f.g, 1e-12, b)))
	return tensor.Mul(x, tensor.Broadcast(inverse, []int{b, d}, []int{0}))
}

// pooledClasses is Classes for encoders.
func (f *Forward) pooledClasses(hidden, lengths *tensor.Value) *tensor.Value {
	h := tensor.Map(tensor.Tanh, f.linear("classes.dense", tensor.MeanPool(hidden, lengths), nil))
	return f.linear("classes", f.dropout(h), nil)
}

func (f *Forward) need(h Head) {
	if f.m.Head != h {
		f.g.Fail("the model has a head for %s, not for %s", f.m.Head, h)
	}
}

// Extend gives an encoder more positions. Learned embeddings of new ones are drawn; their number
// is returned.
func (m *Model) Extend(positions int, rng *rand.Rand) (drawn int) {
	if positions <= m.Positions {
		return 0
	}
	old := m.Positions
	m.Positions, m.rotary, m.specs = positions, nil, nil
	const name = "embedding.positions.weight"
	p := m.byName[name]
	if p == nil {
		return 0
	}
	s := m.spec(name)
	x := tensor.New(s.Shape...)
	s.fresh(x.F32, rng)
	copy(x.F32, p.F32)
	p.Tensor = x
	return positions - old
}
