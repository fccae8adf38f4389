package style

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"sync"
	"unicode/utf8"

	"hone/source"
	"hone/source/python"
)

// token is a token with its place as the rules need it.
type token struct {
	kind       python.TokenKind
	keyword    bool // not match, case, _
	text       []byte
	start, end int // bytes of the program
	row        int // line of the start, from 1
	endRow     int
	col        int // characters before it on its line
	endCol     int
	// virtual marks the NEWLINE that the tokenizer adds to a last line without an end.
	virtual bool
}

func (t *token) is(s string) bool { return string(t.text) == s }

// one is the only byte of an operator of one byte, otherwise 0.
func (t *token) one() byte {
	if t.kind == python.OP && len(t.text) == 1 {
		return t.text[0]
	}
	return 0
}

func opening(c byte) bool { return c == '(' || c == '[' || c == '{' }
func closing(c byte) bool { return c == ')' || c == ']' || c == '}' }

// checker goes through one program.
type checker struct {
	text     []byte
	lines    *source.Lines
	opts     Options
	total    int // lines
	findings []source.Finding

	// row is how many lines the tokenizer has read so far.
	row int
	// indentChar is the first character of the first line that begins with white
	// space, among those read so far; 0 before.
	indentChar rune

	// What the rules of blank lines and blocks know about the lines before.
	blankLines  int // blank lines directly before
	blankBefore int // the same, counting those before comments
	previous    struct {
		level      int    // indentation in columns
		text       []byte // of the last logical line that is not a comment
		unindented []byte // of the last one at the top level
	}
	nesting      nesting
	imports      importState
	continuation continuation

	logicalText []byte     // the logical lines, one after the other
	mapping     []mapPoint // of the current one
}

// scratch keeps the memory of converted tokens between programs.
var scratch = sync.Pool{New: func() any { return new([]token) }}

// convert gives tokens rows and columns, and ends them where the tool's tokenizer does. They are
// written over out.
func (c *checker) convert(tokens []python.Token, out []token) []token {
	out = slices.Grow(out[:0], len(tokens))
	row, offset, col := 1, 0, 0
	next := c.lines.Span(1).End // where the next row starts
	advance := func(to int) {
		for to >= next && row < c.lines.Count() {
			row++
			offset, col = next, 0
			next = c.lines.Span(row).End
		}
		col += utf8.RuneCount(c.text[offset:to])
		offset = to
	}
	for _, t := range tokens {
		if t.Span.Start >= len(c.text) && (t.Kind == python.DEDENT || t.Kind == python.ENDMARKER || t.Span.Len() == 0 && c.blankEnd()) {
			return c.end(out)
		}
		x := token{kind: t.Kind, keyword: t.IsKeyword(), text: c.text[t.Span.Start:t.Span.End], start: t.Span.Start, end: t.Span.End}
		advance(x.start)
		x.row, x.col = row, col
		x.endRow, x.endCol = row, col
		switch {
		case x.kind == python.NEWLINE || x.kind == python.NL:
			x.virtual = x.kind == python.NEWLINE && len(x.text) == 0
		default:
			advance(x.end)
			x.endRow, x.endCol = row, col
		}
		out = append(out, x)
	}
	return out
}

// blankEnd reports whether the last line has no end and nothing but white space.
func (c *checker) blankEnd() bool {
	last := c.lines.Span(c.total)
	line := c.text[last.Start:last.End]
	return len(line) > 0 && len(bytes.TrimLeft(line, " \t\f")) == 0
}

// end adds the end marker if it is on the last line and that is not part of a string.
// Elsewhere it comes after the last line, and the tool does not see it.
func (c *checker) end(tokens []token) []token {
	start := c.lines.Span(c.total).Start
	if n := len(tokens); !c.blankEnd() || n > 0 && tokens[n-1].end > start {
		return tokens
	}
	return append(tokens, token{kind: python.ENDMARKER, start: start, end: start, row: c.total, endRow: c.total})
}

// run is the one pass: physical lines as they end, logical lines as they are complete.
func (c *checker) run(tokens []token) {
	tokens, fault := c.tokenizeErrors(tokens)
	first, brackets := 0, 0
	for i := range tokens {
		t := &tokens[i]
		c.read(t.endRow)
		c.physicalLines(t)
		switch b := t.one(); {
		case opening(b):
			brackets++
		case closing(b):
			brackets--
		case t.kind == python.NEWLINE: // also of a broken statement with open brackets
			first = c.statement(tokens[first:i+1], first)
			c.blankBefore, brackets = 0, 0
		case t.kind == python.OP || brackets != 0:
		case t.kind == python.NL && i == first:
			c.blankLines++
			first++
		case t.kind == python.NL:
			first = c.statement(tokens[first:i+1], first)
		}
	}
	if fault != nil {
		c.report(e901, fault.span.Start, fault.span.End, fault.kind, fault.message)
	}
	if first < len(tokens) {
		c.read(c.total)
		c.checkLine(c.total, false, c.noqa(c.total))
		c.statement(tokens[first:], first)
	}
	slices.SortStableFunc(c.findings, func(a, b source.Finding) int {
		return cmp.Or(cmp.Compare(a.Span.Start, b.Span.Start), cmp.Compare(a.Rule, b.Rule))
	})
}

