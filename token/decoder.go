package token

import "unicode/utf8"

// Decoder decodes ids as they come. What it returned, joined, is what Decode (or Plain)
// returns for all ids; a character whose bytes are not all there yet is held back.
type Decoder struct {
	t       *Tokenizer
	special bool
	held    []byte
}

// Decoder returns a decoder; special says whether it writes special tokens too.
func (t *Tokenizer) Decoder(special bool) *Decoder {
	return &Decoder{t: t, special: special}
}

// Add returns the text that id completes.
func (d *Decoder) Add(id int32) string {
	if !d.t.has(id) || d.t.IsSpecial(id) && !d.special {
		return ""
	}
	d.held = append(d.held, d.t.entries[id].text...)
	n := len(d.held) - unfinished(d.held)
	out := string(d.held[:n])
	d.held = append(d.held[:0], d.held[n:]...)
	return out
}

// Flush returns what is held back, which is no valid UTF-8, and forgets it.
func (d *Decoder) Flush() string {
	out := string(d.held)
	d.held = d.held[:0]
	return out
}

// unfinished is the number of bytes at the end of b that begin a character and may
// become one.
func unfinished(b []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(b); n++ {
		if tail := b[len(b)-n:]; utf8.RuneStart(tail[0]) {
			if utf8.FullRune(tail) {
				return 0
			}
			return n
		}
	}
	return 0
}
