package style

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// wordByte reports whether b is part of a word: every byte of a character beyond ASCII
// is, since outside of strings and comments only names hold such.
func wordByte(b byte) bool {
	return b == '_' || b >= 0x80 || '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}

// blank reports whether b is white space between tokens.
func blank(b byte) bool {
	return b == ' ' || b == '\t' || b == '\f' || b == '\v' || b == '\n' || b == '\r'
}

// isSpace is Python's str.isspace of a character.
func isSpace(r rune) bool { return unicode.IsSpace(r) || 0x1c <= r && r <= 0x1f }

// word reports whether text[i:] begins with a word and the word ends there; it does not
// look at what is before.
func word(text []byte, i int, w string) bool {
	j := i + len(w)
	return j <= len(text) && string(text[i:j]) == w && (j == len(text) || !wordByte(text[j]))
}

// wordEnd is the end of the word that begins at i.
func wordEnd(text []byte, i int) int {
	for i < len(text) && wordByte(text[i]) {
		i++
	}
	return i
}

// skipBlank is the first place from i on that is not white space.
func skipBlank(text []byte, i int) int {
	for i < len(text) && blank(text[i]) {
		i++
	}
	return i
}

// identifier reports whether text is a name.
func identifier(text []byte) bool {
	return len(text) > 0 && !('0' <= text[0] && text[0] <= '9') && wordEnd(text, 0) == len(text)
}

// expandIndent is the width of a line's indentation, a tab going on to the next multiple
// of 8.
func expandIndent(line []byte) int {
	if bytes.IndexByte(line, '\t') < 0 {
		return utf8.RuneCount(line) - utf8.RuneCount(bytes.TrimLeftFunc(line, isSpace))
	}
	return tabColumns(line)
}

// tabColumns is the width of the spaces and tabs that a line begins with.
func tabColumns(line []byte) int {
	width := 0
	for _, b := range line {
		switch b {
		case ' ':
			width++
		case '\t':
			width = width/8*8 + 8
		default:
			return width
		}
	}
	return width
}

// startsWithDef reports whether a line begins with def or async def.
func startsWithDef(line []byte) bool {
	if word(line, 0, "def") {
		return true
	}
	if i := skipBlank(line, 5); i > 5 && word(line, 0, "async") {
		return word(line, i, "def")
	}
	return false
}

// startsDefinition reports whether a line begins a function or class, or is a decorator.
func startsDefinition(line []byte) bool {
	if len(line) == 0 {
		return false
	}
	if line[0] == '@' {
		return true
	}
	end := 5
	switch {
	case bytes.HasPrefix(line, []byte("def")):
		end = 3
	case bytes.HasPrefix(line, []byte("class")):
	case bytes.HasPrefix(line, []byte("async")):
		i := skipBlank(line, end)
		if i == end || !bytes.HasPrefix(line[i:], []byte("def")) {
			return false
		}
		end = i + 3
	default:
		return false
	}
	return end < len(line) && blank(line[end])
}
