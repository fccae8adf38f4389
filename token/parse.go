package token

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
)

// Parse reads a tokenizer.json. What it refuses it names by its place in the file.
func Parse(data []byte) (*Tokenizer, error) {
	t, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("tokenizer.json: %w", err)
	}
	t.customary(nil)
	return t, nil
}

func parse(data []byte) (*Tokenizer, error) {
	var f file
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, explainJSON(data, err)
	}
	t := &Tokenizer{file: data, unknown: None, special: Special{None, None, None, None, None, None, None}}
	pieces, err := t.loadVocabulary(f.Model)
	if err != nil {
		return nil, err
	}
	if err := t.loadModel(f.Model, pieces); err != nil {
		return nil, err
	}
	if err := t.loadNormalizer(f.Normalizer); err != nil {
		return nil, err
	}
	if err := t.loadAdded(f.AddedTokens, pieces); err != nil {
		return nil, err
	}
	if err := t.loadPreTokenizer(f.PreTokenizer); err != nil {
		return nil, err
	}
	if err := t.loadPostProcessor(f.PostProcessor); err != nil {
		return nil, err
	}
	if err := checkDecoder(f.Decoder); err != nil {
		return nil, err
	}
	t.findAdded(f.AddedTokens)
	t.identity = identity(&f)
	return t, nil
}

// explainJSON says where in data reading failed.
func explainJSON(data []byte, err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		if syntax.Offset >= int64(len(data)) {
			return fmt.Errorf("%w after %d bytes (is the file cut off?)", io.ErrUnexpectedEOF, len(data))
		}
		return fmt.Errorf("byte %d: %w", syntax.Offset, err)
	}
	return err
}

// loadVocabulary fills entries and ids, and returns the id of each piece.
func (t *Tokenizer) loadVocabulary(f *modelFile) (map[string]int32, error) {
	switch {
	case f == nil:
		return nil, errors.New("model is missing (is this a tokenizer.json?)")
	case f.Type != "" && f.Type != "BPE":
		return nil, fmt.Errorf("model: type %q is not supported (byte-level BPE only)", f.Type)
	case len(f.Vocab) == 0:
		return nil, errors.New("model.vocab is empty")
	}
	last := f.Vocab[len(f.Vocab)-1]
	if err := t.grow(last.id, len(f.Vocab)); err != nil {
		return nil, fmt.Errorf("model.vocab: %q: %w", last.piece, err)
	}
	pieces := make(map[string]int32, len(f.Vocab))
	t.ids = make(map[string]int32, len(f.Vocab))
	for _, v := range f.Vocab {
		text, spelled := unspell(v.piece)
		if !spelled {
			text = v.piece
		}
		t.entries[v.id] = entry{v.piece, text, model}
		pieces[v.piece] = v.id
		if _, taken := t.ids[text]; spelled || !taken {
			t.ids[text] = v.id
		}
	}
	return pieces, nil
}

// loadModel fills model.
func (t *Tokenizer) loadModel(f *modelFile, pieces map[string]int32) error {
	switch {
	case f.ByteFallback:
		return errors.New("model.byte_fallback: true is not supported (byte-level BPE only)")
	case f.Dropout != nil && *f.Dropout != 0:
		return fmt.Errorf("model.dropout: %v is not supported: ids would be random", *f.Dropout)
	case f.Prefix != nil && *f.Prefix != "":
		return fmt.Errorf("model.continuing_subword_prefix: %q is not supported", *f.Prefix)
	case f.Suffix != nil && *f.Suffix != "":
		return fmt.Errorf("model.end_of_word_suffix: %q is not supported", *f.Suffix)
	}
	m := &t.model
	m.seed, m.fuse = maphash.MakeSeed(), f.FuseUnk
	if f.UnkToken != nil && *f.UnkToken != "" {
		id, ok := pieces[*f.UnkToken]
		if !ok {
			return fmt.Errorf("model.unk_token: %q is not in the vocabulary", *f.UnkToken)
		}
		t.unknown = id
	}
	for b, r := range alphabet {
		id, ok := pieces[string(r)]
		if !ok {
			if t.unknown == None {
				return fmt.Errorf("model.vocab lacks %q, the byte 0x%02X, and there is no unk_token: text with it would be lost (train with all 256 bytes in the alphabet)", string(r), b)
			}
			id, m.missing[b], m.lossy = t.unknown, true, true
		}
		m.bytes[b] = id
	}
	m.ranks, m.product = newPairTable(len(f.Merges)), make([]int32, len(f.Merges))
	for rank, pair := range f.Merges {
		var ids [2]int32
		for i, piece := range pair {
			id, ok := pieces[piece]
			if !ok {
				return fmt.Errorf("model.merges[%d]: %q is not in the vocabulary", rank, piece)
			}
			ids[i] = id
		}
		made, ok := pieces[pair[0]+pair[1]]
		if !ok {
			return fmt.Errorf("model.merges[%d]: %q and %q make %q, which is not in the vocabulary", rank, pair[0], pair[1], pair[0]+pair[1])
		}
		m.product[rank] = made
		m.ranks.put(ids[0], ids[1], int32(rank))
	}
	if f.IgnoreMerges {
		m.whole = make(map[string]int32, len(f.Vocab))
		for _, v := range f.Vocab {
			if text, ok := unspell(v.piece); ok && text != "" {
				m.whole[text] = v.id
			}
		}
	}
	return nil
}

