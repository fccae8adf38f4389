package model

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hone/model/safetensors"
)

// What transformers 5 writes for these models is in testdata/*/config.json; here is
// what transformers 4 wrote.
const (
	oldGPT2 = `{"activation_function":"gelu_new","architectures":["GPT2LMHeadModel"],"attn_pdrop":0.1,"bos_token_id":50256,
		"embd_pdrop":0.1,"eos_token_id":50256,"initializer_range":0.02,"layer_norm_epsilon":1e-05,"model_type":"gpt2","n_ctx":1024,
		"n_embd":768,"n_head":12,"n_layer":12,"n_positions":1024,"resid_pdrop":0.1,"summary_activation":null,"summary_type":"cls_index",
		"task_specific_params":{"text-generation":{"do_sample":true,"max_length":50}},"vocab_size":50257}`
	oldQwen = `{"architectures":["Qwen2ForCausalLM"],"attention_dropout":0.0,"bos_token_id":151643,"eos_token_id":[151645,151643],
		"hidden_act":"silu","hidden_size":896,"initializer_range":0.02,"intermediate_size":4864,"max_position_embeddings":32768,
		"max_window_layers":24,"model_type":"qwen2","num_attention_heads":14,"num_hidden_layers":24,"num_key_value_heads":2,
		"rms_norm_eps":1e-06,"rope_theta":1000000.0,"sliding_window":32768,"tie_word_embeddings":true,"torch_dtype":"bfloat16",
		"transformers_version":"4.43.1","use_cache":true,"use_sliding_window":false,"vocab_size":151936}`
	oldLlama = `{"architectures":["LlamaForCausalLM"],"bos_token_id":1,"eos_token_id":2,"hidden_act":"silu","hidden_size":4096,
		"initializer_range":0.02,"intermediate_size":11008,"max_position_embeddings":4096,"model_type":"llama","num_attention_heads":32,
		"num_hidden_layers":32,"num_key_value_heads":32,"pad_token_id":-1,"pretraining_tp":1,"rms_norm_eps":1e-05,"rope_scaling":null,
		"tie_word_embeddings":false,"torch_dtype":"float16","use_cache":true,"vocab_size":32000}`
)

func mustParse(t *testing.T, text string) Config {
	t.Helper()
	c, err := ParseConfig([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestParseConfig(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       Config
		parameters int64 // published, or counted by transformers
	}{
		{"gpt2", oldGPT2, Config{
			Architecture: ArchGPT2, Head: HeadLM,
			Layers: 12, Width: 768, Heads: 12, KVHeads: 12, HeadDim: 64, FFN: 3072, Vocab: 50257, Positions: 1024,
			Norm: NormLayer, NormEps: 1e-5, Activation: ActGELUTanh, PositionEmbedding: PosLearned,
			QKVBias: true, ProjBias: true, FFNBias: true, TieEmbeddings: true,
			BOS: 50256, EOS: []int{50256}, PAD: NoToken, InitStd: 0.02,
			EmbeddingDropout: 0.1, AttentionDropout: 0.1, ResidualDropout: 0.1, DType: Float32,
		}, 124_439_808},
		{"Qwen2.5 0.5B", oldQwen, Config{
			Architecture: ArchQwen2, Head: HeadLM,
			Layers: 24, Width: 896, Heads: 14, KVHeads: 2, HeadDim: 64, FFN: 4864, Vocab: 151936, Positions: 32768,
			Norm: NormRMS, NormEps: 1e-6, Activation: ActSwiGLU, PositionEmbedding: PosRotary, RopeTheta: 1e6,
			QKVBias: true, TieEmbeddings: true,
			BOS: 151643, EOS: []int{151645, 151643}, PAD: NoToken, InitStd: 0.02, DType: BFloat16,
		}, 494_032_768},
		{"Llama 2 7B", oldLlama, Config{
			Architecture: ArchLlama, Head: HeadLM,
			Layers: 32, Width: 4096, Heads: 32, KVHeads: 32, HeadDim: 128, FFN: 11008, Vocab: 32000, Positions: 4096,
			Norm: NormRMS, NormEps: 1e-5, Activation: ActSwiGLU, PositionEmbedding: PosRotary, RopeTheta: 1e4,
			BOS: 1, EOS: []int{2}, PAD: NoToken, InitStd: 0.02, DType: Float16,
		}, 6_738_415_616},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := mustParse(t, test.text)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if n := got.Parameters(); n != test.parameters {
				t.Errorf("%d parameters, want %d", n, test.parameters)
			}
		})
	}
}

