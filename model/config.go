package model

import (
	"errors"
	"fmt"
	"strings"

	"hone/internal/words"
)

// An Architecture names a published layout of tensors and the choices that go with
// it; the values are the model_type of Hugging Face's config.json.
type Architecture string

const (
	// ArchGPT2 is GPT-2 (Radford et al. 2019): learned positions, layer norm with
	// biases before each block, tanh-GELU, biases everywhere, weights stored
	// [in, out].
	ArchGPT2 Architecture = "gpt2"
	// ArchLlama is Llama (Touvron et al. 2023, §2.2): rotary positions, RMS norm,
	// SwiGLU, grouped heads, no biases by default.
	ArchLlama Architecture = "llama"
	// ArchQwen2 is Qwen2 and Qwen2.5 (Yang et al. 2024, §2.2): Llama with biases on
	// queries, keys and values.
	ArchQwen2 Architecture = "qwen2"
)

// Architectures are those that generate, sorted. There are [Encoders], [ArchBERT] and [ArchRoBERTa], too.
func Architectures() []Architecture { return []Architecture{ArchGPT2, ArchLlama, ArchQwen2} }

// Norm is how activations are normalised before a block.
type Norm string

const (
	NormLayer Norm = "layernorm" // (x-mean)/sqrt(var+eps)·gain + bias (Ba et al. 2016)
	NormRMS   Norm = "rmsnorm"   // x/sqrt(mean(x²)+eps)·gain (Zhang, Sennrich 2019)
)

// Activation is the feed-forward block's non-linearity.
type Activation string

const (
	// ActGELUTanh is down(gelu(up(x))) with the tanh approximation of GELU
	// (Hendrycks, Gimpel 2016, §2).
	ActGELUTanh Activation = "gelu_tanh"
	// ActGELU is the same with GELU itself, x·Φ(x).
	ActGELU Activation = "gelu"
	// ActSwiGLU is down(silu(gate(x))·up(x)) (Shazeer 2020, equation 6).
	ActSwiGLU Activation = "swiglu"
)

// PositionEmbedding is how a token's position enters.
type PositionEmbedding string

const (
	// PosLearned adds a row of a [Positions, Width] table to the token's embedding.
	PosLearned PositionEmbedding = "learned"
	// PosRotary turns queries and keys by position·RopeTheta^(-2i/HeadDim), element i
	// paired with element i+HeadDim/2 (Su et al. 2021, in the half-split layout of
	// Hugging Face's weights).
	PosRotary PositionEmbedding = "rotary"
)

// Head is what is computed from the last hidden states [batch, time, Width].
type Head string

const (
	// HeadLM gives next-token logits [batch, time, Vocab].
	HeadLM Head = "lm"
	// HeadClasses gives logits [batch, len(Labels)], from the last token of each row
	// that is not padding.
	HeadClasses Head = "classes"
	// HeadValue gives a value for every token, [batch, time].
	HeadValue Head = "value"
)

// DType is how weights are stored in a checkpoint, named as in config.json.
type DType string

const (
	Float32  DType = "float32"
	BFloat16 DType = "bfloat16"
	Float16  DType = "float16"
)

// NoToken stands for a special token that a model does not have.
const NoToken = -1

