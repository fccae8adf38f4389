package style

import (
	"bytes"
	"slices"

	"hone/source/python"
)

// continuation follows the brackets of one logical line and judges where its second and
// further lines start. There are two good ways: a visual indent lines up with something
// on a line above, a hanging indent is four columns more than the line that opened the
// bracket, which has nothing after it.
type continuation struct {
	c *checker
	l *logical

	depth int
	row   int // of the current token, from 0 for the statement's first
	// By row: brackets opened there and still open, indentation relative to the statement.
	open, relative []int
	// By depth: rows on which a bracket was opened, the hanging indent and the column of
	// the visual indent found so far (0: none).
	openRows [][]int
	hangs    []int
	indent   []int
	// chances are the columns in which a line may start.
	chances []chance

	lastIndent    int    // column at which the last continuation line starts
	visual        chance // what made the last such line line up
	multilineLast bool   // the last token was a string of several lines
	indentNext    bool   // the statement is followed by a block
}

// chance says why a line may start in a column.
type chance struct {
	why  chanceKind
	text []byte // of the token to line up with, if why is sameToken
}

func (ch chance) some() bool { return ch.why != noChance }

type chanceKind uint8

const (
	noChance chanceKind = iota
	alignsBracket
	alignsString
	sameToken
)

// widest is the last column that is remembered as a chance: nobody lines up code beyond,
// and a line of a megabyte is no reason to remember a million columns.
const widest = 4096

func (k *continuation) chance(col int) chance {
	if col < len(k.chances) {
		return k.chances[col]
	}
	return chance{}
}

func (k *continuation) setChance(col int, ch chance) {
	if col < 0 || col > widest {
		return
	}
	for len(k.chances) <= col {
		k.chances = append(k.chances, chance{})
	}
	k.chances[col] = ch
}

// continuationLines checks E121 to E131 and E133.
func continuationLines(c *checker, l *logical) {
	first, last := &l.tokens[0], &l.tokens[len(l.tokens)-1]
	rows := 1 + last.row - first.row
	if l.noqa || rows == 1 {
		return
	}
	k := &c.continuation
	k.start(c, l, rows)
	for i := range l.tokens {
		t := &l.tokens[i]
		newline := k.row < t.row-first.row
		if newline {
			k.row = t.row - first.row
			newline = !k.multilineLast && t.kind != python.NL && t.kind != python.NEWLINE
		}
		if newline {
			k.lineStart(t)
		}
		k.remember(t)
		if t.kind == python.OP {
			k.bracket(t)
		}
		k.multilineLast = t.row != t.endRow
		if end := t.endRow - first.row; k.multilineLast && end < rows {
			k.relative[end] = k.relative[k.row]
		}
	}
	if !k.indentNext || last.virtual || expandIndent(c.lines.Text(last.row)) != l.level+indentSize {
		return
	}
	line := c.lines.Span(last.row)
	at := line.Start + byteColumn(c.lines.Text(last.row), k.indent[0]+indentSize)
	why := e125
	if k.visual.some() {
		why = e129
	}
	c.report(why, at, wordEnd(c.text[:line.End], at))
}

func (k *continuation) start(c *checker, l *logical, rows int) {
	first := &l.tokens[0]
	zeros := func(s []int, n int) []int {
		if cap(s) < n {
			return make([]int, n)
		}
		s = s[:n]
		clear(s)
		return s
	}
	*k = continuation{
		c: c, l: l,
		open:       zeros(k.open, rows),
		relative:   zeros(k.relative, rows),
		openRows:   append(k.openRows[:0], []int{0}),
		hangs:      append(k.hangs[:0], 0),
		indent:     append(k.indent[:0], first.col),
		chances:    k.chances[:0],
		lastIndent: first.col,
		indentNext: bytes.HasSuffix(l.text, []byte(":")),
	}
}

