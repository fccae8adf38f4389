// Package token turns text into the ids that models read, and back: byte-level BPE of
// the GPT-2, RoBERTa (CodeT5+), Qwen2, Llama 3 and StarCoder2 kinds, read from and
// written as the tokenizer.json of Hugging Face's tokenizers, and trained on text.
//
// Every token knows the bytes of the text that it stands for. Nothing is lost: without
// a normalizer, and without added tokens that take white space or unknown tokens, Decode
// of Encode is the text, byte for byte, valid UTF-8 or not.
package token

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Tokenizer encodes and decodes. It does not change, and may be used concurrently.
type Tokenizer struct {
	model   bpe
	entries []entry          // [Size] by id
	ids     map[string]int32 // by entry.text; an added token wins

	raw        *matcher // added tokens looked for in the text as it is
	normalized *matcher // … in the normalized text
	compose    bool     // the normalizer is NFC
	stages     []splitter
	prefix     bool    // each piece gets a space in front, unless it has one
	scan       scanner // the byte-level stage, last; nil if it does not split

	before, after []int32 // what EncodeSpecial puts around a text

	special  Special
	identity string                     // what Fingerprint hashes besides the entries
	unknown  int32                      // of bytes that the vocabulary lacks; None
	file     []byte                     // tokenizer.json, as Save writes it
	config   map[string]json.RawMessage // tokenizer_config.json, where there was one

	encoders sync.Pool // of *encoder
}

// entry is what one id stands for.
type entry struct {
	piece string // as vocabularies spell it
	text  string // the bytes it decodes to
	kind  kind
}

type kind uint8

const (
	hole    kind = iota // no token has this id
	model               // of the model's vocabulary
	added               // an added token that is text
	control             // a special added token
)

// Token is one token of a text: text[Start:End] is what it stands for.
type Token struct {
	ID         int32
	Start, End int
}

// None is the id of a special token that a tokenizer does not have.
const None int32 = -1

// Special holds the ids of tokens with a role; None where there is no such token.
type Special struct {
	BOS, EOS, PAD, UNK, MASK, CLS, SEP int32
}

// Encode returns the ids of text. Added tokens in the text are recognised, also special
// ones; nothing is put around it (see EncodeSpecial). Bytes that are not valid UTF-8
// are encoded one by one.
func (t *Tokenizer) Encode(text string) []int32 { return t.AppendEncode(nil, text) }

// AppendEncode appends the ids of text to dst.
func (t *Tokenizer) AppendEncode(dst []int32, text string) []int32 {
	e := t.encoder()
	defer t.encoders.Put(e)
	e.ids = dst
	e.encode(text)
	return e.take()
}

// EncodeSpecial is Encode with what the tokenizer puts around a text (the
// post-processor's template for one sequence): begin and end tokens, or nothing.
func (t *Tokenizer) EncodeSpecial(text string) []int32 {
	ids := t.AppendEncode(slices.Clone(t.before), text)
	return append(ids, t.after...)
}

// Around returns the ids that EncodeSpecial puts before and after a text.
func (t *Tokenizer) Around() (before, after []int32) {
	return slices.Clone(t.before), slices.Clone(t.after)
}

// Tokens returns the tokens of text, those of Encode, with the bytes they cover: each
// begins where the one before ends, the first at 0, and the last ends at len(text).
// A token covers
//   - no byte, if it is a space that the tokenizer puts in front (add_prefix_space);
//   - part of a character, if the character has several tokens;
//   - the white space next to it too, if it is an added token that strips it;
//   - all of what a normalizer changed, if it is the first token there; those that
//     share the change cover none.
func (t *Tokenizer) Tokens(text string) []Token {
	e := t.encoder()
	defer t.encoders.Put(e)
	e.spans = true
	e.encode(text)
	tokens, start := make([]Token, len(e.ids)), 0
	for i, id := range e.ids {
		tokens[i] = Token{id, start, e.ends[i]}
		start = e.ends[i]
	}
	e.take()
	return tokens
}

// Size is the number of ids, holes among them: one more than the highest id.
func (t *Tokenizer) Size() int { return len(t.entries) }

// ID returns the id of the token that stands for text, such as "<|endoftext|>" or
// "\treturn" (the bytes, not the spelling of vocabularies).
func (t *Tokenizer) ID(text string) (int32, bool) {
	id, ok := t.ids[text]
	return id, ok
}

// Text returns the bytes that id stands for, which may be part of a character.
func (t *Tokenizer) Text(id int32) (string, bool) {
	if !t.has(id) {
		return "", false
	}
	return t.entries[id].text, true
}

// Piece returns id as vocabularies spell it ("Ġreturn"), "" if there is no such id.
func (t *Tokenizer) Piece(id int32) string {
	if !t.has(id) {
		return ""
	}
	return t.entries[id].piece
}

