package token

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

// trainings is what Hugging Face's BpeTrainer made of small corpora; testdata/gen/train.py wrote it.
type trainings struct {
	Cases []struct {
		Name         string
		Docs         []string
		Pattern      string
		VocabSize    int `json:"vocab_size"`
		MinFrequency int `json:"min_frequency"`
		Special      []string
		Vocab        []string // by id
		Merges       [][2]string
	}
}

func readTrainings(t testing.TB) (g trainings) {
	t.Helper()
	if err := readGzip("testdata/train.json.gz", &g); err != nil {
		t.Fatal(err)
	}
	return g
}

func TestTrainGolden(t *testing.T) {
	for _, c := range readTrainings(t).Cases {
		t.Run(c.Name, func(t *testing.T) {
			tk, err := Train(t.Context(), slices.Values(c.Docs), TrainOptions{
				VocabSize: c.VocabSize, MinFrequency: c.MinFrequency, Special: c.Special, Pattern: c.Pattern,
			})
			if err != nil {
				t.Fatal(err)
			}
			var f file
			if err := json.Unmarshal(tk.file, &f); err != nil {
				t.Fatal(err)
			}
			for i, want := range c.Merges {
				if i >= len(f.Model.Merges) || f.Model.Merges[i] != want {
					t.Fatalf("merge %d: got %q, want %q", i, f.Model.Merges[i:], want)
				}
			}
			if len(f.Model.Merges) != len(c.Merges) || tk.Size() != len(c.Vocab) {
				t.Fatalf("%d merges and %d tokens, want %d and %d", len(f.Model.Merges), tk.Size(), len(c.Merges), len(c.Vocab))
			}
			for id, piece := range c.Vocab {
				if got := tk.Piece(int32(id)); got != piece {
					t.Fatalf("token %d is %q, want %q", id, got, piece)
				}
			}
			for _, doc := range c.Docs {
				if c.Pattern == "qwen2" {
					doc = norm.NFC.String(doc)
				}
				if got := tk.Decode(tk.Encode(doc)); got != doc {
					t.Fatalf("Decode(Encode(%q)) = %q", doc, got)
				}
			}
		})
	}
}

// The order of the documents makes no difference, and special tokens are not part of the text.
func TestTrainOrderAndSpecial(t *testing.T) {
	docs := readTrainings(t).Cases[0].Docs
	train := func(docs []string) *Tokenizer {
		t.Helper()
		tk, err := Train(t.Context(), slices.Values(docs), TrainOptions{VocabSize: 400})
		if err != nil {
			t.Fatal(err)
		}
		return tk
	}
	want := train(docs)
	reversed := slices.Clone(docs)
	slices.Reverse(reversed)
	if train(reversed).Fingerprint() != want.Fingerprint() {
		t.Error("reversed documents give another tokenizer")
	}
	if train([]string{strings.Join(docs, "<|endoftext|>")}).Fingerprint() != want.Fingerprint() {
		t.Error("documents joined by the special token give another tokenizer")
	}
	if s := want.Special(); s.EOS != 0 || s.BOS != None || s.PAD != None {
		t.Errorf("special tokens: %+v", s)
	}
}

func TestTrainRefuses(t *testing.T) {
	text := slices.Values([]string{"some text"})
	for _, c := range []struct {
		options TrainOptions
		want    string
	}{
		{TrainOptions{VocabSize: 256}, "a vocabulary of 256 is too small: special tokens and bytes are 257"},
		{TrainOptions{VocabSize: 1 << 30}, "too big"},
		{TrainOptions{VocabSize: 300, Pattern: "bert"}, `pattern "bert": it is gpt2 or qwen2`},
		{TrainOptions{VocabSize: 300, Special: []string{"<s>", "<s>"}}, `special token 1 "<s>" is empty or comes twice`},
		{TrainOptions{VocabSize: 300, Special: []string{""}}, "is empty"},
		{TrainOptions{VocabSize: 300, Special: []string{"x"}}, "spells a single byte"},
	} {
		if _, err := Train(t.Context(), text, c.options); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.options, err, c.want)
		}
	}
	for _, docs := range [][]string{nil, {""}, {"<|endoftext|>"}} {
		if _, err := Train(t.Context(), slices.Values(docs), TrainOptions{VocabSize: 300}); err == nil || !strings.Contains(err.Error(), "there is no text") {
			t.Errorf("train on %q: %v", docs, err)
		}
	}
}

// Cancelled while it reads, and while it merges.
func TestTrainCancelled(t *testing.T) {
	docs := readTrainings(t).Cases[0].Docs
	for _, phase := range []string{Reading, Merging} {
		ctx, cancel := context.WithCancel(t.Context())
		calls := 0
		_, err := Train(ctx, slices.Values(docs), TrainOptions{VocabSize: 400, Progress: func(doing string, _, _ int) {
			if doing == phase {
				calls++
				cancel()
			}
		}})
		if !errors.Is(err, context.Canceled) || calls != 1 {
			t.Errorf("cancelled while it counts %s: %v after %d more calls", phase, err, calls)
		}
	}
}
