package token

import (
	"unicode"
	"unicode/utf8"
)

// A splitter cuts s into pieces, in order, that together are s.
type splitter func(s string, each func(piece string))

// A scanner returns the length of the first piece of s, which is not empty.
type scanner func(s string) int

// split cuts s by scanning.
func (scan scanner) split(s string, each func(string)) {
	for s != "" {
		n := scan(s)
		each(s[:n])
		s = s[n:]
	}
}

// The patterns that models publish. They need a look-ahead, which package regexp
// lacks, so that each has a scanner by hand.
const (
	gpt2Pattern = `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
	// qwen2Pattern is cl100k's with single digits, llama3Pattern with up to three.
	qwen2Pattern  = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
	llama3Pattern = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
)

// class is what the patterns tell characters apart by.
type class uint8

const (
	other  class = iota // punctuation, symbols, marks, invalid UTF-8
	letter              // \p{L}
	number              // \p{N}
	space               // \s but CR and LF
	line                // CR and LF
)

var asciiClass = func() (t [utf8.RuneSelf]class) {
	for c := range t {
		t[c] = classOf(rune(c))
	}
	return t
}()

func classOf(r rune) class {
	switch {
	case r == '\n' || r == '\r':
		return line
	case unicode.IsLetter(r):
		return letter
	case unicode.IsNumber(r):
		return number
	case unicode.IsSpace(r):
		return space
	}
	return other
}

// classAt is the class of the character at s[i:] and its length; s[i:] is not empty.
func classAt(s string, i int) (class, int) {
	if c := s[i]; c < utf8.RuneSelf {
		return asciiClass[c], 1
	}
	r, n := utf8.DecodeRuneInString(s[i:])
	if r == utf8.RuneError && n == 1 {
		return other, 1
	}
	return classOf(r), n
}

// run is where the characters of class want, from i on, end.
func run(s string, i int, want class) int {
	for i < len(s) {
		c, n := classAt(s, i)
		if c != want {
			break
		}
		i += n
	}
	return i
}

// blanks scans a run of white space that begins s as `\s+(?!\S)|\s+` does: all of it at
// the end of s, else all but its last character, unless that is the only one.
// lineEnd is the end of the last CR or LF in the run, 0 without one.
func blanks(s string) (n, lineEnd int) {
	last := 0
	for n < len(s) {
		c, size := classAt(s, n)
		if c != space && c != line {
			if last > 0 {
				n = last
			}
			return n, lineEnd
		}
		last = n
		n += size
		if c == line {
			lineEnd = n
		}
	}
	return n, lineEnd
}

// scanGPT2 scans by gpt2Pattern.
func scanGPT2(s string) int {
	c, n := classAt(s, 0)
	if s[0] == '\'' {
		if n := contraction(s, false); n > 0 {
			return n
		}
	}
	from := 0
	if s[0] == ' ' && len(s) > 1 {
		if c2, n2 := classAt(s, 1); c2 != space && c2 != line {
			c, n, from = c2, n2, 1
		}
	}
	if c == space || c == line {
		n, _ = blanks(s)
		return n
	}
	return run(s, from+n, c)
}

// scanQwen2 scans by qwen2Pattern.
func scanQwen2(s string) int { return scanCL100K(s, 1) }

// scanLlama3 scans by llama3Pattern.
func scanLlama3(s string) int { return scanCL100K(s, 3) }

func scanCL100K(s string, digits int) int {
	if s[0] == '\'' {
		if n := contraction(s, true); n > 0 {
			return n
		}
	}
	c, n := classAt(s, 0)
	switch c {
	case letter:
		return run(s, n, letter)
	case number:
		for i := 1; i < digits && n < len(s); i++ {
			c, size := classAt(s, n)
			if c != number {
				break
			}
			n += size
		}
		return n
	}
	if c != line && n < len(s) { // any one character may lead letters
		if c2, n2 := classAt(s, n); c2 == letter {
			return run(s, n+n2, letter)
		}
	}
	if s[0] == ' ' && len(s) > 1 {
		if c2, n2 := classAt(s, 1); c2 == other {
			c, n = other, 1+n2
		}
	}
	if c == other {
		return run(s, run(s, n, other), line)
	}
	n, lineEnd := blanks(s)
	if lineEnd > 0 {
		return lineEnd
	}
	return n
}

// contraction is the length of 's 't 're 've 'm 'll 'd at the start of s, 0 if there is none.
func contraction(s string, foldCase bool) int {
	if len(s) < 2 {
		return 0
	}
	at := func(i int) byte {
		if i >= len(s) {
			return 0
		}
		if c := s[i]; foldCase && 'A' <= c && c <= 'Z' {
			return c + 'a' - 'A'
		}
		return s[i]
	}
	switch c := at(1); c {
	case 's', 't', 'm', 'd':
		return 2
	case 'r', 'v':
		if at(2) == 'e' {
			return 3
		}
	case 'l':
		if at(2) == 'l' {
			return 3
		}
	case 0xC5: // ſ folds to s
		if foldCase && at(2) == 0xBF {
			return 3
		}
	}
	return 0
}

// splitDigits cuts digits (\p{N}) from the rest, each alone or runs of them.
func splitDigits(alone bool) splitter {
	return scanner(func(s string) int {
		c, n := classAt(s, 0)
		if c == number {
			if alone {
				return n
			}
			return run(s, n, number)
		}
		for n < len(s) {
			c, size := classAt(s, n)
			if c == number {
				break
			}
			n += size
		}
		return n
	}).split
}
