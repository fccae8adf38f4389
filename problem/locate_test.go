package problem

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// checkPieces reports what is wrong with where a program is said to stand.
func checkPieces(text string, l Located) error {
	code, at := 0, 0

	for _, p := range l.Pieces {
		if p.Len <= 0 || p.Code < code || p.Text < at || p.Code+p.Len > len(l.Code) || p.Text+p.Len > len(text) {
			return fmt.Errorf("piece %+v is out of order or of range", p)
		}
		if got, want := l.Code[p.Code:p.Code+p.Len], text[p.Text:p.Text+p.Len]; got != want {
			return fmt.Errorf("piece %+v: program has %q, text %q", p, got, want)
		}
		if gap := l.Code[code:p.Code]; gap != "" {
			return fmt.Errorf("%q in the middle of the program is in no piece", gap)
		}
		code, at = p.Code+p.Len, p.Text+p.Len
	}
	if rest := l.Code[code:]; strings.Trim(rest, "\n") != "" {
		return fmt.Errorf("%q at the end is in no piece", rest)
	} else if len(rest) > 2 {
		return fmt.Errorf("%d line ends are not in the text", len(rest))
	}
	return nil
}

func TestLocate(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []Piece
	}{
		{"verbatim", "def f(x):\n    return x\n", []Piece{{0, 0, 23}}},
		{"fence", "Sure!\n```python\nx = 1\n```\nDone.", []Piece{{0, 16, 6}}},
		{"no end", "Sure!\n```python\nx = 1", []Piece{{0, 16, 5}}},
		{"indented", "1. Do:\n   ```py\n   x = 1\n     y\n   ```", []Piece{{0, 19, 6}, {6, 28, 4}}},
		{"CRLF", "Sure:\r\n```\r\nx = 1\r\ny = 2\r\n```\r\n", []Piece{{0, 12, 5}, {5, 18, 6}, {11, 25, 1}}},
		{"tag in a line", "Here: [PYTHON]\nx = 1[/PYTHON]", []Piece{{0, 15, 5}}},
		{"thinking", " <think>\nx = 2\n</think>\nx = 1\n", []Piece{{0, 24, 6}}},
		{"thinking on one line", "<think>x = 2</think> x = 1\n\n", []Piece{{0, 20, 6}}},
		{"never ends", "<think>x = 2", nil},
		{"twice the same", "```\nx = 1\n```\n```\nx = 1\n```\n", []Piece{{0, 4, 6}}},
		{"prose", "So:\nx = 1\nThat is it.", []Piece{{0, 4, 6}}},
		{"empty", "", nil},
	} {
		l := Locate(c.text, "")
		if fmt.Sprint(l.Pieces) != fmt.Sprint(c.want) {
			t.Errorf("%s: %q at %v, want %v", c.name, l.Code, l.Pieces, c.want)
		}
		if err := checkPieces(c.text, l); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestLocatePieces: whatever the response, the pieces are what program and response share.
func TestLocatePieces(t *testing.T) {
	part := rapid.SampledFrom([]string{
		"def f(x):\n", "    return x\n", "x = 1\n", "y = 'ü'", "\n", "\r\n", "\r", " ", "\t", "```python\n", "```\n", "   ```\n", "~~~\n", "````py\n",
		"[PYTHON]", "[/PYTHON]", "<think>", "</think>\n", "</think>", "Some words.\n", "import os\n", "'''", "# c\n", "\xff", "   x = 2\n",
	})
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(part, 0, 20).Draw(t, "parts"), "")
		if err := checkPieces(text, Locate(text, rapid.SampledFrom([]string{"", "f"}).Draw(t, "entry"))); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
	})
}

func TestAssemble(t *testing.T) {
	p := &Problem{EntryPoint: "f", Prefix: "def f(x):\n"}
	for _, c := range []struct {
		form            Form
		text, code, how string
		pieces          []Piece
	}{
		{FormCompletion, "    return x\n", "def f(x):\n    return x\n", "completion", []Piece{{10, 0, 13}}},
		{FormSolution, "f = abs", "f = abs", "solution", []Piece{{0, 0, 7}}},
		{FormResponse, "```\nf = abs\n```", "f = abs\n", "fence", []Piece{{0, 4, 8}}},
		{FormResponse, "```\n    return x\n```", "def f(x):\n    return x\n", "fence", []Piece{{10, 4, 13}}},
		{FormCompletion, "", "def f(x):\n", "completion", nil},
	} {
		l := p.Assemble(c.form, c.text)
		if l.Code != c.code || l.How != c.how || fmt.Sprint(l.Pieces) != fmt.Sprint(c.pieces) {
			t.Errorf("%s %q: %+v", c.form, c.text, l)
		}
	}
}
