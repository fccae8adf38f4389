package model

import (
	"encoding/json"
	"fmt"
	"strings"

	"hone/tensor"
)

// Published encoders, which are read to be fine-tuned: norms after the blocks, learned positions,
// GELU in its exact form. Layouts are those of transformers.
const (
	// ArchBERT is BERT (Devlin et al. 2019). All tokens are of its first segment.
	ArchBERT Architecture = "bert"
	// ArchRoBERTa is RoBERTa (Liu et al. 2019), also CodeBERT and GraphCodeBERT. Its positions are
	// counted from PAD + 1.
	ArchRoBERTa Architecture = "roberta"
)

// published reports whether the encoder is one of others.
func (a Architecture) published() bool { return a == ArchBERT || a == ArchRoBERTa }

// skippedPositions are rows of the embedding of positions that no token has.
func (c *Config) skippedPositions() int {
	if c.Architecture == ArchRoBERTa {
		return c.PAD + 1
	}
	return 0
}

// bertConfig is their config.json, as far as it decides what is computed.
type bertConfig struct {
	ModelType  Architecture `json:"model_type"`
	Classes    []string     `json:"architectures,omitempty"`
	Head       Head         `json:"hone_head,omitempty"` // of Hone
	Labels     []string     `json:"labels,omitempty"`    // of Hone's heads
	Layers     int          `json:"num_hidden_layers"`
	Width      int          `json:"hidden_size"`
	Heads      int          `json:"num_attention_heads"`
	FFN        int          `json:"intermediate_size"`
	Vocab      int          `json:"vocab_size"`
	Positions  int          `json:"max_position_embeddings"`
	Types      int          `json:"type_vocab_size"`
	Activation string       `json:"hidden_act"`
	Embedding  string       `json:"position_embedding_type"`
	NormEps    float64      `json:"layer_norm_eps"`
	InitStd    float64      `json:"initializer_range"`
	PAD        int          `json:"pad_token_id"`
	Decoder    bool         `json:"is_decoder,omitempty"`
	Untied     *bool        `json:"tie_word_embeddings,omitempty"`
}

// bertDefaults are those of [Defaults]: what transformers assumes.
func bertDefaults(c Config) Config {
	c = encoderDefaults(c)
	c.PositionEmbedding, c.Activation = PosLearned, ActGELU
	c.Layers, c.Width, c.Heads, c.FFN, c.Vocab, c.Positions, c.Types, c.PAD = 12, 768, 12, 3072, 30522, 512, 2, 0
	if c.Architecture == ArchRoBERTa {
		c.Vocab, c.PAD = 50265, 1
		c.Positions = 512 - c.skippedPositions()
	}
	return c
}

// parseBERT is ParseConfig for BERT and RoBERTa. Fields that change nothing are ignored.
func parseBERT(data []byte, c Config) (Config, error) {
	e := bertConfig{
		Layers: c.Layers, Width: c.Width, Heads: c.Heads, FFN: c.FFN, Vocab: c.Vocab, Positions: 512, Types: c.Types,
		Activation: "gelu", Embedding: "absolute", NormEps: c.NormEps, InitStd: c.InitStd, PAD: c.PAD,
	}
	if err := json.Unmarshal(data, &e); err != nil {
		return Config{}, fmt.Errorf("config of %s: %w", c.Architecture, err)
	}
	switch {
	case e.Activation != "gelu":
		return Config{}, fmt.Errorf("config of %s: field %q is %q, only gelu can be computed", c.Architecture, "hidden_act", e.Activation)
	case e.Embedding != "absolute":
		return Config{}, fmt.Errorf("config of %s: field %q is %q, only absolute can be computed", c.Architecture, "position_embedding_type", e.Embedding)
	case e.Decoder:
		return Config{}, fmt.Errorf("config of %s: field %q is true: such a model generates, which Hone does not do with it", c.Architecture, "is_decoder")
	case e.Untied != nil && !*e.Untied:
		return Config{}, fmt.Errorf("config of %s: field %q is false, only tied embeddings can be computed", c.Architecture, "tie_word_embeddings")
	}
	c.Layers, c.Width, c.Heads, c.FFN, c.Vocab, c.Types = e.Layers, e.Width, e.Heads, e.FFN, e.Vocab, e.Types
	c.NormEps, c.InitStd, c.PAD = e.NormEps, e.InitStd, e.PAD
	c.Positions = e.Positions - c.skippedPositions()
	if e.Head != "" {
		c.Head, c.Labels = e.Head, e.Labels
	}
	c.Complete()
	if err := c.Check(); err != nil {
		return Config{}, err
	}
	return c, nil
}

// bertJSON is HF for BERT and RoBERTa.
func (c *Config) bertJSON() ([]byte, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	e := bertConfig{
		ModelType: c.Architecture, Head: c.Head, Labels: c.Labels, Layers: c.Layers, Width: c.Width, Heads: c.Heads, FFN: c.FFN, Vocab: c.Vocab,
		Positions: c.Positions + c.skippedPositions(), Types: c.Types, Activation: "gelu", Embedding: "absolute", NormEps: c.NormEps, InitStd: c.InitStd, PAD: c.PAD,
	}
	if c.Head == HeadMLM {
		e.Classes = []string{map[Architecture]string{ArchBERT: "BertForMaskedLM", ArchRoBERTa: "RobertaForMaskedLM"}[c.Architecture]}
	}
	raw, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write config.json: %w", err)
	}
	return append(raw, '\n'), nil
}

