package model

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// maxConfigBytes is far beyond any config.json; the largest have label tables.
const maxConfigBytes = 16 << 20

// ParseConfig reads a Hugging Face config.json as transformers 4 and 5 write it.
// A field that is absent has the value transformers would give it. What would make
// the model compute something else than Hone does is an error that names it;
// fields that change nothing (use_cache, transformers_version, …) are ignored.
// Every field that is wrong is reported, not just the first.
func ParseConfig(data []byte) (Config, error) {
	if len(data) > maxConfigBytes {
		return Config{}, fmt.Errorf("%d bytes are too many for a config.json", len(data))
	}
	f := fields{}
	if err := json.Unmarshal(data, &f.raw); err != nil {
		return Config{}, fmt.Errorf("not a JSON object: %w", err)
	}
	name, ok := f.text("model_type", "")
	if !ok && len(f.errs) == 0 {
		return Config{}, fmt.Errorf(`field "model_type" is missing (known: gpt2, llama, qwen2, bert, roberta, hone-bigs, hone-encoder, hone-s4d); is this a model's config.json?`)
	}
	if len(f.errs) > 0 {
		return Config{}, errors.Join(f.errs...)
	}
	c, err := Defaults(Architecture(name))
	if err != nil {
		return Config{}, err
	}
	if c.Architecture.published() {
		return parseBERT(data, c)
	}
	if c.Architecture.Encoder() {
		return parseEncoder(data, c)
	}
	switch c.Architecture {
	case ArchGPT2:
		f.gpt2(&c)
	case ArchLlama:
		f.llama(&c)
	case ArchQwen2:
		f.qwen2(&c)
	}
	f.common(&c)
	f.head(&c)
	if len(f.errs) > 0 {
		return Config{}, errors.Join(f.errs...)
	}
	// A default that is for another vocabulary is none.
	if !f.has("bos_token_id") && c.BOS >= c.Vocab {
		c.BOS = NoToken
	}
	if !f.has("eos_token_id") && len(c.EOS) > 0 && c.EOS[0] >= c.Vocab {
		c.EOS = nil
	}
	c.Complete()
	if err := c.Check(); err != nil {
		return Config{}, err
	}
	return c, nil
}

// fields are the members of a config.json and what was wrong with those looked at.
type fields struct {
	raw  map[string]json.RawMessage
	errs []error
}

func (f *fields) gpt2(c *Config) {
	f.integer(&c.Layers, "n_layer", "num_hidden_layers")
	f.integer(&c.Width, "n_embd", "hidden_size")
	f.integer(&c.Heads, "n_head", "num_attention_heads")
	f.integer(&c.FFN, "n_inner")
	f.integer(&c.Positions, "n_positions", "max_position_embeddings", "n_ctx")
	f.float(&c.NormEps, "layer_norm_epsilon")
	f.float(&c.EmbeddingDropout, "embd_pdrop")
	f.float(&c.AttentionDropout, "attn_pdrop")
	f.float(&c.ResidualDropout, "resid_pdrop")
	f.oneOf("activation_function", "gelu_new", "gelu_pytorch_tanh")
	f.only("scale_attn_weights", true)
	f.only("scale_attn_by_inverse_layer_idx", false)
	f.only("reorder_and_upcast_attn", false)
	f.only("add_cross_attention", false)
}

func (f *fields) llama(c *Config) {
	f.rotary(c)
	f.boolean(&c.QKVBias, "attention_bias")
	c.ProjBias = c.QKVBias
	f.boolean(&c.FFNBias, "mlp_bias")
}

func (f *fields) qwen2(c *Config) {
	f.rotary(c)
	f.only("use_sliding_window", false)
	var layers []string
	if f.decode("layer_types", &layers, "a list of texts") {
		for i, l := range layers {
			if l != "full_attention" {
				f.fail("layer_types", "has %.40q for layer %d, only full_attention can be computed", l, i)
				break
			}
		}
	}
}

// rotary reads what Llama and Qwen2 share.
func (f *fields) rotary(c *Config) {
	f.integer(&c.Layers, "num_hidden_layers")
	f.integer(&c.Width, "hidden_size")
	f.integer(&c.Heads, "num_attention_heads")
	if f.has("num_key_value_heads") || f.null("num_key_value_heads") {
		c.KVHeads = 0 // null: as many as heads
		f.integer(&c.KVHeads, "num_key_value_heads")
	}
	f.integer(&c.HeadDim, "head_dim")
	f.integer(&c.FFN, "intermediate_size")
	f.integer(&c.Positions, "max_position_embeddings")
	f.float(&c.NormEps, "rms_norm_eps")
	f.oneOf("hidden_act", "silu", "swish")
	f.float(&c.AttentionDropout, "attention_dropout")
	// Of Hone: transformers has no such dropout and ignores the fields.
	f.float(&c.EmbeddingDropout, "embd_pdrop")
	f.float(&c.ResidualDropout, "resid_pdrop")

	f.float(&c.RopeTheta, "rope_theta")
	f.onlyNumber("partial_rotary_factor", 1)
	for _, name := range []string{"rope_scaling", "rope_parameters"} { // transformers 4, 5
		var raw map[string]json.RawMessage
		if !f.decode(name, &raw, "an object") {
			continue
		}
		rope := fields{raw: raw}
		rope.float(&c.RopeTheta, "rope_theta")
		rope.onlyNumber("partial_rotary_factor", 1)
		rope.oneOf("rope_type", "default")
		rope.oneOf("type", "default")
		for _, key := range slices.Sorted(maps.Keys(raw)) {
			if bytes.HasPrefix(raw[key], []byte("{")) {
				rope.fail(key, "has parameters of its own, a single set for all layers is wanted")
			}
		}
		for _, err := range rope.errs {
			f.errs = append(f.errs, fmt.Errorf("in %q: %w", name, err))
		}
	}
}

