package token

import "strings"

// alphabet is the spelling of bytes in vocabularies of byte-level BPE: every byte
// is one printable character (GPT-2's encoder.py, bytes_to_unicode), so that a
// space is written Ġ and a newline Ċ.
var alphabet = func() (a [256]rune) {
	next := rune(256)
	for b := range a {
		switch {
		case '!' <= b && b <= '~', 0xA1 <= b && b <= 0xAC, 0xAE <= b:
			a[b] = rune(b)
		default:
			a[b] = next
			next++
		}
	}
	return a
}()

// byteOf is the inverse of alphabet: the byte that the character r < 324 spells, or -1.
var byteOf = func() (inv [324]int16) {
	for i := range inv {
		inv[i] = -1
	}
	for b, r := range alphabet {
		inv[r] = int16(b)
	}
	return inv
}()

// spell writes raw bytes with the alphabet.
func spell(raw string) string {
	var b strings.Builder
	b.Grow(len(raw) + len(raw)/4)
	for i := range len(raw) {
		b.WriteRune(alphabet[raw[i]])
	}
	return b.String()
}

// unspell is the inverse of spell; ok is false where piece has a character outside the alphabet.
func unspell(piece string) (raw string, ok bool) {
	out := make([]byte, 0, len(piece))
	for _, r := range piece {
		if r >= rune(len(byteOf)) || byteOf[r] < 0 {
			return "", false
		}
		out = append(out, byte(byteOf[r]))
	}
	return string(out), true
}
