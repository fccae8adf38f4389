package main

import (
	"bufio"
	"cmp"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode"
	"unicode/utf8"

	"golang.org/x/term"
	"golang.org/x/text/width"

	"hone/source"
	"hone/source/check"
)

// checkPrinter prints reports for people: a line for each finding, and on a terminal the
// line of the program, underlined.
type checkPrinter struct {
	w       *bufio.Writer
	columns int // of the terminal; 0: not a terminal
	colour  bool
}

func newCheckPrinter(f *os.File) *checkPrinter {
	p := &checkPrinter{w: bufio.NewWriter(f)}
	if columns, _, err := term.GetSize(int(f.Fd())); err == nil && columns > 0 {
		p.columns = max(columns, 20)
		p.colour = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	}
	return p
}

func (p *checkPrinter) flush() error { return p.w.Flush() }

// paint is text in a colour of ECMA-48, where there are colours.
func (p *checkPrinter) paint(colour, text string) string {
	if !p.colour {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

const (
	bold = "1"
	blue = "34"
)

// colourOf is a finding's: red for what is certainly wrong.
func colourOf(f check.Finding) string {
	switch f.Severity {
	case source.High:
		return "1;31"
	case source.Medium:
		return "1;33"
	}
	return "1;36"
}

// report prints everything about one program.
func (p *checkPrinter) report(r *check.Report) {
	for _, f := range r.Findings {
		p.finding(r, f)
	}
	if r.Leaves > 0 {
		fmt.Fprintf(p.w, "%s: %s, %s\n", printable(r.File), count(r.Lines, "line", "lines"), count(r.Leaves, "token", "tokens"))
	}
	if r.Metrics != nil {
		p.metrics(r)
	}
	if r.DataFlow != nil {
		p.dataFlow(r)
	}
}

func (p *checkPrinter) finding(r *check.Report, f check.Finding) {
	place := fmt.Sprintf("%s:%d:%d:", printable(r.File), f.Line, f.Column)
	if p.columns == 0 {
		fmt.Fprintf(p.w, "%s %s %s\n", place, f.Rule, printable(f.Message))
		return
	}
	text := wrap(place+" "+f.Rule+" "+printable(f.Message), p.columns)
	text = strings.Replace(text, place, p.paint(bold, place), 1)
	text = strings.Replace(text, f.Rule, p.paint(colourOf(f), f.Rule), 1)
	fmt.Fprintln(p.w, text)
	line := r.Index().Span(f.Line)
	if line.End > len(r.Text) || line.Len() == 0 {
		return
	}
	number := fmt.Sprint(f.Line)
	shown, underline := sourceLine(r.Index().Text(f.Line), f.Span.Start-line.Start, f.Span.End-line.Start, p.columns-len(number)-4)
	fmt.Fprintf(p.w, " %s %s\n", p.paint(blue, number+" |"), shown)
	fmt.Fprintf(p.w, " %s %s\n", p.paint(blue, strings.Repeat(" ", len(number))+" |"), p.paint(colourOf(f), underline))
}

// sourceLine shows as much of a line around bytes [start, end) as fits into columns, and marks
// them below. What a terminal would act upon is shown as another character.
func sourceLine(line []byte, start, end, columns int) (shown, underline string) {
	type cell struct {
		text  string
		width int
	}
	var cells []cell
	from, to := -1, 0 // columns of the mark
	column := 0
	for i := 0; i < len(line); {
		r, size := utf8.DecodeRune(line[i:])
		c := cell{string(r), runeWidth(r)}
		if r == '\t' {
			c = cell{strings.Repeat(" ", 4-column%4), 4 - column%4}
		} else if !unicode.IsPrint(r) && !unicode.Is(unicode.Mn, r) {
			c = cell{"\ufffd", 1}
		}
		if i >= start && from < 0 {
			from = column
		}
		column += c.width
		if i < end {
			to = column
		}
		i += size
		cells = append(cells, c)
	}
	if from < 0 {
		from, to = column, column+1 // the end of the line
	}
	to = max(to, from+1)
	left := 0
	if to > columns && from > columns/3 {
		left = min(from-columns/3, max(0, max(column, to)-columns))
	}
	var b strings.Builder
	at := 0
	for _, c := range cells {
		switch {
		case at+c.width > left+columns:
		case at >= left:
			b.WriteString(c.text)
		case at+c.width > left: // half of a wide character
			b.WriteString(strings.Repeat(" ", at+c.width-left))
		}
		at += c.width
	}
	to = min(to, left+columns)
	return b.String(), strings.Repeat(" ", max(0, from-left)) + strings.Repeat("^", max(1, to-from))
}

// runeWidth is how many columns a character takes on a terminal (Unicode TR 11).
func runeWidth(r rune) int {
	if unicode.Is(unicode.Mn, r) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// printable is text that a terminal shows and does not act upon.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) || unicode.Is(unicode.M, r) {
			return r
		}
		return '\ufffd'
	}, text)
}

// metrics prints a table of a program's functions.
func (p *checkPrinter) metrics(r *check.Report) {
	fmt.Fprintf(p.w, "\n%s\n", p.paint(bold, printable(r.File)))
	t := tabwriter.NewWriter(p.w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "line\tlines\tMcCabe\tcognitive\tdepth\tvolume\tmaintainability\t  function")
	for _, f := range r.Metrics.Functions {
		fmt.Fprintf(t, "%d\t%d\t%d\t%d\t%d\t%.0f\t%.1f\t  %s\n", r.Index().Line(f.Span.Start), f.Lines.LOC, f.McCabe, f.Cognitive,
			f.FailureBench.NestingDepth, f.Halstead.Volume, f.Maintainability, printable(f.Name))
	}
	m := r.Metrics
	fmt.Fprintf(t, "\t%d\t%d\t%d\t%d\t%.0f\t%.1f\t  the whole program\n", m.Lines.LOC, m.McCabe, m.Cognitive, m.FailureBench.NestingDepth, m.Halstead.Volume, m.Maintainability)
	t.Flush()
}

// dataFlow prints where the values of a program's variables come from.
func (p *checkPrinter) dataFlow(r *check.Report) {
	d := r.DataFlow
	fmt.Fprintf(p.w, "\n%s: %s of variables, %d × comesFrom, %d × computedFrom\n",
		p.paint(bold, printable(r.File)), count(d.Variables, "occurrence", "occurrences"), d.ComesFrom, d.ComputedFrom)
	p.w.WriteString(d.Graph.Text(r.Index()))
}

// stat prints how often each rule was found, the most frequent first.
func (p *checkPrinter) stat(reports []check.Report) {
	counts, messages := map[string]int{}, map[string]string{}
	for _, r := range check.Rules() {
		messages[r.ID] = r.Summary()
	}
	for _, r := range reports {
		for _, f := range r.Findings {
			counts[f.Rule]++
		}
	}
	t := tabwriter.NewWriter(p.w, 0, 0, 2, ' ', 0)
	for _, rule := range slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(-cmp.Compare(counts[a], counts[b]), cmp.Compare(a, b))
	}) {
		fmt.Fprintf(t, "%6d\t%s\t%s\n", counts[rule], rule, messages[rule])
	}
	t.Flush()
}

func (p *checkPrinter) summary(found, files int) {
	if found == 0 {
		fmt.Fprintf(p.w, "nothing found in %s\n", count(files, "file", "files"))
		return
	}
	fmt.Fprintf(p.w, "%s in %s\n", count(found, "finding", "findings"), count(files, "file", "files"))
}