// The number of parameters is that of the tensors transformers saved, and its
// config.json, which is that of version 5, says the model that gen/golden.py made.
func TestParseConfigOfSavedModels(t *testing.T) {
	for dir, want := range map[string]Config{
		"gpt2": {
			Architecture: ArchGPT2, Head: HeadLM,
			Layers: 2, Width: 24, Heads: 4, KVHeads: 4, HeadDim: 6, FFN: 40, Vocab: 101, Positions: 32,
			Norm: NormLayer, NormEps: 1e-5, Activation: ActGELUTanh, PositionEmbedding: PosLearned,
			QKVBias: true, ProjBias: true, FFNBias: true, TieEmbeddings: true,
		},
		"llama": {
			Architecture: ArchLlama, Head: HeadLM,
			Layers: 2, Width: 24, Heads: 4, KVHeads: 2, HeadDim: 8, FFN: 40, Vocab: 67, Positions: 64,
			Norm: NormRMS, NormEps: 1e-5, Activation: ActSwiGLU, PositionEmbedding: PosRotary, RopeTheta: 500,
		},
		"qwen2": {
			Architecture: ArchQwen2, Head: HeadLM,
			Layers: 2, Width: 24, Heads: 3, KVHeads: 1, HeadDim: 8, FFN: 40, Vocab: 67, Positions: 64,
			Norm: NormRMS, NormEps: 1e-6, Activation: ActSwiGLU, PositionEmbedding: PosRotary, RopeTheta: 1e4,
			QKVBias: true, TieEmbeddings: true,
		},
		"qwen2-classes": {
			Architecture: ArchQwen2, Head: HeadClasses, Labels: []string{"LABEL_0", "LABEL_1", "LABEL_2"},
			Layers: 2, Width: 24, Heads: 3, KVHeads: 1, HeadDim: 8, FFN: 40, Vocab: 67, Positions: 64,
			Norm: NormRMS, NormEps: 1e-6, Activation: ActSwiGLU, PositionEmbedding: PosRotary, RopeTheta: 1e4,
			QKVBias: true, TieEmbeddings: true,
		},
	} {
		t.Run(dir, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join("testdata", dir, "config.json"))
			if err != nil {
				t.Fatal(err)
			}
			want.BOS, want.PAD, want.InitStd, want.DType = NoToken, NoToken, 0.02, Float32
			if want.Head == HeadClasses {
				want.PAD = 0
			}
			got := mustParse(t, string(data))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			roundTrip(t, got)

			f, err := safetensors.OpenFolder(filepath.Join("testdata", dir))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			n := 0
			for _, name := range f.Names() {
				info, err := f.Tensor(name)
				if err != nil {
					t.Fatal(err)
				}
				n += info.Elements()
			}
			if int64(n) != got.Parameters() {
				t.Errorf("%d parameters, but %d in the file", got.Parameters(), n)
			}
		})
	}
}

