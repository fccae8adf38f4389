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
	if err := t.loadNormalizer("normalizer", f.Normalizer); err != nil {
		return nil, err
	}
	if err := t.loadAdded(f.AddedTokens, pieces); err != nil {
		return nil, err
	}
	if err := t.loadPreTokenizer(f.PreTokenizer); err != nil {
		return nil, err
	}
	if err := t.loadPostProcessor("post_processor", f.PostProcessor); err != nil {
		return nil, err
	}
	if err := checkDecoder("decoder", f.Decoder); err != nil {
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

func (t *Tokenizer) loadNormalizer(at string, c *component) error {
	switch {
	case c == nil:
		return nil
	case c.Type == "NFC":
		t.compose = true
		return nil
	case c.Type == "Sequence":
		for i, part := range c.Normalizers {
			if err := t.loadNormalizer(fmt.Sprintf("%s.normalizers[%d]", at, i), part); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("%s: type %q is not supported (NFC or none)", at, c.Type)
}

// loadPreTokenizer wants ByteLevel at the end, after Split and Digits.
func (t *Tokenizer) loadPreTokenizer(c *component) error {
	const at = "pre_tokenizer"
	if c == nil {
		return errors.New(at + " is missing: byte-level BPE needs one of type ByteLevel")
	}
	places, parts := flatten(at, c, "pretokenizers", func(c *component) []*component { return c.PreTokenizers })
	for i, part := range parts {
		last := i == len(parts)-1
		switch {
		case part == nil:
			return fmt.Errorf("%s is null", places[i])
		case part.Type == "ByteLevel" && !last:
			return fmt.Errorf("%s: ByteLevel comes last, before %s", places[i], places[i+1])
		case part.Type == "ByteLevel":
			t.prefix = part.AddPrefixSpace == nil || *part.AddPrefixSpace
			if part.UseRegex == nil || *part.UseRegex {
				t.scan = scanGPT2
			}
			return nil
		case part.Type == "Digits":
			t.stages = append(t.stages, splitDigits(part.IndividualDigits))
		case part.Type == "Split":
			split, err := newSplit(part)
			if err != nil {
				return fmt.Errorf("%s: %w", places[i], err)
			}
			t.stages = append(t.stages, split)
		default:
			return fmt.Errorf("%s: type %q is not supported (byte-level BPE only: Split, Digits and, last, ByteLevel)", places[i], part.Type)
		}
	}
	return errors.New(at + ": there is no ByteLevel at the end (byte-level BPE only)")
}

// flatten lists what is in nested Sequences, and the place in the file of each.
func flatten(at string, c *component, field string, parts func(*component) []*component) (places []string, out []*component) {
	if c == nil || c.Type != "Sequence" {
		return []string{at}, []*component{c}
	}
	for i, part := range parts(c) {
		p, o := flatten(fmt.Sprintf("%s.%s[%d]", at, field, i), part, field, parts)
		places, out = append(places, p...), append(out, o...)
	}
	return places, out
}

func (t *Tokenizer) loadPostProcessor(at string, c *component) error {
	if c == nil {
		return nil
	}
	switch c.Type {
	case "ByteLevel": // trims offsets, which ours are not
		return nil
	case "Sequence":
		for i, part := range c.Processors {
			if err := t.loadPostProcessor(fmt.Sprintf("%s.processors[%d]", at, i), part); err != nil {
				return err
			}
		}
		return nil
	case "RobertaProcessing", "BertProcessing":
		for name, n := range map[string]*named{"cls": c.Cls, "sep": c.Sep} {
			if n == nil {
				return fmt.Errorf("%s: %s is missing", at, name)
			}
			if err := t.checkNamed(n.text, n.id); err != nil {
				return fmt.Errorf("%s.%s: %w", at, name, err)
			}
		}
		t.before, t.after = append([]int32{c.Cls.id}, t.before...), append(t.after, c.Sep.id)
		t.special.CLS, t.special.SEP = c.Cls.id, c.Sep.id
		return nil
	case "TemplateProcessing":
		return t.loadTemplate(at, c)
	}
	return fmt.Errorf("%s: type %q is not supported (ByteLevel, RobertaProcessing, BertProcessing, TemplateProcessing)", at, c.Type)
}

func (t *Tokenizer) loadTemplate(at string, c *component) error {
	var before, after []int32
	sequences := 0
	for i, piece := range c.Single {
		switch {
		case piece.Sequence != nil:
			sequences++
		case piece.Special != nil:
			s, ok := c.SpecialTokens[piece.Special.ID]
			if !ok {
				return fmt.Errorf("%s.single[%d]: %q is not among special_tokens", at, i, piece.Special.ID)
			}
			for j, id := range s.IDs {
				text := ""
				if j < len(s.Tokens) {
					text = s.Tokens[j]
				}
				if err := t.checkNamed(text, id); err != nil {
					return fmt.Errorf("%s.special_tokens: %q: %w", at, piece.Special.ID, err)
				}
			}
			if sequences == 0 {
				before = append(before, s.IDs...)
			} else {
				after = append(after, s.IDs...)
			}
		}
	}
	if sequences != 1 {
		return fmt.Errorf("%s.single has the sequence %d times, want once", at, sequences)
	}
	t.before, t.after = append(before, t.before...), append(t.after, after...)
	return nil
}

// checkNamed makes sure that text, which the file says has the id, has it.
func (t *Tokenizer) checkNamed(text string, id int32) error {
	if !t.has(id) {
		return fmt.Errorf("no token has the id %d", id)
	}
	if e := t.entries[id]; e.piece != text && e.text != text {
		return fmt.Errorf("the id %d is %q, not %q", id, e.piece, text)
	}
	return nil
}

func checkDecoder(at string, c *component) error {
	if c == nil || c.Type == "ByteLevel" {
		return nil
	}
	if c.Type != "Sequence" {
		return fmt.Errorf("%s: type %q is not supported (byte-level BPE only)", at, c.Type)
	}
	for i, part := range c.Decoders {
		if err := checkDecoder(fmt.Sprintf("%s.decoders[%d]", at, i), part); err != nil {
			return err
		}
	}
	return nil
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