// Config describes a decoder-only Transformer or an encoder (see encoder.go). It is read from Hugging Face's
// config.json by ParseConfig and written by HF; Defaults starts one from scratch.
type Config struct {
	Architecture Architecture
	Head         Head
	// Labels are the names of the classes, in the order of the logits; empty unless
	// Head is HeadClasses.
	Labels []string

	Layers    int // blocks (num_hidden_layers, n_layer)
	Width     int // of the residual stream (hidden_size, n_embd)
	Heads     int // query heads (num_attention_heads, n_head)
	KVHeads   int // key and value heads; query head h reads h·KVHeads/Heads (Ainslie et al. 2023)
	HeadDim   int // elements of a head; Heads·HeadDim need not be Width
	FFN       int // width inside the feed-forward block (intermediate_size, n_inner)
	Vocab     int // rows of the embedding, which may be more than the tokenizer has
	Positions int // longest sequence (max_position_embeddings, n_positions)

	Norm              Norm
	NormEps           float64
	Activation        Activation
	PositionEmbedding PositionEmbedding
	RopeTheta         float64 // base of the rotary angles; 0 where positions are learned

	QKVBias  bool // biases on queries, keys and values
	ProjBias bool // bias on attention's output projection
	FFNBias  bool // biases inside the feed-forward block
	// TieEmbeddings: the logits' matrix is the embedding's, stored once.
	TieEmbeddings bool

	BOS int   // begins a text; NoToken where there is none
	EOS []int // any of them ends a text, the first is the one that is appended; may be empty
	PAD int   // fills rows up; NoToken where there is none

	InitStd float64 // standard deviation of fresh weights (initializer_range)

	// Rates of dropout while training, each in [0, 1).
	EmbeddingDropout, AttentionDropout, ResidualDropout float64

	// Of encoders.
	SSM   SSM   // of ArchBiGS and ArchS4D
	Block Block // of ArchS4D
	Taps  int   // tokens that its convolutions reach over, an odd number
	// InnerDropout drops at the end of every residual branch, not after the embedding alone.
	InnerDropout bool
	Types        int // of ArchBERT and ArchRoBERTa: segments, of which the first is read

	DType DType // of the stored weights
}

// Defaults are what transformers assumes of an architecture where config.json says
// nothing, with a language-modelling head. KVHeads and HeadDim are left to Complete
// and, for a model of one's own, set Layers, Width, Heads, FFN (0 for the customary
// multiple of Width), Vocab and Positions.
func Defaults(a Architecture) (Config, error) {
	c := Config{
		Architecture: a, Head: HeadLM, DType: Float32, InitStd: 0.02,
		BOS: NoToken, PAD: NoToken,
		Norm: NormRMS, NormEps: 1e-6, Activation: ActSwiGLU, PositionEmbedding: PosRotary, RopeTheta: 1e4,
	}
	switch a {
	case ArchGPT2:
		c.Layers, c.Width, c.Heads, c.Vocab, c.Positions = 12, 768, 12, 50257, 1024
		c.Norm, c.NormEps, c.Activation = NormLayer, 1e-5, ActGELUTanh
		c.PositionEmbedding, c.RopeTheta = PosLearned, 0
		c.QKVBias, c.ProjBias, c.FFNBias, c.TieEmbeddings = true, true, true, true
		c.BOS, c.EOS = 50256, []int{50256}
		c.EmbeddingDropout, c.AttentionDropout, c.ResidualDropout = 0.1, 0.1, 0.1
	case ArchLlama:
		c.Layers, c.Width, c.Heads, c.FFN, c.Vocab, c.Positions = 32, 4096, 32, 11008, 32000, 2048
		c.BOS, c.EOS = 1, []int{2}
	case ArchQwen2:
		c.Layers, c.Width, c.Heads, c.KVHeads, c.FFN, c.Vocab, c.Positions = 32, 4096, 32, 32, 22016, 151936, 32768
		c.QKVBias = true
	case ArchBiGS, ArchEncoder, ArchS4D:
		c = encoderDefaults(c)
	case ArchBERT, ArchRoBERTa:
		c = bertDefaults(c)
	default:
		return Config{}, unknownArchitecture(string(a))
	}
	return c, nil
}

// Complete fills in what the other fields imply where it is zero: KVHeads = Heads,
// HeadDim = Width/Heads, and FFN = 4·Width, or for SwiGLU, which has three matrices
// instead of two, 8/3·Width rounded up to a multiple of 64 (Touvron et al. 2023,
// §2.2).
func (c *Config) Complete() {
	c.completeEncoder()
	if c.Architecture == ArchBiGS || c.Architecture == ArchS4D {
		return
	}
	if c.KVHeads == 0 {
		c.KVHeads = c.Heads
	}
	if c.HeadDim == 0 && c.Heads > 0 {
		c.HeadDim = c.Width / c.Heads
	}
	if c.FFN == 0 {
		c.FFN = 4 * c.Width
		if c.Activation == ActSwiGLU {
			c.FFN = (8*c.Width/3 + 63) / 64 * 64
		}
	}
}