// Variations that stay within what can be computed.
func TestParseConfigAccepts(t *testing.T) {
	for _, test := range []struct {
		name, text, from, to string
		check                func(Config) bool
	}{
		{"an inner width of its own", oldGPT2, `"n_embd"`, `"n_inner":100,"n_embd"`, func(c Config) bool { return c.FFN == 100 }},
		{"a null inner width", oldGPT2, `"n_embd"`, `"n_inner":null,"n_embd"`, func(c Config) bool { return c.FFN == 3072 }},
		{"common names", oldGPT2, `"n_embd":768`, `"hidden_size":384`, func(c Config) bool { return c.Width == 384 && c.HeadDim == 32 }},
		{"the other name of tanh-GELU", oldGPT2, "gelu_new", "gelu_pytorch_tanh", func(c Config) bool { return c.Activation == ActGELUTanh }},
		{"only n_ctx", oldGPT2, `"n_positions":1024,`, ``, func(c Config) bool { return c.Positions == 1024 }},
		{"untied", oldGPT2, `"n_embd"`, `"tie_word_embeddings":false,"n_embd"`, func(c Config) bool { return c.Parameters() == 124_439_808+50257*768 }},
		{"a small vocabulary without the default's end", oldGPT2, `"bos_token_id":50256`, `"bos_token_id":null,"pad_token_id":3`, func(c Config) bool { return c.BOS == NoToken && c.PAD == 3 }},
		{"defaults of another vocabulary", `{"model_type":"gpt2","vocab_size":500}`, `500`, `101`, func(c Config) bool { return c.BOS == NoToken && c.EOS == nil }},
		{"rotary parameters of transformers 5", oldQwen, `"rope_theta":1000000.0`, `"rope_parameters":{"rope_theta":5e5,"rope_type":"default"}`, func(c Config) bool { return c.RopeTheta == 5e5 }},
		{"rotary scaling that does nothing", oldLlama, `"rope_scaling":null`, `"rope_scaling":{"type":"default"}`, func(c Config) bool { return c.RopeTheta == 1e4 }},
		{"wide heads", oldLlama, `"hidden_act"`, `"head_dim":256,"hidden_act"`, func(c Config) bool { return c.HeadDim == 256 }},
		{"no number of key and value heads", oldLlama, `"num_key_value_heads":32,`, ``, func(c Config) bool { return c.KVHeads == 32 }},
		{"null key and value heads", oldQwen, `"num_key_value_heads":2`, `"num_key_value_heads":null`, func(c Config) bool { return c.KVHeads == 14 }},
		{"biases", oldLlama, `"hidden_act"`, `"attention_bias":true,"mlp_bias":true,"hidden_act"`, func(c Config) bool {
			return c.QKVBias && c.ProjBias && c.FFNBias && c.Parameters() == 6_738_415_616+32*(4*4096+2*11008+4096)
		}},
		{"no end", oldQwen, `[151645,151643]`, `[]`, func(c Config) bool { return c.EOS == nil }},
		{"dtype of transformers 5", oldQwen, `"torch_dtype":"bfloat16"`, `"dtype":"float16"`, func(c Config) bool { return c.DType == Float16 }},
		{"two classes by default", oldQwen, "Qwen2ForCausalLM", "Qwen2ForSequenceClassification", func(c Config) bool {
			return c.Head == HeadClasses && cmp.Equal(c.Labels, []string{"LABEL_0", "LABEL_1"}) && c.Parameters() == 494_032_768+2*896
		}},
		{"named classes", oldQwen, `"Qwen2ForCausalLM"]`, `"Qwen2ForSequenceClassification"],"id2label":{"2":"c","0":"a","1":"b"}`, func(c Config) bool {
			return cmp.Equal(c.Labels, []string{"a", "b", "c"})
		}},
		{"a value for each token", oldQwen, `"Qwen2ForCausalLM"]`, `"Qwen2ForSequenceClassification"],"hone_head":"value","num_labels":1`, func(c Config) bool {
			return c.Head == HeadValue && c.Labels == nil && c.Parameters() == 494_032_768+896
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := replace(t, test.text, test.from, test.to)
			c := mustParse(t, text)
			if !test.check(c) {
				t.Errorf("%+v", c)
			}
			roundTrip(t, c)
		})
	}
}