// common reads what every architecture has.
func (f *fields) common(c *Config) {
	f.integer(&c.Vocab, "vocab_size")
	f.boolean(&c.TieEmbeddings, "tie_word_embeddings")
	f.float(&c.InitStd, "initializer_range")
	f.token(&c.BOS, "bos_token_id")
	f.token(&c.PAD, "pad_token_id")
	if raw, ok := f.raw["eos_token_id"]; ok {
		c.EOS = nil
		one, several := NoToken, []*int{}
		if bytes.HasPrefix(raw, []byte("[")) {
			f.decode("eos_token_id", &several, "an integer or a list of integers")
		} else if f.token(&one, "eos_token_id"); one != NoToken {
			several = append(several, &one)
		}
		for _, id := range several {
			if id == nil {
				f.fail("eos_token_id", "has null in its list, integers are wanted")
				break
			}
			c.EOS = append(c.EOS, *id)
		}
	}
	dtype, ok := f.text("dtype", "")
	if !ok {
		dtype, ok = f.text("torch_dtype", "")
	}
	if ok {
		c.DType = DType(dtype)
	}
	if f.has("quantization_config") {
		f.fail("quantization_config", "is set: quantized weights cannot be read, only float32, bfloat16 and float16 (export the model again without quantization)")
	}
}

// head reads what sits on top from the class that wrote the file. Hone's own
// hone_head distinguishes a value for each token from a single class.
func (f *fields) head(c *Config) {
	var classes []string
	f.decode("architectures", &classes, "a list of texts")
	head := Head("")
	if len(classes) > 0 {
		switch name := classes[0]; {
		case strings.HasSuffix(name, "LMHeadModel"), strings.HasSuffix(name, "ForCausalLM"):
			head = HeadLM
		case strings.HasSuffix(name, "ForSequenceClassification"):
			head = HeadClasses
		case strings.HasSuffix(name, "Model"): // a body alone: its embedding can be tied
			head = HeadLM
		default:
			f.fail("architectures", "has %.60q, but a causal language model or a sequence classifier is wanted", name)
			return
		}
	}
	if own, ok := f.text("hone_head", ""); ok {
		head = Head(own)
	}
	if head == "" {
		head = HeadLM
	}
	c.Head = head
	if c.Head == HeadClasses {
		c.Labels = f.labels()
	}
}

// labels are those of id2label, or as many as num_labels says, or two.
func (f *fields) labels() []string {
	n := 2
	f.integer(&n, "num_labels")
	var names map[string]string
	if f.decode("id2label", &names, "an object of texts") {
		labels := make([]string, len(names))
		for key, name := range names {
			i, err := strconv.Atoi(key)
			if err != nil || i < 0 || i >= len(labels) || strconv.Itoa(i) != key {
				f.fail("id2label", "has the key %.40q, where 0 to %d are wanted", key, len(labels)-1)
				return nil
			}
			labels[i] = name
		}
		if f.has("num_labels") && n != len(labels) {
			f.fail("num_labels", "is %d, but %q names %d", n, "id2label", len(labels))
		}
		return labels
	}
	if n < 1 || n > maxLabels {
		f.fail("num_labels", "is %d, not between 1 and %d", n, maxLabels)
		return nil
	}
	labels := make([]string, n)
	for i := range labels {
		labels[i] = fmt.Sprintf("LABEL_%d", i)
	}
	return labels
}

func (f *fields) fail(name, format string, args ...any) {
	f.errs = append(f.errs, fmt.Errorf("field %q "+format, append([]any{name}, args...)...))
}

// null reports whether the member is there and null.
func (f *fields) null(name string) bool { return string(f.raw[name]) == "null" }

// has reports whether the member is there and not null.
func (f *fields) has(name string) bool {
	_, ok := f.raw[name]
	return ok && !f.null(name)
}

// decode reads a member that is there and not null into v; want says what it
// should have been.
func (f *fields) decode(name string, v any, want string) bool {
	if !f.has(name) {
		return false
	}
	if err := json.Unmarshal(f.raw[name], v); err != nil {
		f.fail(name, "is %.40s, %s is wanted", f.raw[name], want)
		return false
	}
	return true
}

