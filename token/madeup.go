package token

import "fmt"

// madeUpOf are the characters that made-up tokens are of: those that code is mostly made of.
const madeUpOf = "abcdefghijklmnopqrstuvwxyz 0123456789_()[]:=,.+-*<>'\"#\n"

// MadeUp is a tokenizer for a model that is tried out before its own tokenizer is there: byte-level
// BPE with all bytes, then pairs and triples of characters of code until the id end, which is
// the end of a text. It cuts a text into as many tokens as usual, up to a factor, and no more
// is to be said for it.
func MadeUp(end int) (*Tokenizer, error) {
	most := 256 + len(madeUpOf)*len(madeUpOf)*(1+len(madeUpOf))
	if end < 256 || end > most {
		return nil, fmt.Errorf("make up a tokenizer: the end of a text is token %d; it must be from 256, behind all bytes, to %d", end, most)
	}
	f := newFile("gpt2")
	add := func(piece string) {
		f.Model.Vocab = append(f.Model.Vocab, vocabEntry{piece, int32(len(f.Model.Vocab))})
	}
	for _, r := range alphabet {
		add(string(r))
	}
	var characters []string
	for i := range len(madeUpOf) {
		characters = append(characters, spell(madeUpOf[i:i+1]))
	}
	for shorter := characters; len(f.Model.Vocab) < end; {
		var made []string
		for _, a := range shorter {
			for _, b := range characters {
				if len(f.Model.Vocab) < end {
					add(a + b)
					made = append(made, a+b)
					f.Model.Merges = append(f.Model.Merges, [2]string{a, b})
				}
			}
		}
		shorter = made
	}
	const text = "<|endoftext|>"
	add(text)
	f.AddedTokens = []Added{{ID: int32(end), Content: text, Special: true}}
	data, err := encodeFile(f)
	if err != nil {
		return nil, fmt.Errorf("make up a tokenizer: %w", err)
	}
	return Parse(data)
}
