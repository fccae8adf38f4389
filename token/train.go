package token

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
)

// TrainOptions says what to train.
type TrainOptions struct {
	// VocabSize is how many tokens to make: the special ones, the 256 bytes and one a
	// merge. It may become fewer where the text has no more pairs to merge.
	VocabSize int
	// MinFrequency is how often a pair must occur to be merged; 0 is 1.
	MinFrequency int
	// Special is the special tokens, which get the first ids in this order. Nil is
	// "<|endoftext|>" alone.
	Special []string
	// Pattern says how text is cut before merging: "gpt2" (the default) or "qwen2", which
	// also composes it (NFC), as Qwen2 does: decoding then gives back composed text.
	// Beside a Qwen2 model, transformers 5 takes any tokenizer for one of this pattern.
	Pattern string
	// Progress, unless nil, is told how far training is: the distinct pieces of text
	// found (total 0: unknown), then the tokens made.
	Progress func(doing string, done, total int)
}

// Phases that Progress is told of.
const (
	Reading = "pieces"
	Merging = "tokens"
)

// Train makes a byte-level BPE tokenizer from docs, one text each, which are read once;
// what is kept is the distinct pre-tokens and how often each occurs.
//
// It does what the BpeTrainer of Hugging Face's tokenizers does, so that the same texts
// give the same merges: the pair that occurs most often is merged first, of equally
// frequent pairs the one with the lower left id, then right id; a pair whose product is
// a token already reuses it. One thing differs: special tokens in a text are no part of
// it but separate it, as they do in encoding.
func Train(ctx context.Context, docs iter.Seq[string], o TrainOptions) (*Tokenizer, error) {
	if o.Special == nil {
		o.Special = []string{"<|endoftext|>"}
	}
	kind, scan := o.Pattern, scanGPT2
	switch o.Pattern {
	case "", "gpt2":
		kind = "gpt2"
	case "qwen2":
		scan = scanQwen2
	default:
		return nil, fmt.Errorf("train a tokenizer: pattern %q: it is gpt2 or qwen2", o.Pattern)
	}
	f := newFile(kind)
	if err := f.addSpecial(o.Special); err != nil {
		return nil, fmt.Errorf("train a tokenizer: %w", err)
	}
	if least := len(f.Model.Vocab) + 256; o.VocabSize < least {
		return nil, fmt.Errorf("train a tokenizer: a vocabulary of %d is too small: special tokens and bytes are %d", o.VocabSize, least)
	}
	if o.VocabSize > maxVocab {
		return nil, fmt.Errorf("train a tokenizer: a vocabulary of %d is too big (at most %d)", o.VocabSize, maxVocab)
	}
	words, err := countWords(ctx, docs, f, scan, o.Progress)
	if err != nil {
		return nil, err
	}
	tr := newTrainer(words, f.Model)
	if err := tr.run(ctx, o); err != nil {
		return nil, err
	}
	data, err := encodeFile(f)
	if err != nil {
		return nil, fmt.Errorf("train a tokenizer: %w", err)
	}
	return Parse(data)
}

// maxVocab bounds ids, so that a pair of them fits 64 bits with room to spare.
const maxVocab = 1 << 24

// addSpecial gives special tokens the first ids.
func (f *file) addSpecial(special []string) error {
	for i, text := range special {
		if text == "" || slices.Contains(special[:i], text) {
			return fmt.Errorf("special token %d %q is empty or comes twice", i, text)
		}
		if raw, ok := unspell(text); ok && len(raw) == 1 {
			return fmt.Errorf("special token %q spells a single byte", text)
		}
		f.Model.Vocab = append(f.Model.Vocab, vocabEntry{text, int32(i)})
		f.AddedTokens = append(f.AddedTokens, Added{ID: int32(i), Content: text, Special: true})
	}
	return nil
}

// countWords counts pre-tokens. A special token in a text separates it, as in encoding.
func countWords(ctx context.Context, docs iter.Seq[string], f *file, scan scanner, progress func(string, int, int)) (map[string]int64, error) {
	var tokens []*Added
	for i := range f.AddedTokens {
		tokens = append(tokens, &f.AddedTokens[i])
	}
	m := newMatcher(tokens, func(a *Added) string { return a.Content })
	counts := map[string]*int64{}
	for doc := range docs {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		m.split(doc, func(part string, a *Added) {
			if a != nil {
				return
			}
			if f.Normalizer != nil {
				part, _ = nfc(part)
			}
			scan.split(part, func(piece string) {
				if n, ok := counts[piece]; ok {
					*n++
				} else {
					n := int64(1)
					counts[strings.Clone(piece)] = &n // the document can go
				}
			})
		})
		if progress != nil {
			progress(Reading, len(counts), 0)
		}
	}
	if len(counts) == 0 {
		return nil, errors.New("train a tokenizer: there is no text")
	}
	words := make(map[string]int64, len(counts))
	for piece, n := range maps.All(counts) {
		words[piece] = *n
	}
	return words, nil
}

// trainer merges pairs in all words at once, and keeps count of the pairs.
type trainer struct {
	model  *modelFile
	pieces []string         // [vocab] by id
	ids    map[string]int32 // of pieces
	words  [][]int32        // the symbols of each distinct pre-token
	counts []int64          // how often each occurs
	pairs  map[uint64]int64 // how often each pair occurs; what a merge leaves stale is not looked at
	queue  candidates
}