// integer reads the first of names that is there.
func (f *fields) integer(v *int, names ...string) {
	for _, name := range names {
		if !f.has(name) {
			continue
		}
		i := 0
		if f.decode(name, &i, "an integer") {
			// Zero is what Complete fills in, so it must not pass as a value.
			if i < 1 {
				f.fail(name, "is %d, a positive integer is wanted", i)
				return
			}
			*v = i
		}
		return
	}
}

func (f *fields) float(v *float64, name string) { f.decode(name, v, "a number") }

func (f *fields) boolean(v *bool, name string) { f.decode(name, v, "true or false") }

// token reads the id of a special token; null and -1 say that there is none.
func (f *fields) token(v *int, name string) {
	if f.null(name) {
		*v = NoToken
		return
	}
	f.decode(name, v, "an integer")
}

func (f *fields) text(name, otherwise string) (string, bool) {
	ok := f.decode(name, &otherwise, "a text")
	return otherwise, ok
}

// oneOf fails if name is there with a value that is none of known.
func (f *fields) oneOf(name string, known ...string) {
	if v, ok := f.text(name, ""); ok && !slices.Contains(known, v) {
		f.fail(name, "is %.40q, only %s can be computed", v, strings.Join(known, " or "))
	}
}

// only fails if name is there with another value than want.
func (f *fields) only(name string, want bool) {
	v := want
	if f.boolean(&v, name); v != want {
		f.fail(name, "is %t, only %t can be computed", v, want)
	}
}

func (f *fields) onlyNumber(name string, want float64) {
	v := want
	if f.float(&v, name); v != want {
		f.fail(name, "is %v, only %v can be computed", v, want)
	}
}

// HF is c as a config.json that transformers loads, and ParseConfig: keys sorted,
// the same bytes for the same c. The error is that of Check.
func (c *Config) HF() ([]byte, error) {
	if c.Architecture.published() {
		return c.bertJSON()
	}
	if c.Architecture.Encoder() {
		return c.encoderJSON()
	}
	if err := c.Check(); err != nil {
		return nil, err
	}
	m := map[string]any{
		"model_type":          c.Architecture,
		"architectures":       []string{c.class()},
		"vocab_size":          c.Vocab,
		"tie_word_embeddings": c.TieEmbeddings,
		"initializer_range":   c.InitStd,
		"bos_token_id":        orNull(c.BOS),
		"pad_token_id":        orNull(c.PAD),
		"eos_token_id":        nil,
		"torch_dtype":         c.DType, // transformers 5 reads the old name as well
		"use_cache":           true,
	}
	switch len(c.EOS) {
	case 0:
	case 1:
		m["eos_token_id"] = c.EOS[0]
	default:
		m["eos_token_id"] = c.EOS
	}
	switch c.Head {
	case HeadValue:
		m["hone_head"] = c.Head
		m["id2label"], m["label2id"] = map[string]string{"0": "value"}, map[string]int{"value": 0}
	case HeadClasses:
		names, ids := map[string]string{}, map[string]int{}
		for i, name := range c.Labels {
			names[strconv.Itoa(i)], ids[name] = name, i
		}
		m["id2label"], m["label2id"] = names, ids
	}
	if c.Architecture == ArchGPT2 {
		m["n_layer"], m["n_embd"], m["n_head"], m["n_inner"], m["n_positions"] = c.Layers, c.Width, c.Heads, c.FFN, c.Positions
		m["n_ctx"] = c.Positions
		m["layer_norm_epsilon"], m["activation_function"] = c.NormEps, "gelu_new"
		m["attn_pdrop"] = c.AttentionDropout
		m["embd_pdrop"], m["resid_pdrop"] = c.EmbeddingDropout, c.ResidualDropout
	} else {
		m["num_hidden_layers"], m["hidden_size"], m["intermediate_size"] = c.Layers, c.Width, c.FFN
		m["num_attention_heads"], m["num_key_value_heads"], m["head_dim"] = c.Heads, c.KVHeads, c.HeadDim
		m["max_position_embeddings"] = c.Positions
		m["rms_norm_eps"], m["hidden_act"] = c.NormEps, "silu"
		m["rope_theta"] = c.RopeTheta
		m["attention_dropout"] = c.AttentionDropout
		if c.EmbeddingDropout > 0 || c.ResidualDropout > 0 {
			m["embd_pdrop"], m["resid_pdrop"] = c.EmbeddingDropout, c.ResidualDropout
		}
		if c.Architecture == ArchLlama {
			m["attention_bias"], m["mlp_bias"] = c.QKVBias, c.FFNBias
		} else {
			m["use_sliding_window"], m["sliding_window"] = false, nil
		}
	}
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write config.json: %w", err)
	}
	return append(data, '\n'), nil
}

// class is the transformers class that loads the tensors.
func (c *Config) class() string {
	name := map[Architecture]string{ArchGPT2: "GPT2", ArchLlama: "Llama", ArchQwen2: "Qwen2"}[c.Architecture]
	switch {
	case c.Head != HeadLM:
		return name + "ForSequenceClassification"
	case c.Architecture == ArchGPT2:
		return name + "LMHeadModel"
	}
	return name + "ForCausalLM"
}

func orNull(token int) any {
	if token == NoToken {
		return nil
	}
	return token
}
