package token

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// file is tokenizer.json, as far as byte-level BPE has use for it.
type file struct {
	Version       string     `json:"version"`
	Truncation    any        `json:"truncation"`
	Padding       any        `json:"padding"`
	AddedTokens   []Added    `json:"added_tokens"`
	Normalizer    *component `json:"normalizer"`
	PreTokenizer  *component `json:"pre_tokenizer"`
	PostProcessor *component `json:"post_processor"`
	Decoder       *component `json:"decoder"`
	Model         *modelFile `json:"model"`
}

// component is a normalizer, pre-tokenizer, post-processor or decoder of any type; the
// fields are those of all types that are supported.
type component struct {
	Type string `json:"type"`

	// Sequence
	Normalizers   []*component `json:"normalizers,omitempty"`
	PreTokenizers []*component `json:"pretokenizers,omitempty"`
	Processors    []*component `json:"processors,omitempty"`
	Decoders      []*component `json:"decoders,omitempty"`

	// ByteLevel, RobertaProcessing
	AddPrefixSpace *bool `json:"add_prefix_space,omitempty"`
	TrimOffsets    *bool `json:"trim_offsets,omitempty"`
	UseRegex       *bool `json:"use_regex,omitempty"`

	// Split
	Pattern  *pattern `json:"pattern,omitempty"`
	Behavior string   `json:"behavior,omitempty"`
	Invert   *bool    `json:"invert,omitempty"`

	// Digits
	IndividualDigits bool `json:"individual_digits,omitempty"`

	// RobertaProcessing, BertProcessing
	Sep *named `json:"sep,omitempty"`
	Cls *named `json:"cls,omitempty"`

	// TemplateProcessing
	Single        []templatePiece         `json:"single,omitempty"`
	Pair          []templatePiece         `json:"pair,omitempty"`
	SpecialTokens map[string]specialToken `json:"special_tokens,omitempty"`
}

// sequence is what a Sequence holds in the field, which says what it is a Sequence of.
func (c *component) sequence(field string) []*component {
	switch field {
	case "normalizers":
		return c.Normalizers
	case "pretokenizers":
		return c.PreTokenizers
	case "processors":
		return c.Processors
	default:
		return c.Decoders
	}
}

// pattern is what Split looks for: one of the two.
type pattern struct {
	Regex  *string `json:"Regex,omitempty"`
	String *string `json:"String,omitempty"`
}

// named is a token and its id, written ["</s>", 2].
type named struct {
	text string
	id   int32
}

func (n *named) UnmarshalJSON(data []byte) error {
	var parts []json.RawMessage
	if err := json.Unmarshal(data, &parts); err != nil || len(parts) != 2 {
		return fmt.Errorf(`want ["token", id], got %s`, clip(data))
	}
	if err := json.Unmarshal(parts[0], &n.text); err != nil {
		return err
	}
	return json.Unmarshal(parts[1], &n.id)
}

func (n named) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, "[%s,%d]", quote(n.text), n.id), nil
}

// templatePiece is one of a sequence and a special token.
type templatePiece struct {
	Sequence *templateItem `json:"Sequence,omitempty"`
	Special  *templateItem `json:"SpecialToken,omitempty"`
}

type templateItem struct {
	ID     string `json:"id"`
	TypeID int    `json:"type_id"`
}

type specialToken struct {
	ID     string   `json:"id"`
	IDs    []int32  `json:"ids"`
	Tokens []string `json:"tokens"`
}

// modelFile is the model of tokenizer.json.
type modelFile struct {
	Type         string     `json:"type"`
	Dropout      *float64   `json:"dropout"`
	UnkToken     *string    `json:"unk_token"`
	Prefix       *string    `json:"continuing_subword_prefix"`
	Suffix       *string    `json:"end_of_word_suffix"`
	FuseUnk      bool       `json:"fuse_unk"`
	ByteFallback bool       `json:"byte_fallback"`
	IgnoreMerges bool       `json:"ignore_merges"`
	Vocab        vocabulary `json:"vocab"`
	Merges       mergeList  `json:"merges"`
}

// vocabulary is the pieces of the model in the order of their ids.
type vocabulary []vocabEntry

type vocabEntry struct {
	piece string
	id    int32
}

// UnmarshalJSON reads an object of piece: id, and refuses a piece or an id that comes twice.
func (v *vocabulary) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return errors.New("vocab: want an object of pieces and ids (is this a Unigram model? only BPE is supported)")
	}
	seen := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return fmt.Errorf("vocab: %w", err)
		}
		e := vocabEntry{piece: t.(string)}
		if err := d.Decode(&e.id); err != nil {
			return fmt.Errorf("vocab: %q: %w", e.piece, err)
		}
		switch {
		case seen[e.piece]:
			return fmt.Errorf("vocab: %q comes twice", e.piece)
		case e.id < 0:
			return fmt.Errorf("vocab: %q has the id %d: ids are not negative", e.piece, e.id)
		}
		seen[e.piece] = true
		*v = append(*v, e)
	}
	slices.SortFunc(*v, func(a, b vocabEntry) int { return int(a.id - b.id) })
	for i := 1; i < len(*v); i++ {
		if a, b := (*v)[i-1], (*v)[i]; a.id == b.id {
			return fmt.Errorf("vocab: %q and %q have the same id %d", a.piece, b.piece, a.id)
		}
	}
	return nil
}

// MarshalJSON writes the pieces in the order of their ids.
func (v vocabulary) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, e := range v {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(quote(e.piece))
		fmt.Fprintf(&b, ":%d", e.id)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// mergeList is the merges by rank, read as "a b" or ["a", "b"], written as the latter.
type mergeList [][2]string

func (m *mergeList) UnmarshalJSON(data []byte) error {
	var rows []json.RawMessage
	if err := json.Unmarshal(data, &rows); err != nil {
		return fmt.Errorf("merges: %w", err)
	}
	for i, row := range rows {
		var pair []string
		if len(row) > 0 && row[0] == '"' {
			var line string
			if err := json.Unmarshal(row, &line); err != nil {
				return fmt.Errorf("merges[%d]: %w", i, err)
			}
			pair = splitMerge(line)
		} else if err := json.Unmarshal(row, &pair); err != nil {
			return fmt.Errorf("merges[%d]: %w", i, err)
		}
		if len(pair) != 2 {
			return fmt.Errorf(`merges[%d]: want "a b" or ["a", "b"], got %s`, i, clip(row))
		}
		*m = append(*m, [2]string(pair))
	}
	return nil
}

// clip shortens data for a message.
func clip(data []byte) string {
	if len(data) > 60 {
		return string(data[:60]) + "…"
	}
	return string(data)
}

// quote is JSON without escapes for < > &, which special tokens are full of.
func quote(s string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string always encodes
	return bytes.TrimRight(b.Bytes(), "\n")
}

// encodeFile is the text of a file, laid out like Hugging Face does.
func encodeFile(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
