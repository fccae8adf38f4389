package python

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"

	"hone/source"
)

var utf8Mark = []byte("\xef\xbb\xbf")

// codingLine is a comment that declares an encoding, and blankLine one after
// which the declaration may follow (PEP 263).
var (
	codingLine = regexp.MustCompile(`^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)`)
	blankLine  = regexp.MustCompile(`^[ \t\f]*(?:#|$)`)
)

// Decode gives a program's text in UTF-8 without a byte order mark, and the
// name of the encoding that its mark or its coding line (PEP 263) declares, as
// tokenize.detect_encoding names it. The error is a *[SyntaxError]; text is then
// the source as it is, without a mark.
func Decode(src []byte) (text []byte, encoding string, err error) {
	text, marked := bytes.CutPrefix(src, utf8Mark)
	declared, span := declaredEncoding(text)
	encoding = canonicalEncoding(declared)
	fail := func(span source.Span, format string, args ...any) ([]byte, string, error) {
		e := &SyntaxError{Span: span, Message: fmt.Sprintf(format, args...)}
		locate(text, []*SyntaxError{e})
		return text, encoding, e
	}
	if marked {
		if encoding != "utf-8" {
			return fail(span, "encoding problem: %s with BOM", declared)
		}
		encoding = "utf-8-sig"
	}
	decoded := text
	switch encoding {
	case "utf-8", "utf8", "utf-8-sig", "ascii":
		if i := firstInvalid(text, encoding == "ascii"); i >= 0 {
			return fail(source.Span{Start: i, End: i + 1},
				"Non-UTF-8 code starting with '\\x%02x', but no encoding declared; see PEP 263 for details", text[i])
		}
	case "iso-8859-1":
		decoded, _ = charmap.ISO8859_1.NewDecoder().Bytes(text) // every byte is a character
	default:
		codec, codecErr := ianaindex.IANA.Encoding(encoding)
		if codecErr != nil || codec == nil {
			codec, codecErr = htmlindex.Get(encoding) // knows more spellings, such as cp1252
		}
		if codecErr != nil {
			return fail(span, "unknown encoding: %s", declared)
		}
		if decoded, codecErr = codec.NewDecoder().Bytes(text); codecErr != nil {
			return fail(span, "encoding problem: %s: %s", declared, codecErr)
		}
	}
	if i := bytes.IndexByte(decoded, 0); i >= 0 {
		return fail(source.Span{Start: i, End: i + 1}, "source code cannot contain null bytes")
	}
	return decoded, encoding, nil
}

// declaredEncoding finds the coding line among the first two lines.
func declaredEncoding(text []byte) (name string, span source.Span) {
	offset := 0
	for range 2 {
		line := text[offset:]
		if i := bytes.IndexAny(line, "\r\n"); i >= 0 {
			line = line[:i]
		}
		if m := codingLine.FindSubmatchIndex(line); m != nil {
			return string(line[m[2]:m[3]]), source.Span{Start: offset + m[2], End: offset + m[3]}
		}
		if !blankLine.Match(line) {
			break
		}
		offset += len(line)
		if bytes.HasPrefix(text[offset:], []byte("\r\n")) {
			offset++
		}
		offset = min(offset+1, len(text))
	}
	return "utf-8", source.Span{}
}

// canonicalEncoding unifies the spellings of the encodings that matter most.
func canonicalEncoding(name string) string {
	short := strings.ReplaceAll(strings.ToLower(name[:min(len(name), 12)]), "_", "-")
	is := func(names ...string) bool {
		for _, n := range names {
			if short == n || strings.HasPrefix(short, n+"-") {
				return true
			}
		}
		return false
	}
	switch {
	case is("utf-8"):
		return "utf-8"
	case is("latin-1", "iso-8859-1", "iso-latin-1"), short == "latin1":
		return "iso-8859-1"
	case short == "ascii", short == "us-ascii":
		return "ascii"
	}
	return strings.ReplaceAll(strings.ToLower(name), "_", "-")
}

// firstInvalid is the first byte that is not UTF-8, or not ASCII; -1 for none.
func firstInvalid(text []byte, ascii bool) int {
	if utf8.Valid(text) && !ascii {
		return -1
	}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 || ascii && size > 1 {
			return i
		}
		i += size
	}
	return -1
}