// lineStart judges the first token of a continuation line.
func (k *continuation) lineStart(t *token) {
	k.lastIndent = t.col
	k.relative[k.row] = expandIndent(k.c.lines.Text(t.row)) - k.l.level
	closes := closing(t.one())
	hang, hanging := k.hang()
	k.visual = chance{}
	if !closes && hang > 0 {
		k.visual = k.chance(t.col)
	}
	visualColumn := k.indent[k.depth]
	report := func(r rule) { k.c.report(r, t.start, min(t.end, k.c.lines.Span(t.row).End)) }
	switch {
	case closes && visualColumn != 0:
		if t.col != visualColumn {
			report(e124)
		}
	case closes && hang == 0:
		if k.c.opts.HangClosing {
			report(e133)
		}
	case visualColumn != 0 && t.col < visualColumn:
		if k.visual.why != alignsBracket {
			report(e128)
		}
	case hanging || k.indentNext && k.relative[k.row] == 2*indentSize:
		if closes && !k.c.opts.HangClosing {
			report(e123)
		}
		k.hangs[k.depth] = hang
	case k.visual.why == alignsBracket:
		k.indent[k.depth] = t.col
	case k.visual.why == alignsString, k.visual.why == sameToken && bytes.Equal(k.visual.text, t.text):
	case hang <= 0:
		report(e122)
	case visualColumn != 0:
		report(e127)
	case !closes && k.hangs[k.depth] != 0:
		report(e131)
	default:
		k.hangs[k.depth] = hang
		if hang > indentSize {
			report(e126)
		} else {
			report(e121)
		}
	}
}

// hang is how much further the current line is indented than the line that opened the
// bracket, and whether that is a hanging indent.
func (k *continuation) hang() (hang int, hanging bool) {
	rows := k.openRows[k.depth]
	for i := len(rows) - 1; i >= 0; i-- {
		hang = k.relative[k.row] - k.relative[rows[i]]
		hanging = hang == indentSize || k.c.indentChar == '\t' && hang == 2*indentSize
		if hanging {
			break
		}
	}
	if h := k.hangs[k.depth]; h != 0 {
		hanging = hang == h
	}
	return hang, hanging
}

// remember notes the columns that a token gives a further line to start in.
func (k *continuation) remember(t *token) {
	comment := t.kind == python.COMMENT
	switch {
	case k.open[k.row] != 0 && t.kind != python.NL && !comment && k.indent[k.depth] == 0:
		k.indent[k.depth] = t.col
		k.setChance(t.col, chance{why: alignsBracket})
	case t.kind == python.STRING, comment, t.is("u"), t.is("ur"), t.is("b"), t.is("br"):
		k.setChance(t.col, chance{why: alignsString})
	case k.row == 0 && k.depth == 0 && (t.is("assert") || t.is("raise") || t.is("with")):
		k.setChance(t.endCol+1, chance{why: alignsBracket})
	case k.row == 0 && k.depth == 0 && t.is("if") && !slices.ContainsFunc(k.chances, chance.some): // "if (" is four columns wide
		k.setChance(t.endCol+1, chance{why: alignsBracket})
	case t.is(":") && k.endsLine(t):
		k.openRows[k.depth] = append(k.openRows[k.depth], k.row)
	}
}

// endsLine reports whether nothing follows a token on its line.
func (k *continuation) endsLine(t *token) bool {
	rest := k.c.text[t.end:k.c.lines.Span(t.row).End]
	return len(rest) > 0 && len(bytes.TrimLeftFunc(rest, isSpace)) == 0
}

// bracket follows an operator, brackets above all.
func (k *continuation) bracket(t *token) {
	switch b := t.one(); {
	case opening(b):
		k.depth++
		k.indent = append(k.indent, 0)
		k.hangs = append(k.hangs, 0)
		if len(k.openRows) == k.depth {
			k.openRows = append(k.openRows, nil)
		}
		k.openRows[k.depth] = append(k.openRows[k.depth], k.row)
		k.open[k.row]++
	case closing(b) && k.depth > 0:
		k.close()
	}
	if !k.chance(t.col).some() {
		k.setChance(t.col, chance{sameToken, t.text})
	}
}

func (k *continuation) close() {
	column := k.indent[k.depth]
	if column == 0 {
		column = k.lastIndent
	}
	k.indent, k.hangs = k.indent[:k.depth], k.hangs[:k.depth]
	for d := range k.indent { // lines outside are not indented more than those inside
		if k.indent[d] > column {
			k.indent[d] = 0
		}
	}
	if column < len(k.chances) {
		k.chances = k.chances[:column]
	}
	k.openRows = k.openRows[:k.depth+1]
	k.depth--
	if k.depth > 0 {
		k.setChance(k.indent[k.depth], chance{why: alignsBracket})
	}
	for row := k.row; row >= 0; row-- {
		if k.open[row] != 0 {
			k.open[row]--
			break
		}
	}
}
