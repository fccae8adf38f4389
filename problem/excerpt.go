package problem

import (
	"sort"
	"strings"
)

// Piece is a run of bytes that a program shares with the text it was found in:
// program[Code:Code+Len] is text[Text:Text+Len].
type Piece struct {
	Code int `json:"code"` // offset in the program, in bytes
	Text int `json:"text"` // offset in the text, in bytes
	Len  int `json:"len"`
}

// Located is a program and where in a text its bytes stand.
type Located struct {
	Code string
	// How it was found; see [Extract] and [Problem.Assemble].
	How string
	// Pieces are in the order of both program and text, and none is empty. Bytes of Code
	// in none of them are not in the text: a prefix, a line end after the last line.
	Pieces []Piece
}

// excerpt is text taken out of a longer one, with where its bytes come from.
type excerpt struct {
	text   string
	pieces []Piece
}

// whole is all of a text.
func whole(text string) excerpt {
	if text == "" {
		return excerpt{}
	}
	return excerpt{text, []Piece{{0, 0, len(text)}}}
}

// lineEnd is a line end that stands nowhere in the longer text.
var lineEnd = excerpt{text: "\n"}

// cut is e.text[from:to].
func (e excerpt) cut(from, to int) excerpt {
	out := excerpt{text: e.text[from:to]}
	if from == to {
		return out
	}
	first := sort.Search(len(e.pieces), func(i int) bool { return e.pieces[i].Code+e.pieces[i].Len > from })
	for _, p := range e.pieces[first:] {
		if p.Code >= to {
			break
		}
		skip := max(0, from-p.Code)
		n := min(p.Code+p.Len, to) - p.Code - skip
		out.pieces = append(out.pieces, Piece{p.Code + skip - from, p.Text + skip, n})
	}
	return out
}

// join puts excerpts behind each other.
func join(parts ...excerpt) excerpt {
	var text strings.Builder
	var pieces []Piece
	for _, part := range parts {
		for _, p := range part.pieces {
			p.Code += text.Len()
			if n := len(pieces) - 1; n >= 0 && pieces[n].Code+pieces[n].Len == p.Code && pieces[n].Text+pieces[n].Len == p.Text {
				pieces[n].Len += p.Len
				continue
			}
			pieces = append(pieces, p)
		}
		text.WriteString(part.text)
	}
	return excerpt{text.String(), pieces}
}

// unix is e with its line ends "\r\n" made "\n".
func (e excerpt) unix() excerpt {
	if !strings.Contains(e.text, "\r\n") {
		return e
	}
	var parts []excerpt
	from := 0
	for {
		n := strings.Index(e.text[from:], "\r\n")
		if n < 0 {
			return join(append(parts, e.cut(from, len(e.text)))...)
		}
		parts = append(parts, e.cut(from, from+n))
		from += n + 1
	}
}

// line is the range of a line in a text, without its line end.
type line struct{ from, to int }

// lines are the ranges that strings.Split(e.text, "\n") has.
func (e excerpt) lines() []line {
	out := make([]line, 0, strings.Count(e.text, "\n")+1)
	from := 0
	for i := range len(e.text) {
		if e.text[i] == '\n' {
			out = append(out, line{from, i})
			from = i + 1
		}
	}
	return append(out, line{from, len(e.text)})
}

func (e excerpt) line(l line) string { return e.text[l.from:l.to] }

// withEnd is the text from an offset to the end of a line and its line end, whether or
// not there is one.
func (e excerpt) withEnd(from, to int) excerpt {
	if to < len(e.text) {
		return e.cut(from, to+1)
	}
	return join(e.cut(from, to), lineEnd)
}