// Bounds of sizes: beyond any model that is published, and small enough that no
// product of them overflows.
const (
	maxLayers    = 1 << 12
	maxWidth     = 1 << 17
	maxHeads     = 1 << 12
	maxHeadDim   = 1 << 12
	maxFFN       = 1 << 20
	maxVocab     = 1 << 24
	maxPositions = 1 << 24
	maxLabels    = 1 << 16
)

// Check reports everything that is wrong with c, an error a field, or nil.
func (c *Config) Check() error {
	if c.Architecture.Encoder() {
		return c.checkEncoder()
	}
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }

	for _, s := range []struct {
		name       string
		value, max int
	}{
		{"layers", c.Layers, maxLayers},
		{"width", c.Width, maxWidth},
		{"heads", c.Heads, maxHeads},
		{"key and value heads", c.KVHeads, maxHeads},
		{"elements of a head", c.HeadDim, maxHeadDim},
		{"width of the feed-forward block", c.FFN, maxFFN},
		{"vocabulary", c.Vocab, maxVocab},
		{"positions", c.Positions, maxPositions},
	} {
		if s.value < 1 || s.value > s.max {
			bad("%s: %d is not between 1 and %d", s.name, s.value, s.max)
		}
	}
	for _, s := range []struct {
		name           string
		value, lo, end float64 // lo <= value < end
	}{
		{"epsilon of the norm", c.NormEps, 1e-30, 1},
		{"standard deviation of fresh weights", c.InitStd, 0, 10},
		{"embedding dropout", c.EmbeddingDropout, 0, 1},
		{"attention dropout", c.AttentionDropout, 0, 1},
		{"residual dropout", c.ResidualDropout, 0, 1},
	} {
		if !(s.value >= s.lo && s.value < s.end) { // false for NaN
			bad("%s: %v is not at least %v and below %v", s.name, s.value, s.lo, s.end)
		}
	}
	if len(errs) == 0 {
		errs = append(errs, c.checkHeads()...)
	}
	errs = append(errs, c.checkStyle()...)
	errs = append(errs, c.checkTokens()...)
	return errors.Join(errs...)
}

// checkHeads wants sizes that are positive.
func (c *Config) checkHeads() (errs []error) {
	if c.Width%c.Heads != 0 {
		errs = append(errs, fmt.Errorf("width %d is not a multiple of the %d heads", c.Width, c.Heads))
	}
	if c.Heads%c.KVHeads != 0 {
		errs = append(errs, fmt.Errorf("%d heads cannot share %d key and value heads evenly", c.Heads, c.KVHeads))
	}
	if c.PositionEmbedding == PosRotary && c.HeadDim%2 != 0 {
		errs = append(errs, fmt.Errorf("rotary positions turn pairs: a head of %d elements is odd", c.HeadDim))
	}
	if c.Architecture == ArchGPT2 {
		if c.KVHeads != c.Heads {
			errs = append(errs, fmt.Errorf("gpt2 has as many key and value heads as heads: %d, not %d (use llama for grouped heads)", c.Heads, c.KVHeads))
		}
		if c.HeadDim*c.Heads != c.Width {
			errs = append(errs, fmt.Errorf("gpt2's heads make up its width: %d heads of %d are not %d", c.Heads, c.HeadDim, c.Width))
		}
	}
	return errs
}