func TestParseConfigRefuses(t *testing.T) {
	for _, test := range []struct {
		name, text, from, to string
		want                 []string
	}{
		{"no JSON", oldGPT2, `{"activation`, `"activation`, []string{"not a JSON object"}},
		{"a list", oldGPT2, oldGPT2, `[1]`, []string{"not a JSON object"}},
		{"null", oldGPT2, oldGPT2, `null`, []string{`"model_type" is missing`}},
		{"no model type", oldGPT2, `"model_type":"gpt2",`, ``, []string{`"model_type" is missing`, "gpt2, llama, qwen2"}},
		{"model type is a number", oldGPT2, `"model_type":"gpt2"`, `"model_type":2`, []string{`"model_type" is 2, a text is wanted`}},
		{"unknown architecture", oldGPT2, `"model_type":"gpt2"`, `"model_type":"gpt-2"`, []string{`architecture "gpt-2" is unknown`, "known: gpt2, llama, qwen2, bert, roberta, hone-bigs, hone-encoder, hone-s4d", `nearest: "gpt2"`}},
		{"newer architecture", oldQwen, `"model_type":"qwen2"`, `"model_type":"qwen3"`, []string{`architecture "qwen3" is unknown`, `nearest: "qwen2"`}},
		{"another GELU", oldGPT2, "gelu_new", "gelu", []string{`"activation_function" is "gelu", only gelu_new or gelu_pytorch_tanh`}},
		{"scale by layer", oldGPT2, `"n_embd"`, `"scale_attn_by_inverse_layer_idx":true,"n_embd"`, []string{`"scale_attn_by_inverse_layer_idx" is true, only false`}},
		{"upcast", oldGPT2, `"n_embd"`, `"reorder_and_upcast_attn":true,"n_embd"`, []string{`"reorder_and_upcast_attn" is true`}},
		{"no scale", oldGPT2, `"n_embd"`, `"scale_attn_weights":false,"n_embd"`, []string{`"scale_attn_weights" is false, only true`}},
		{"an encoder", oldGPT2, `"n_embd"`, `"add_cross_attention":true,"n_embd"`, []string{`"add_cross_attention" is true`}},
		{"llama 3's rotary scaling", oldLlama, `"rope_scaling":null`, `"rope_scaling":{"rope_type":"llama3","factor":8}`, []string{`in "rope_scaling": field "rope_type" is "llama3", only default`}},
		{"linear rotary scaling", oldLlama, `"rope_scaling":null`, `"rope_scaling":{"type":"linear","factor":4}`, []string{`field "type" is "linear"`}},
		{"yarn, transformers 5", oldQwen, `"rope_theta":1000000.0`, `"rope_parameters":{"rope_theta":5e5,"rope_type":"yarn"}`, []string{`in "rope_parameters": field "rope_type" is "yarn"`}},
		{"rotary parameters a layer type", oldQwen, `"rope_theta":1000000.0`, `"rope_parameters":{"full_attention":{"rope_theta":1}}`, []string{`field "full_attention" has parameters of its own`}},
		{"partly rotary", oldLlama, `"hidden_act"`, `"partial_rotary_factor":0.5,"hidden_act"`, []string{`"partial_rotary_factor" is 0.5, only 1`}},
		{"sliding window", oldQwen, `"use_sliding_window":false`, `"use_sliding_window":true`, []string{`"use_sliding_window" is true, only false`}},
		{"sliding layers", oldQwen, `"hidden_act"`, `"layer_types":["full_attention","sliding_attention"],"hidden_act"`, []string{`"sliding_attention" for layer 1`}},
		{"ReLU", oldLlama, `"silu"`, `"relu"`, []string{`"hidden_act" is "relu", only silu`}},
		{"quantized", oldLlama, `"hidden_act"`, `"quantization_config":{"bits":4},"hidden_act"`, []string{`"quantization_config" is set`, "without quantization"}},
		{"a width that is a text", oldGPT2, `"n_embd":768`, `"n_embd":"768"`, []string{`"n_embd" is "768", an integer is wanted`}},
		{"half a layer", oldGPT2, `"n_layer":12`, `"n_layer":1.5`, []string{`"n_layer" is 1.5, an integer is wanted`}},
		{"no layers", oldGPT2, `"n_layer":12`, `"n_layer":0`, []string{`"n_layer" is 0, a positive integer is wanted`}},
		{"negative layers", oldGPT2, `"n_layer":12`, `"n_layer":-3`, []string{`"n_layer" is -3, a positive integer is wanted`}},
		{"overflow", oldGPT2, `"n_embd":768`, `"n_embd":1e400`, []string{`"n_embd" is 1e400, an integer is wanted`}},
		{"huge", oldGPT2, `"vocab_size":50257`, `"vocab_size":4611686018427387904`, []string{"vocabulary: 4611686018427387904 is not between 1 and 16777216"}},
		{"two at once", oldGPT2, `"n_embd":768,"n_head":12`, `"n_embd":"x","n_head":[]`, []string{`"n_embd" is "x"`, `"n_head" is []`}},
		{"uneven heads", oldGPT2, `"n_head":12`, `"n_head":7`, []string{"width 768 is not a multiple of the 7 heads"}},
		{"uneven groups", oldQwen, `"num_key_value_heads":2`, `"num_key_value_heads":4`, []string{"14 heads cannot share 4 key and value heads evenly"}},
		{"odd heads", oldQwen, `"hidden_act"`, `"head_dim":63,"hidden_act"`, []string{"a head of 63 elements is odd"}},
		{"zero epsilon", oldLlama, `"rms_norm_eps":1e-05`, `"rms_norm_eps":0`, []string{"epsilon of the norm: 0"}},
		{"dropout of one", oldGPT2, `"attn_pdrop":0.1`, `"attn_pdrop":1`, []string{"attention dropout: 1 is not"}},
		{"zero base", oldQwen, `"rope_theta":1000000.0`, `"rope_theta":0`, []string{"base of the rotary angles: 0"}},
		{"end outside the vocabulary", oldQwen, `[151645,`, `[151936,`, []string{"eos token 151936 is not in the vocabulary of 151936"}},
		{"beginning outside the vocabulary", oldLlama, `"bos_token_id":1`, `"bos_token_id":32000`, []string{"bos token 32000 is not in the vocabulary of 32000"}},
		{"padding outside the vocabulary", oldLlama, `"pad_token_id":-1`, `"pad_token_id":-2`, []string{"pad token -2 is not in the vocabulary"}},
		{"partly rotary, transformers 5", oldQwen, `"rope_theta":1000000.0`, `"rope_parameters":{"rope_theta":5e5,"partial_rotary_factor":0.25}`, []string{`in "rope_parameters": field "partial_rotary_factor" is 0.25`}},
		{"labels with another number", oldQwen, `"Qwen2ForCausalLM"]`, `"Qwen2ForSequenceClassification"],"id2label":{"0":"a","01":"b"}`, []string{`"id2label" has the key "01"`}},
		{"null in the ends", oldQwen, `[151645,`, `[null,`, []string{`"eos_token_id" has null`}},
		{"float8", oldQwen, "bfloat16", "float8_e4m3fn", []string{`stored as "float8_e4m3fn"`, "known: float32, bfloat16, float16"}},
		{"token classes", oldQwen, "Qwen2ForCausalLM", "Qwen2ForTokenClassification", []string{`"architectures" has "Qwen2ForTokenClassification"`}},
		{"unknown head", oldQwen, `"hidden_act"`, `"hone_head":"tail","hidden_act"`, []string{`head: "tail" is unknown`}},
		{"labels with a hole", oldQwen, `"Qwen2ForCausalLM"]`, `"Qwen2ForSequenceClassification"],"id2label":{"0":"a","2":"b"}`, []string{`"id2label" has the key "2", where 0 to 1`}},
		{"two numbers of labels", oldQwen, `"Qwen2ForCausalLM"]`, `"Qwen2ForSequenceClassification"],"num_labels":3,"id2label":{"0":"a"}`, []string{`"num_labels" is 3, but "id2label" names 1`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, err := ParseConfig([]byte(replace(t, test.text, test.from, test.to)))
			if err == nil {
				t.Fatalf("accepted: %+v", c)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not say %q", err, want)
				}
			}
		})
	}
}