// statement checks the logical line of some tokens, the first of which is number first,
// and returns where the next one begins.
func (c *checker) statement(tokens []token, first int) int {
	l, ok := c.logical(tokens)
	if !ok { // nothing but line ends and indentation: part of the next one
		return first
	}
	c.blankBefore = max(c.blankBefore, c.blankLines)
	for _, check := range statementChecks {
		check(c, l)
	}
	if len(l.text) > 0 {
		c.previous.level, c.previous.text = l.level, l.text
		if l.level == 0 {
			c.previous.unindented = l.text
		}
	}
	c.blankLines = 0
	return first + len(tokens)
}

// read notes that the tokenizer has come to a row.
func (c *checker) read(row int) {
	for row = min(row, c.total); c.row < row; {
		c.row++
		if c.indentChar != 0 {
			continue
		}
		switch r, _ := utf8.DecodeRune(c.lines.Text(c.row)); r {
		case ' ', '\t', '\u00a0':
			c.indentChar = r
		}
	}
}

// report adds a finding at [start, end) of the program; args fill in the verbs of its
// message. An empty place takes in the next character.
func (c *checker) report(r rule, start, end int, args ...any) {
	if !c.opts.Keep(table[r].ID) {
		return
	}
	start = min(max(start, 0), len(c.text))
	if end = min(end, len(c.text)); end <= start {
		_, size := utf8.DecodeRune(c.text[start:])
		end = start + size
	}
	message := table[r].Message
	if len(args) > 0 {
		message = fmt.Sprintf(message, args...)
	}
	c.findings = append(c.findings, source.Finding{
		Tool: Tool, Rule: table[r].ID, Message: message, Span: source.Span{Start: start, End: end},
	})
}

// noqa reports whether a comment on a row asks for silence.
func (c *checker) noqa(row int) bool { return !c.opts.Strict && noqa(c.lines.Text(row)) }

// noqa reports whether text asks for silence: "# noqa" or "# nopep8", in any case,
// ending a word.
func noqa(text []byte) bool {
	for {
		i := bytes.IndexByte(text, '#')
		if i < 0 {
			return false
		}
		text = text[i+1:]
		for _, word := range []string{" noqa", " nopep8"} {
			n := len(word)
			if len(text) >= n && bytes.EqualFold(text[:n], []byte(word)) && (len(text) == n || !wordByte(text[n])) {
				return true
			}
		}
	}
}

// fault is why the tokenizer of the tool stops.
type fault struct {
	span          source.Span
	kind, message string
}

// tokenizeErrors finds where the tool's tokenizer, which knows less than the parser, gives
// up, and returns the tokens that it has given until then.
func (c *checker) tokenizeErrors(tokens []token) ([]token, *fault) {
	levels := []int{0}
	brackets := 0
	for i := range tokens {
		t := &tokens[i]
		switch b := t.one(); {
		case opening(b):
			brackets++
		case closing(b):
			brackets--
		case t.kind == python.NEWLINE:
			brackets = 0
		case t.kind == python.INDENT:
			levels = append(levels, blockColumns(t.text))
		case t.kind == python.DEDENT:
			levels = levels[:max(1, len(levels)-1)]
			at := c.lines.Span(t.row).Start
			if width := blockColumns(c.text[at:t.start]); width > levels[len(levels)-1] {
				return tokens[:i], &fault{source.Span{Start: t.start, End: t.end}, "IndentationError", "unindent does not match any outer indentation level"}
			}
		case t.kind == python.ERRORTOKEN && openTriple(t.text):
			return tokens[:i], &fault{source.Span{Start: t.start, End: min(t.end, c.lines.Span(t.row).End)}, "TokenError", "EOF in multi-line string"}
		}
	}
	if brackets > 0 {
		if n := len(tokens); tokens[n-1].kind == python.ENDMARKER {
			tokens = tokens[:n-1]
		}
		return tokens, &fault{source.Span{Start: len(c.text), End: len(c.text)}, "TokenError", "EOF in multi-line statement"}
	}
	return tokens, nil
}

// blockColumns is the width of a line's indentation to Python, for which a form feed begins
// it anew.
func blockColumns(indent []byte) int { return tabColumns(indent[bytes.LastIndexByte(indent, '\f')+1:]) }

// openTriple reports whether an error is a string of several lines that does not end.
func openTriple(text []byte) bool {
	text = bytes.TrimLeft(text, "rRbBuUfF")
	return bytes.HasPrefix(text, []byte(`"""`)) || bytes.HasPrefix(text, []byte("'''"))
}
