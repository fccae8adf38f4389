package token

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// naive merges as the definition says: the pair of the lowest rank, leftmost first.
func naive(m *bpe, s string) []int32 {
	var ids []int32
	for i := range len(s) {
		ids = append(ids, m.bytes[s[i]])
	}
	for {
		best, at := int32(noMerge), 0
		for i := 1; i < len(ids); i++ {
			if r := m.ranks.get(ids[i-1], ids[i]); r < best {
				best, at = r, i-1
			}
		}
		if best == noMerge {
			return ids
		}
		ids = slices.Replace(ids, at, at+2, m.product[best])
	}
}

// Scanning, the heap and the cache give what the definition gives.
func TestMerge(t *testing.T) {
	tk := parsed(t)["gpt2"]
	m := &tk.model
	var w work
	rapid.Check(t, func(t *rapid.T) {
		unit := rapid.SampledFrom([]string{"a", " ", "=", "self", "return", "ab", "é", "語", "\n", "in", "ing", "th"})
		s := strings.Join(rapid.SliceOfN(unit, 1, 90).Draw(t, "parts"), "")
		want := naive(m, s)
		for range 2 { // the second time from the cache
			if got := m.append([]int32{7}, s, &w); got[0] != 7 || !slices.Equal(got[1:], want) {
				t.Fatalf("%q: got %v, want %v", s, got[1:], want)
			}
		}
	})
}

// A long piece without a place to cut it takes n log n, not n².
func TestMergeLong(t *testing.T) {
	tk := parsed(t)["gpt2"]
	s := strings.Repeat("ab", 1<<20)
	tokens := tk.Tokens(s)
	wantContiguous(t, s, tokens)
	var w work
	if short := s[:600]; !slices.Equal(slices.Clone(tk.model.merge(short, &w)), naive(&tk.model, short)) {
		t.Error("long pieces are merged in another order")
	}
}

func TestPairTable(t *testing.T) {
	const n = 5000
	table, want := newPairTable(n), map[[2]int32]int32{}
	rng := rand.New(rand.NewPCG(1, 2))
	for rank := range int32(n) {
		pair := [2]int32{rng.Int32N(300), rng.Int32N(300)}
		want[pair] = rank
		table.put(pair[0], pair[1], rank)
	}
	for a := range int32(300) {
		for b := range int32(300) {
			rank, ok := want[[2]int32{a, b}]
			if !ok {
				rank = noMerge
			}
			if got := table.get(a, b); got != rank {
				t.Fatalf("%d %d: got %d, want %d", a, b, got, rank)
			}
		}
	}
}

// pythonSource is some megabytes of the Python library of this machine.
func pythonSource(b *testing.B) (docs []string, size int64) {
	paths, _ := filepath.Glob("/usr/lib/python3*/*.py")
	for _, path := range paths {
		if data, err := os.ReadFile(path); err == nil {
			docs, size = append(docs, string(data)), size+int64(len(data))
		}
	}
	if size < 1<<20 {
		b.Skip("NOT RUN: there is no Python library in /usr/lib")
	}
	return docs, size
}

func BenchmarkEncode(b *testing.B) {
	docs, size := pythonSource(b)
	for _, pattern := range []string{"gpt2", "qwen2"} {
		tk, err := Train(b.Context(), slices.Values(docs), TrainOptions{VocabSize: 16384, Pattern: pattern})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(pattern, func(b *testing.B) {
			b.SetBytes(size)
			var ids []int32
			for b.Loop() {
				for _, doc := range docs {
					ids = tk.AppendEncode(ids[:0], doc)
				}
			}
		})
		b.Run(pattern+"-spans", func(b *testing.B) {
			b.SetBytes(size)
			for b.Loop() {
				for _, doc := range docs {
					tk.Tokens(doc)
				}
			}
		})
	}
}

func BenchmarkTrain(b *testing.B) {
	docs, size := pythonSource(b)
	b.SetBytes(size)
	for b.Loop() {
		if _, err := Train(b.Context(), slices.Values(docs), TrainOptions{VocabSize: 2048}); err != nil {
			b.Fatal(err)
		}
	}
}