func TestCheckRefusesMixedStyles(t *testing.T) {
	for _, test := range []struct {
		name, text string
		change     func(*Config)
		want       string
	}{
		{"norm", oldGPT2, func(c *Config) { c.Norm = NormRMS }, `norm: "rmsnorm", where gpt2 has "layernorm"`},
		{"grouped heads", oldGPT2, func(c *Config) { c.KVHeads = 2 }, "gpt2 has as many key and value heads"},
		{"wide heads", oldGPT2, func(c *Config) { c.HeadDim = 128 }, "12 heads of 128 are not 768"},
		{"bias", oldQwen, func(c *Config) { c.QKVBias = false }, "bias of queries, keys and values: false, where qwen2 has true"},
		{"half the biases", oldLlama, func(c *Config) { c.QKVBias = true }, "on all of attention's projections or on none"},
		{"a base where positions are learned", oldGPT2, func(c *Config) { c.RopeTheta = 1e4 }, "10000, where positions are learned"},
		{"no labels", oldLlama, func(c *Config) { c.Head = HeadClasses }, "labels: 0 is not between"},
		{"labels of a language model", oldLlama, func(c *Config) { c.Labels = []string{"a"} }, `head "lm" has no labels`},
		{"nothing", oldLlama, func(c *Config) { *c = Config{} }, "layers: 0 is not between 1 and 4096"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := mustParse(t, test.text)
			test.change(&c)
			err := c.Check()
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
			if _, err := c.HF(); err == nil {
				t.Error("HF wrote it")
			}
		})
	}
}