// checkStyle holds an architecture to what its layout of tensors can express.
func (c *Config) checkStyle() (errs []error) {
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	want, err := Defaults(c.Architecture)
	if err != nil {
		return []error{err}
	}
	for _, f := range []struct{ name, value, want string }{
		{"norm", string(c.Norm), string(want.Norm)},
		{"activation", string(c.Activation), string(want.Activation)},
		{"position embedding", string(c.PositionEmbedding), string(want.PositionEmbedding)},
	} {
		if f.value != f.want {
			bad("%s: %q, where %s has %q", f.name, f.value, c.Architecture, f.want)
		}
	}
	for _, b := range []struct {
		name        string
		value, want bool
	}{
		{"bias of queries, keys and values", c.QKVBias, want.QKVBias},
		{"bias of attention's output", c.ProjBias, want.ProjBias},
		{"bias of the feed-forward block", c.FFNBias, want.FFNBias},
	} {
		if c.Architecture != ArchLlama && b.value != b.want {
			bad("%s: %t, where %s has %t", b.name, b.value, c.Architecture, b.want)
		}
	}
	if c.Architecture == ArchLlama && c.QKVBias != c.ProjBias {
		bad("llama has biases on all of attention's projections or on none (use qwen2 for queries, keys and values only)")
	}
	if c.PositionEmbedding == PosRotary && !(c.RopeTheta >= 1 && c.RopeTheta <= 1e12) {
		bad("base of the rotary angles: %v is not between 1 and 1e12", c.RopeTheta)
	}
	if c.PositionEmbedding == PosLearned && c.RopeTheta != 0 {
		bad("base of the rotary angles: %v, where positions are learned", c.RopeTheta)
	}
	switch c.Head {
	case HeadLM, HeadValue:
		if len(c.Labels) > 0 {
			bad("head %q has no labels, but %d are named", c.Head, len(c.Labels))
		}
	case HeadClasses:
		if n := len(c.Labels); n < 1 || n > maxLabels {
			bad("labels: %d is not between 1 and %d", n, maxLabels)
		}
	default:
		bad("head: %q is unknown (known: lm, classes, value)", c.Head)
	}
	switch c.DType {
	case Float32, BFloat16, Float16:
	default:
		bad("weights are stored as %q, which is unknown (known: float32, bfloat16, float16)", c.DType)
	}
	return errs
}

func (c *Config) checkTokens() (errs []error) {
	token := func(name string, id int) {
		if id < 0 || id >= max(c.Vocab, 0) {
			errs = append(errs, fmt.Errorf("%s token %d is not in the vocabulary of %d", name, id, c.Vocab))
		}
	}
	if c.BOS != NoToken {
		token("bos", c.BOS)
	}
	if c.PAD != NoToken {
		token("pad", c.PAD)
	}
	for _, id := range c.EOS {
		token("eos", id)
	}
	return errs
}

// Parameters is the number of trained numbers, a tied matrix counted once. c must
// pass Check.
func (c *Config) Parameters() int64 {
	if c.Architecture.Encoder() {
		var total int64
		for _, s := range c.encoderLayout() {
			n := int64(1)
			for _, d := range s.Shape {
				n *= int64(d)
			}
			total += n
		}
		return total
	}
	width, ffn := int64(c.Width), int64(c.FFN)
	q, kv := int64(c.Heads*c.HeadDim), int64(c.KVHeads*c.HeadDim)

	norm := width
	if c.Norm == NormLayer {
		norm *= 2
	}
	block := 2*norm + width*(q+2*kv) + q*width
	if c.QKVBias {
		block += q + 2*kv
	}
	if c.ProjBias {
		block += width
	}
	inner := int64(1) // matrices into the feed-forward block
	if c.Activation == ActSwiGLU {
		inner = 2
	}
	block += (inner + 1) * width * ffn
	if c.FFNBias {
		block += inner*ffn + width
	}

	total := int64(c.Vocab)*width + int64(c.Layers)*block + norm
	if c.PositionEmbedding == PosLearned {
		total += int64(c.Positions) * width
	}
	switch c.Head {
	case HeadLM:
		if !c.TieEmbeddings {
			total += int64(c.Vocab) * width
		}
	case HeadClasses:
		total += int64(len(c.Labels)) * width
	case HeadValue:
		total += width
	}
	return total
}

func unknownArchitecture(name string) error {
	known := append(append(Architectures(), ArchBERT, ArchRoBERTa), Encoders()...)
	names := make([]string, len(known))
	for i, a := range known {
		names[i] = string(a)
	}
	near := words.Nearest(name, names)
	if words.Distance(strings.ToLower(name), near) > 1+len(name)/3 {
		return fmt.Errorf("architecture %.40q is unknown (known: %s)", name, strings.Join(names, ", "))
	}
	return fmt.Errorf("architecture %.40q is unknown (known: %s; nearest: %q)", name, strings.Join(names, ", "), near)
}
