package generate

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"hone/model"
	"hone/model/safetensors"
	"hone/tensor"
	"hone/tensor/cpu"
	"hone/token"
)

// letters is a tokenizer of the 256 bytes alone, and the end of text.
func letters(t testing.TB) *token.Tokenizer {
	t.Helper()
	tok, err := token.Train(context.Background(), slices.Values([]string{"a"}), token.TrainOptions{VocabSize: 257})
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func small(t testing.TB, arch model.Architecture) *model.Model {
	t.Helper()
	c, err := model.Defaults(arch)
	if err != nil {
		t.Fatal(err)
	}
	c.Layers, c.Width, c.Heads, c.KVHeads, c.FFN, c.Vocab, c.Positions, c.InitStd = 2, 48, 6, 0, 64, 257, 96, .3
	if arch != model.ArchGPT2 {
		c.KVHeads = 2
	}
	c.BOS, c.EOS = model.NoToken, []int{0}
	c.Complete()
	m, err := model.New(c, rand.New(rand.NewPCG(5, 5)))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func local(t testing.TB, m *model.Model, o LocalOptions) *Local {
	t.Helper()
	l, err := NewLocal(m, letters(t), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// TestGreedyGolden continues transformers' prompts as transformers does.
func TestGreedyGolden(t *testing.T) {
	for _, name := range []string{"gpt2", "llama", "qwen2"} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join("..", "model", "testdata", name)
			m, err := model.Load(dir, model.LoadOptions{})
			if err != nil {
				t.Fatal(err)
			}
			f, err := safetensors.Open(filepath.Join(dir, "golden.safetensors"))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			ints := func(name string) []int64 {
				x, err := f.Int64(name)
				if err != nil {
					t.Fatal(err)
				}
				return x
			}
			prompts, lengths, tokens := ints("generate.prompts"), ints("generate.lengths"), ints("generate.tokens")
			logprobs, err := f.Float32("generate.logprobs")
			if err != nil {
				t.Fatal(err)
			}
			if err := m.Pack(tensor.F32, 1); err != nil {
				t.Fatal(err)
			}
			l := &Local{tok: letters(t), context: m.Positions, ends: map[int32]bool{}}
			e := newTestEngine(t, m, 3)
			var seqs []*sequence
			var all []prompt
			width := len(prompts) / len(lengths)
			for i, n := range lengths {
				var tokens []int32
				for _, id := range prompts[i*width : i*width+int(n)] {
					tokens = append(tokens, int32(id))
				}
				g := newGroup(context.Background(), l, Request{N: 1, MaxTokens: 12, LogProbs: true}, tokens)
				all = append(all, prompt{i, tokens[:n-1]})
				seqs = append(seqs, g.start(0, i))
			}
			if err := e.prefill(context.Background(), all); err != nil {
				t.Fatal(err)
			}
			for range 12 {
				ids, lps, err := e.step(context.Background(), seqs)
				if err != nil {
					t.Fatal(err)
				}
				for i, s := range seqs {
					s.take(ids[i], lps[i])
				}
			}
			for i, s := range seqs {
				for j, tok := range s.g.completions[0].Tokens {
					k := i*12 + j
					if int64(tok.ID) != tokens[k] || math.Abs(float64(tok.LogProb-logprobs[k])) > 1e-4 {
						t.Fatalf("prompt %d, token %d: %d with log-probability %v, transformers says %d with %v", i, j, tok.ID, tok.LogProb, tokens[k], logprobs[k])
					}
				}
			}
		})
	}
}

// TestAlone checks that a request gives the same whatever else is in the batch,
// however many slots and threads there are.
func TestAlone(t *testing.T) {
	for _, arch := range []model.Architecture{model.ArchGPT2, model.ArchLlama} {
		for _, as := range []tensor.DType{tensor.F32, tensor.BF16, tensor.I8} {
			t.Run(fmt.Sprint(arch, as), func(t *testing.T) {
				r := Request{Prompt: "hello world", N: 5, MaxTokens: 40, Temperature: 1, TopP: .95, Seed: 9, LogProbs: true}
				want, err := local(t, small(t, arch), LocalOptions{Slots: 1, Threads: 1, Weights: as}).Generate(context.Background(), r)
				if err != nil {
					t.Fatal(err)
				}
				l := local(t, small(t, arch), LocalOptions{Slots: 7, Threads: 2, Weights: as})
				var wg sync.WaitGroup
				for i := range 6 {
					wg.Go(func() {
						if i > 0 { // the others
							o := Request{Prompt: "other"[:i%5], N: i, MaxTokens: 10 * i, Temperature: .7, Seed: uint64(i)}
							if _, err := l.Generate(context.Background(), o); err != nil {
								t.Error(err)
							}
							return
						}
						got, err := l.Generate(context.Background(), r)
						if err != nil {
							t.Error(err)
							return
						}
						if fmt.Sprint(got) != fmt.Sprint(want) {
							t.Errorf("in a batch: %v, alone: %v", got, want)
						}
					})
				}
				wg.Wait()
			})
		}
	}
}

func TestLocalEnds(t *testing.T) {
	l := local(t, small(t, model.ArchLlama), LocalOptions{Slots: 2, Context: 50})
	ctx := context.Background()
	cs, err := l.Generate(ctx, Request{Prompt: "abc", N: 2, MaxTokens: 1000, Temperature: 1, Seed: 4})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cs {
		if c.Finish == FinishLength && c.Usage.Completion != 47 {
			t.Errorf("a context of 50 held 3 + %d tokens", c.Usage.Completion)
		}
	}
	cancelled, cancel := context.WithCancel(ctx)
	r := Request{Prompt: "abc", N: 1, MaxTokens: 40, Temperature: 1, OnPiece: func(int, Piece) { cancel() }}
	if _, err := l.Generate(cancelled, r); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled request gave %v", err)
	}
	if _, err := l.Generate(ctx, Request{Prompt: string(make([]byte, 60)), N: 1, MaxTokens: 1}); err == nil {
		t.Error("a prompt longer than the context was taken")
	}
	if _, err := l.Generate(ctx, Request{Messages: []Message{{"user", "hi"}}, N: 1, MaxTokens: 1}); err == nil {
		t.Error("messages were taken without a chat template")
	}
	if _, err := l.Generate(ctx, Request{N: 1, MaxTokens: 3}); err != nil {
		t.Errorf("an empty prompt: %v", err)
	}
	l.Close()
	if _, err := l.Generate(ctx, Request{Prompt: "a", N: 1, MaxTokens: 1}); err == nil {
		t.Error("a closed model was asked")
	}
}