// A model of one's own: sizes that are not said follow from those that are.
func TestDefaultsComplete(t *testing.T) {
	for _, a := range Architectures() {
		c, err := Defaults(a)
		if err != nil {
			t.Fatal(err)
		}
		c.Layers, c.Width, c.Heads, c.KVHeads, c.FFN, c.Vocab, c.Positions = 2, 84, 6, 0, 0, 300, 128
		c.BOS, c.EOS = NoToken, nil
		c.Complete()
		if err := c.Check(); err != nil {
			t.Errorf("%s: %v", a, err)
		}
		if c.KVHeads != 6 || c.HeadDim != 14 || c.FFN != map[Architecture]int{ArchGPT2: 336, ArchLlama: 256, ArchQwen2: 256}[a] {
			t.Errorf("%s: %+v", a, c)
		}
		roundTrip(t, c)
	}
	if _, err := Defaults("mamba"); err == nil || strings.Contains(err.Error(), "nearest") {
		t.Errorf("Defaults(mamba): %v", err)
	}
	if _, err := Defaults("lama"); err == nil || !strings.Contains(err.Error(), `nearest: "llama"`) {
		t.Error(err)
	}
}

// replace fails where from is not there, so that a test cannot pass by a typo.
func replace(t *testing.T, text, from, to string) string {
	t.Helper()
	if !strings.Contains(text, from) {
		t.Fatalf("%q is not in the text", from)
	}
	return strings.Replace(text, from, to, 1)
}

func roundTrip(t *testing.T, c Config) {
	t.Helper()
	data, err := c.HF()
	if err != nil {
		t.Fatal(err)
	}
	again, err := ParseConfig(data)
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	if diff := cmp.Diff(c, again); diff != "" {
		t.Errorf("written and read again: %s\n%s", diff, data)
	}
}

// FuzzParseConfig: never panics; what it accepts passes Check, has a positive
// number of parameters, and is the same when written and read again.
func FuzzParseConfig(f *testing.F) {
	for _, text := range []string{
		oldGPT2, oldQwen, oldLlama, `{}`, `null`, `{"model_type":"llama"}`, `{"model_type":"qwen2","eos_token_id":[]}`,
		`{"model_type":"gpt2","architectures":["GPT2ForSequenceClassification"],"id2label":{"0":"x"}}`,
	} {
		f.Add([]byte(text))
	}
	files, err := filepath.Glob("testdata/*/config.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := ParseConfig(data)
		if err != nil {
			return
		}
		if err := c.Check(); err != nil {
			t.Fatal(err)
		}
		if c.Parameters() <= 0 {
			t.Fatalf("%d parameters", c.Parameters())
		}
		roundTrip(t, c)
	})
}
