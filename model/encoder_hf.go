package model

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// encoderConfig is an encoder's config.json. transformers does not know these architectures.
type encoderConfig struct {
	ModelType    Architecture      `json:"model_type"`
	Head         Head              `json:"hone_head"`
	Labels       []string          `json:"labels,omitempty"`
	Layers       int               `json:"num_hidden_layers"`
	Width        int               `json:"hidden_size"`
	Heads        int               `json:"num_attention_heads,omitempty"`
	FFN          int               `json:"intermediate_size,omitempty"`
	Vocab        int               `json:"vocab_size"`
	Positions    int               `json:"max_position_embeddings"`
	Embedding    PositionEmbedding `json:"position_embedding_type"`
	RopeTheta    float64           `json:"rope_theta,omitempty"`
	NormEps      float64           `json:"layer_norm_eps"`
	InitStd      float64           `json:"initializer_range"`
	SSM          *SSM              `json:"ssm,omitempty"`
	Block        Block             `json:"block,omitempty"`
	Taps         int               `json:"taps,omitempty"`
	InnerDropout bool              `json:"inner_dropout"`
	BOS          int               `json:"bos_token_id"` // -1: none
	EOS          []int             `json:"eos_token_id"`
	PAD          int               `json:"pad_token_id"`
	DType        DType             `json:"dtype"`
}

// parseEncoder is ParseConfig for encoders. An unknown field is an error: nobody but Hone
// writes such a file.
func parseEncoder(data []byte, c Config) (Config, error) {
	var e encoderConfig
	e.SSM = &c.SSM
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&e); err != nil {
		return Config{}, fmt.Errorf("config of %s: %w", c.Architecture, err)
	}
	c.Head, c.Labels = e.Head, e.Labels
	c.Layers, c.Width, c.Heads, c.FFN, c.Vocab, c.Positions = e.Layers, e.Width, e.Heads, e.FFN, e.Vocab, e.Positions
	c.PositionEmbedding, c.RopeTheta, c.NormEps, c.InitStd = e.Embedding, e.RopeTheta, e.NormEps, e.InitStd
	c.Block, c.Taps, c.InnerDropout = e.Block, e.Taps, e.InnerDropout
	c.BOS, c.EOS, c.PAD, c.DType = e.BOS, e.EOS, e.PAD, e.DType
	c.Complete()
	if err := c.Check(); err != nil {
		return Config{}, err
	}
	return c, nil
}

// encoderJSON is HF for encoders.
func (c *Config) encoderJSON() ([]byte, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	e := encoderConfig{
		ModelType: c.Architecture, Head: c.Head, Labels: c.Labels,
		Layers: c.Layers, Width: c.Width, Heads: c.Heads, FFN: c.FFN, Vocab: c.Vocab, Positions: c.Positions,
		Embedding: c.PositionEmbedding, RopeTheta: c.RopeTheta, NormEps: c.NormEps, InitStd: c.InitStd,
		Block: c.Block, Taps: c.Taps, InnerDropout: c.InnerDropout,
		BOS: c.BOS, EOS: c.EOS, PAD: c.PAD, DType: c.DType,
	}
	if c.Architecture != ArchEncoder {
		e.SSM = &c.SSM
	}
	raw, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write config.json: %w", err)
	}
	return append(raw, '\n'), nil
}
