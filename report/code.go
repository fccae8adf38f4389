package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Code is a listing with the numbers of its lines, which are not copied with the text.
type Code struct {
	Caption string
	Text    string
	Marks   []Mark
	Spans   []Span
}

// Mark points at a line.
type Mark struct {
	Line int    // from 1
	Note string // what is the matter with it, shown under it
}

// Span gives a part of the text, such as a token, a weight.
type Span struct {
	From, To int // bytes of Text, [From, To)
	// Weight is the colour from −1 (bad) over 0 (none) to 1 (good).
	Weight float64
	Note   string // shown on pointing at it
}

func (c Code) write(p *printer) {
	p.trusted("<figure class=\"code\">")
	if c.Caption != "" {
		p.markup("<figcaption>%s</figcaption>", c.Caption)
	}
	text := strings.TrimSuffix(c.Text, "\n")
	p.markup("<pre style=\"--digits:%dch\"><code>", len(fmt.Sprint(1+strings.Count(text, "\n"))))
	notes := map[int][]string{}
	for _, m := range c.Marks {
		notes[m.Line] = append(notes[m.Line], m.Note)
	}
	spans := slices.SortedStableFunc(slices.Values(c.Spans), func(a, b Span) int { return cmp.Compare(a.From, b.From) })
	number, at := 0, 0
	for line := range strings.SplitSeq(text, "\n") {
		number++
		marked, isMarked := notes[number]
		class := "line"
		if isMarked {
			class = "line marked"
		}
		p.trusted("<span class=\"" + class + "\">")
		spans = p.codeLine(line, at, spans)
		p.trusted("\n</span>")
		for _, n := range marked {
			if n != "" {
				p.markup("<span class=\"note\" role=\"note\">%s\n</span>", n)
			}
		}
		at += len(line) + 1
	}
	p.trusted("</code></pre></figure>\n")
}

// codeLine writes one line that begins at byte at of the text, and returns the spans
// that do not end in it. Spans that overlap an earlier one begin where that ends.
func (p *printer) codeLine(line string, at int, spans []Span) []Span {
	done := 0 // bytes of the line
	for len(spans) > 0 {
		s := spans[0]
		from, to := max(s.From-at, done), min(s.To-at, len(line))
		if s.From-at > len(line) {
			break // begins below
		}
		if from < to {
			p.text(line[done:from])
			p.span(s, line[from:to])
			done = to
		}
		if s.To-at > len(line)+1 {
			break // goes on below
		}
		spans = spans[1:]
	}
	p.text(line[done:])
	return spans
}

func (p *printer) span(s Span, text string) {
	class := "good"
	if s.Weight < 0 {
		class = "bad"
	}
	p.markup("<span class=\"weight %s\" style=\"--weight:%.3f\"", class, min(1, max(s.Weight, -s.Weight)))
	if s.Note != "" {
		p.markup(" title=\"%s\"", s.Note)
	}
	p.markup(">%s</span>", text)
}