// IsSpecial reports whether id is control rather than text, such as the end of a text.
func (t *Tokenizer) IsSpecial(id int32) bool {
	return t.has(id) && t.entries[id].kind == control
}

func (t *Tokenizer) has(id int32) bool {
	return id >= 0 && int(id) < len(t.entries) && t.entries[id].kind != hole
}

// Special returns the ids of tokens with a role. They come from tokenizer_config.json
// and special_tokens_map.json; a role neither names, from the customary names.
func (t *Tokenizer) Special() Special { return t.special }

// Decode returns the bytes that ids stand for. Ids that no token has stand for nothing.
// What ids cut out of a text need not be valid UTF-8.
func (t *Tokenizer) Decode(ids []int32) string { return t.decode(ids, true) }

// Plain is Decode without special tokens.
func (t *Tokenizer) Plain(ids []int32) string { return t.decode(ids, false) }

func (t *Tokenizer) decode(ids []int32, special bool) string {
	var b strings.Builder
	for _, id := range ids {
		if t.has(id) && (special || t.entries[id].kind != control) {
			b.WriteString(t.entries[id].text)
		}
	}
	return b.String()
}

// Fingerprint identifies what the tokenizer does: two with the same one turn every text
// into the same ids, and back. How the file is laid out and which roles special tokens
// have makes no difference.
func (t *Tokenizer) Fingerprint() string {
	h := sha256.New()
	fmt.Fprintf(h, "hone token 1\n%s\n%d\n", t.identity, len(t.entries))
	for _, e := range t.entries {
		fmt.Fprintf(h, "%d %q\n", e.kind, e.piece)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// encoder is the state of encoding one text.
type encoder struct {
	t     *Tokenizer
	work  work
	each  []func(string) // each[i] gives a piece to stages[i]; the last to the byte level
	ids   []int32
	spans bool
	ends  []int // of the tokens in the text, if spans

	base    int     // where the part begins that is encoded now
	pos     int     // in the normalized part
	back    backMap // from there to the part
	stretch int     // of back, where pos is
}

func (t *Tokenizer) encoder() *encoder {
	if e, ok := t.encoders.Get().(*encoder); ok {
		return e
	}
	e := &encoder{t: t}
	for i := range t.stages {
		split := t.stages[i]
		e.each = append(e.each, func(s string) { split(s, e.each[i+1]) })
	}
	e.each = append(e.each, e.bytes)
	return e
}

// take returns the ids and readies e for another text.
func (e *encoder) take() []int32 {
	ids := e.ids
	e.ids, e.ends, e.spans, e.back = nil, e.ends[:0], false, nil
	return ids
}

func (e *encoder) encode(text string) {
	e.base = 0
	e.t.raw.split(text, func(part string, a *Added) {
		if a != nil {
			e.back, e.pos, e.stretch = nil, 0, 0
			e.emit(a.ID, len(part))
		} else {
			e.part(part)
		}
		e.base += len(part)
	})
}

// part encodes text between the added tokens of the raw text.
func (e *encoder) part(s string) {
	e.back, e.pos, e.stretch = nil, 0, 0
	if e.t.compose {
		s, e.back = nfc(s)
	}
	e.t.normalized.split(s, func(part string, a *Added) {
		if a != nil {
			e.emit(a.ID, len(part))
		} else {
			e.each[0](part)
		}
	})
}

// bytes is the byte-level stage.
func (e *encoder) bytes(s string) {
	if e.t.prefix && s != "" && s[0] != ' ' {
		s = " " + s
		e.pos-- // the space covers nothing: whatever ends with it ends where it began
	}
	if e.t.scan == nil {
		e.piece(s)
		return
	}
	for s != "" {
		n := e.t.scan(s)
		e.piece(s[:n])
		s = s[n:]
	}
}

// piece encodes one pre-token.
func (e *encoder) piece(s string) {
	m := &e.t.model
	from := len(e.ids)
	e.ids = m.append(e.ids, s, &e.work)
	if !e.spans {
		return
	}
	at := 0
	for _, id := range e.ids[from:] {
		n := len(e.t.entries[id].text)
		if m.lossy && m.missing[s[at]] {
			n = 1
			for m.fuse && at+n < len(s) && m.missing[s[at+n]] {
				n++
			}
		}
		at += n
		e.end(n)
	}
}

// emit adds a token of n bytes.
func (e *encoder) emit(id int32, n int) {
	e.ids = append(e.ids, id)
	if e.spans {
		e.end(n)
	}
}

func (e *encoder) end(n int) {
	e.pos += n
	var original int
	original, e.stretch = e.back.at(e.pos, e.stretch)
	e.ends = append(e.ends, e.base+original)
}