// candidate is a pair that may be merged next.
type candidate struct {
	pair  uint64
	count int64   // when it was queued: an upper bound, since later merges only take away
	words []int32 // where it may occur
}

func newTrainer(words map[string]int64, m *modelFile) *trainer {
	t := &trainer{model: m, ids: map[string]int32{}, pairs: map[uint64]int64{}}
	for _, v := range m.Vocab {
		t.add(v.piece)
	}
	sorted := slices.Clone(alphabet[:])
	slices.Sort(sorted)
	var bytes [256]int32
	for _, r := range sorted {
		bytes[byteOf[r]] = t.add(string(r))
	}
	where := map[uint64][]int32{}
	for _, text := range slices.Sorted(maps.Keys(words)) {
		if len(text) < 2 {
			continue
		}
		word, n := make([]int32, len(text)), words[text]
		for i := range len(text) {
			word[i] = bytes[text[i]]
		}
		w := int32(len(t.words))
		t.words, t.counts = append(t.words, word), append(t.counts, n)
		for i := 1; i < len(word); i++ {
			pair := pairKey(word[i-1], word[i])
			t.pairs[pair] += n
			addWord(where, pair, w)
		}
	}
	t.enqueue(where)
	return t
}

// addWord notes that pair occurs in the word w; the words come one after the other.
func addWord(where map[uint64][]int32, pair uint64, w int32) {
	if l := where[pair]; len(l) == 0 || l[len(l)-1] != w {
		where[pair] = append(l, w)
	}
}

// add returns the id of piece, a new one unless it has one.
func (t *trainer) add(piece string) int32 {
	if id, ok := t.ids[piece]; ok {
		return id
	}
	id := int32(len(t.pieces))
	t.pieces, t.ids[piece] = append(t.pieces, piece), id
	return id
}

func (t *trainer) enqueue(where map[uint64][]int32) {
	for pair, words := range where {
		if n := t.pairs[pair]; n > 0 {
			t.queue.push(candidate{pair, n, words})
		}
	}
}

// run merges until the vocabulary is full or no pair is frequent enough.
func (t *trainer) run(ctx context.Context, o TrainOptions) error {
	least := int64(max(o.MinFrequency, 1))
	where := map[uint64][]int32{}
	for len(t.pieces) < o.VocabSize && len(t.queue) > 0 {
		top := t.queue.pop()
		if n := t.pairs[top.pair]; n != top.count {
			top.count = n
			t.queue.push(top)
			continue
		}
		if top.count < least {
			break
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		a, b := int32(top.pair>>32), int32(uint32(top.pair))
		made := t.add(t.pieces[a] + t.pieces[b])
		t.model.Merges = append(t.model.Merges, [2]string{t.pieces[a], t.pieces[b]})
		clear(where)
		for _, w := range top.words {
			t.merge(w, a, b, made, where)
		}
		t.enqueue(where)
		if o.Progress != nil {
			o.Progress(Merging, len(t.pieces), o.VocabSize)
		}
	}
	for id := len(t.model.Vocab); id < len(t.pieces); id++ {
		t.model.Vocab = append(t.model.Vocab, vocabEntry{t.pieces[id], int32(id)})
	}
	return nil
}

// merge replaces a b by made in the word w, and counts what that changes: the pairs that
// are gone, and those that are new, which where collects.
func (t *trainer) merge(w, a, b, made int32, where map[uint64][]int32) {
	word, n := t.words[w], t.counts[w]
	out := word[:0]
	for i := 0; i < len(word); i++ {
		if word[i] != a || i+1 == len(word) || word[i+1] != b {
			out = append(out, word[i])
			continue
		}
		if len(out) > 0 {
			left := out[len(out)-1]
			t.pairs[pairKey(left, a)] -= n
			t.pairs[pairKey(left, made)] += n
			addWord(where, pairKey(left, made), w)
		}
		out = append(out, made)
		i++
		if i+1 < len(word) {
			right := word[i+1]
			t.pairs[pairKey(b, right)] -= n
			t.pairs[pairKey(made, right)] += n
			addWord(where, pairKey(made, right), w)
		}
	}
	t.words[w] = out
}

// candidates is a heap, the best first.
type candidates []candidate

// before says which of two pairs is merged first.
func before(a, b *candidate) bool {
	if a.count != b.count {
		return a.count > b.count
	}
	return a.pair < b.pair
}

func (q *candidates) push(c candidate) {
	h := append(*q, c)
	i := len(h) - 1
	for i > 0 && before(&h[i], &h[(i-1)/2]) {
		h[i], h[(i-1)/2] = h[(i-1)/2], h[i]
		i = (i - 1) / 2
	}
	*q = h
}

func (q *candidates) pop() candidate {
	h := *q
	top, n := h[0], len(h)-1
	h[0], h[n] = h[n], candidate{}
	for i := 0; ; {
		c := 2*i + 1
		if c >= n {
			break
		}
		if c+1 < n && before(&h[c+1], &h[c]) {
			c++
		}
		if !before(&h[c], &h[i]) {
			break
		}
		h[i], h[c] = h[c], h[i]
		i = c
	}
	*q = h[:n]
	return top
}