// sparse bounds how many ids may be without a token, so that a stray id does not become gigabytes.
const sparse = 1 << 16

// grow makes entries for ids up to highest, of which n have a token.
func (t *Tokenizer) grow(highest int32, n int) error {
	if highest < 0 || int(highest) >= 2*n+sparse {
		return fmt.Errorf("the id %d is too high for %d tokens", highest, n)
	}
	if more := int(highest) + 1 - len(t.entries); more > 0 {
		t.entries = append(t.entries, make([]entry, more)...)
	}
	return nil
}

// loadAdded adds the added tokens to entries and ids; pieces has the id of each piece
// of the vocabulary.
func (t *Tokenizer) loadAdded(tokens []Added, pieces map[string]int32) error {
	n := len(t.entries) + len(tokens)
	for i, a := range tokens {
		at := fmt.Sprintf("added_tokens[%d] %q", i, a.Content)
		if err := t.grow(a.ID, n); err != nil {
			return fmt.Errorf("%s: %w", at, err)
		}
		e := &t.entries[a.ID]
		switch {
		case e.kind >= added:
			return fmt.Errorf("%s: %q has the same id %d", at, e.text, a.ID)
		case e.kind == model && e.piece != a.Content:
			return fmt.Errorf("%s: the vocabulary has %q at its id %d", at, e.piece, a.ID)
		}
		// Hugging Face lets the vocabulary's id win, whatever the file says.
		if id, ok := pieces[a.Content]; ok && id != a.ID {
			return fmt.Errorf("%s: it has the id %d here and %d elsewhere", at, a.ID, id)
		}
		if text, ok := unspell(a.Content); ok && e.kind == model && text != a.Content {
			return fmt.Errorf("%s: it is how the vocabulary spells %q, both of which cannot have the id %d", at, text, a.ID)
		}
		pieces[a.Content] = a.ID
		*e = entry{a.Content, t.found(a), added}
		if a.Special {
			e.kind = control
		}
		t.ids[a.Content] = a.ID
	}
	return nil
}

// findAdded builds what finds added tokens in a text.
func (t *Tokenizer) findAdded(tokens []Added) {
	var raw, normalized []*Added
	for i := range tokens {
		if tokens[i].Normalized {
			normalized = append(normalized, &tokens[i])
		} else {
			raw = append(raw, &tokens[i])
		}
	}
	t.raw = newMatcher(raw, func(a *Added) string { return a.Content })
	t.normalized = newMatcher(normalized, func(a *Added) string { return t.found(*a) })
}

// found is what an added token is found as in a text.
func (t *Tokenizer) found(a Added) string {
	if a.Normalized && t.compose {
		s, _ := nfc(a.Content)
		return s
	}
	return a.Content
}

// identity is what decides on ids, besides the entries, as a hash of canonical text.
func identity(f *file) string {
	type how struct {
		Added           []Added
		Normalizer      *component
		PreTokenizer    *component
		PostProcessor   *component
		Merges          mergeList
		Unk             *string
		Fuse, NoMerging bool
	}
	h := sha256.New()
	// What was read from JSON can be written as JSON, and a hash takes everything.
	_ = json.NewEncoder(h).Encode(how{
		f.AddedTokens, f.Normalizer, f.PreTokenizer, f.PostProcessor, f.Model.Merges,
		f.Model.UnkToken, f.Model.FuseUnk, f.Model.IgnoreMerges,
	})
	return hex.EncodeToString(h.Sum(nil))
}