// TestSampling compares frequencies with the softmax.
func TestSampling(t *testing.T) {
	l := local(t, small(t, model.ArchLlama), LocalOptions{Slots: 64})
	ctx := context.Background()
	cs, err := l.Generate(ctx, Request{Prompt: "x", N: 4000, MaxTokens: 1, Temperature: 1, LogProbs: true})
	if err != nil {
		t.Fatal(err)
	}
	count, p := map[int32]int{}, map[int32]float64{}
	for _, c := range cs {
		count[c.Tokens[0].ID]++
		p[c.Tokens[0].ID] = math.Exp(float64(c.Tokens[0].LogProb))
	}
	for id, n := range count {
		want, sd := 4000*p[id], math.Sqrt(4000*p[id]*(1-p[id]))
		if math.Abs(float64(n)-want) > 5*sd+3 {
			t.Errorf("token %d was drawn %d times of 4000, its probability is %v", id, n, p[id])
		}
	}
	top, err := l.Generate(ctx, Request{Prompt: "x", N: 200, MaxTokens: 1, Temperature: 1, TopK: 2, LogProbs: true})
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[int32]bool{}
	for _, c := range top {
		kinds[c.Tokens[0].ID] = true
	}
	if len(kinds) > 2 {
		t.Errorf("top-k 2 drew %d kinds of tokens", len(kinds))
	}
}

func newTestEngine(t testing.TB, m *model.Model, slots int) *engine {
	dev := cpu.New(2)
	t.Cleanup(dev.Close)
	return newEngine(m, dev, slots, m.Positions)
}

// TestMoreEnds reads the ends of a text from generation_config.json.
func TestMoreEnds(t *testing.T) {
	for content, want := range map[string]string{
		`{"eos_token_id": 7}`: "", `{"eos_token_id": [7, 9]}`: "", `{"eos_token_id": null}`: "", `{}`: "",
		`{"eos_token_id": "x"}`: "a number or a list of numbers", `{"eos_token_id": 900}`: "outside the vocabulary of 257", `{`: "unexpected end",
	} {
		dir := t.TempDir()
		if err := small(t, model.ArchLlama).Save(dir, ""); err != nil {
			t.Fatal(err)
		}
		if err := letters(t).Save(dir); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "generation_config.json"), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		l, err := OpenLocal(dir, LocalOptions{Slots: 1})
		if err == nil {
			if strings.Contains(content, "7") && !l.ends[7] {
				t.Errorf("%s: 7 does not end a text", content)
			}
			l.Close()
		}
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: the error is %v, it should say %q", content, err, want)
		}
	}
}

func TestWrongTokenizer(t *testing.T) {
	m, err := model.Load(filepath.Join("..", "model", "testdata", "llama"), model.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewLocal(m, letters(t), LocalOptions{}); err == nil || !strings.Contains(err.Error(), "the tokenizer has 257 tokens, the model's vocabulary 67") {
		t.Errorf("a tokenizer that does not match gave %v", err)
	}
}

// TestSquareCache has as many positions in the cache as a head has elements, so that
// keys and values have one shape.
func TestSquareCache(t *testing.T) {
	open := func(slots int) *Local {
		c := small(t, model.ArchLlama).Config
		c.HeadDim = 32
		m, err := model.New(c, rand.New(rand.NewPCG(5, 5)))
		if err != nil {
			t.Fatal(err)
		}
		l := local(t, m, LocalOptions{Slots: slots, Context: 16})
		if room := l.engine.cache.Room; room != c.HeadDim {
			t.Fatalf("the cache has %d positions", room)
		}
		return l
	}
	r := Request{Prompt: "hello", N: 3, MaxTokens: 10, Temperature: 1, Seed: 9, LogProbs: true}
	var got [2][]Completion
	for i, slots := range []int{1, 3} {
		var err error
		if got[i], err = open(slots).Generate(context.Background(), r); err != nil {
			t.Fatal(err)
		}
	}
	if fmt.Sprint(got[0]) != fmt.Sprint(got[1]) {
		t.Errorf("with a shared prompt: %v, without: %v", got[1], got[0])
	}
}

// TestNotFinite asks a model whose weights are damaged.
func TestNotFinite(t *testing.T) {
	m := small(t, model.ArchLlama)
	m.Param("norm.gain").F32[3] = float32(math.NaN())
	_, err := local(t, m, LocalOptions{Slots: 2}).Generate(context.Background(), Request{Prompt: "a", N: 5, MaxTokens: 8})
	if !errors.Is(err, errNotFinite) {
		t.Errorf("the error is %v", err)
	}
}