// bertLayout is Layout for BERT and RoBERTa, but for Hone's own heads.
func (c *Config) bertLayout(b *layout) {
	std, root := c.InitStd, string(c.Architecture)+"."
	in := func(name string) string { return root + "embeddings." + name }
	b.matrix("embedding.tokens", std, c.Width, Stored{in("word_embeddings.weight"), c.Vocab, false})
	b.matrix("embedding.positions", std, c.Width, Stored{in("position_embeddings.weight"), c.Positions + c.skippedPositions(), false})
	b.matrix("embedding.types", std, c.Width, Stored{in("token_type_embeddings.weight"), c.Types, false})
	b.norm("embedding.norm", in("LayerNorm"))
	for i := range c.Layers {
		layer := fmt.Sprintf("layers.%d.", i)
		in := func(name string) string { return fmt.Sprintf("%sencoder.layer.%d.%s", root, i, name) }
		b.linear(layer+"attention.qkv", std, c.Width, true,
			Stored{in("attention.self.query"), c.Width, false}, Stored{in("attention.self.key"), c.Width, false}, Stored{in("attention.self.value"), c.Width, false})
		b.linear(layer+"attention.out", std, c.Width, true, Stored{in("attention.output.dense"), c.Width, false})
		b.norm(layer+"norm", in("attention.output.LayerNorm"))
		b.linear(layer+"ffn.up", std, c.Width, true, Stored{in("intermediate.dense"), c.FFN, false})
		b.linear(layer+"ffn.down", std, c.FFN, true, Stored{in("output.dense"), c.Width, false})
		b.norm(layer+"norm2", in("output.LayerNorm"))
	}
}

// bertMasked is the layout of the head for masked tokens.
func (c *Config) bertMasked(b *layout) {
	dense, norm, bias := "cls.predictions.transform.dense", "cls.predictions.transform.LayerNorm", "cls.predictions.bias"
	if c.Architecture == ArchRoBERTa {
		dense, norm, bias = "lm_head.dense", "lm_head.layer_norm", "lm_head.bias"
	}
	b.linear("mlm.dense", c.InitStd, c.Width, true, Stored{dense, c.Width, false})
	b.norm("mlm.norm", norm)
	b.specs = append(b.specs, ParamSpec{Name: "mlm.bias", Shape: []int{c.Vocab}, Stored: []Stored{{bias, c.Vocab, false}}})
}

// bertIgnored are tensors of their checkpoints that are no parameters here: constants, copies of
// tied ones, the pooler and the prediction of the next sentence, which no head of Hone reads.
func bertIgnored(name string) bool {
	for _, part := range []string{"embeddings.position_ids", "pooler.", "cls.seq_relationship.", "cls.predictions.decoder.", "lm_head.decoder."} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

// bert is Hidden for BERT and RoBERTa.
func (f *Forward) bert(tokens, lengths *tensor.Value) *tensor.Value {
	c := &f.m.Config
	b, t := tokens.Shape[0], tokens.Shape[1]
	var x *tensor.Value
	f.g.Scope("embedding", func() {
		x = tensor.Gather(f.Param("embedding.tokens.weight"), tokens)
		positions := tensor.Slice(f.Param("embedding.positions.weight"), 0, c.skippedPositions(), t)
		x = tensor.Add(x, tensor.Broadcast(positions, []int{b, t, c.Width}, []int{1, 2}))
		first := tensor.Reshape(tensor.Slice(f.Param("embedding.types.weight"), 0, 0, 1), c.Width)
		x = tensor.Add(x, tensor.Broadcast(first, []int{b, t, c.Width}, []int{2}))
		x = f.dropout(f.norm("embedding.norm", x))
	})
	for i := range c.Layers {
		layer := fmt.Sprintf("layers.%d.", i)
		f.g.Scope(strings.TrimSuffix(layer, "."), func() {
			h := tensor.Attention(f.linear(layer+"attention.qkv", x, nil), lengths, f.heads(), false)
			x = f.norm(layer+"norm", f.inner(layer+"attention.out", h, x))
			h = f.gelu(f.linear(layer+"ffn.up", x, nil))
			x = f.norm(layer+"norm2", f.inner(layer+"ffn.down", h, x))
		})
	}
	return x
}

// gelu is the encoder's GELU: x·Φ(x) for [ActGELU], with Φ of Abramowitz and Stegun, "Handbook of
// Mathematical Functions" (1964), 7.1.26, which is off by 1.5e-7 at most.
func (f *Forward) gelu(x *tensor.Value) *tensor.Value {
	if f.m.Activation != ActGELU {
		return tensor.Gelu(x)
	}
	splat := func(v float32) *tensor.Value { return tensor.Splat(x.Graph(), v, x.Shape...) }
	zero, one := splat(0), splat(1)
	z := tensor.Scale(tensor.Select(tensor.Less, x, zero, tensor.Scale(x, -1), x), 0.70710678) // |x|/√2
	t := tensor.Div(one, tensor.Add(one, tensor.Scale(z, 0.3275911)))
	poly := splat(1.061405429)
	for _, a := range []float32{-1.453152027, 1.421413741, -0.284496736, 0.254829592} {
		poly = tensor.Add(tensor.Mul(poly, t), splat(a))
	}
	// 1 − Φ(|x|)
	tail := tensor.Scale(tensor.Mul(tensor.Mul(poly, t), tensor.Map(tensor.Exp, tensor.Scale(tensor.Mul(z, z), -1))), .5)
	return tensor.Mul(x, tensor.Select(tensor.Less, x, zero, tail, tensor.Sub(one, tail)))
}
