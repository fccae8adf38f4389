package report

import "strings"

// Heading begins a section.
type Heading string

func (h Heading) write(p *printer) {
	if p.nested {
		p.markup("<h3>%s</h3>\n", string(h))
		return
	}
	p.sections++
	p.markup("<h2 id=\"section-%d\">%s</h2>\n", p.sections, string(h))
}

// Text is prose; blank lines divide paragraphs.
type Text string

func (t Text) write(p *printer) {
	for par := range strings.SplitSeq(string(t), "\n\n") {
		if par = strings.TrimSpace(par); par != "" {
			p.markup("<p>%s</p>\n", par)
		}
	}
}

// Figures are the few numbers that say most, large and side by side.
type Figures []Figure

// Figure is one of them.
type Figure struct {
	Name  string
	Value string
	Note  string // under the value: an interval, of how many
}

func (fs Figures) write(p *printer) {
	p.trusted("<dl class=\"figures\">\n")
	for _, f := range fs {
		p.markup("<div><dt>%s</dt><dd><strong>%s</strong><span>%s</span></dd></div>\n", f.Name, f.Value, f.Note)
	}
	p.trusted("</dl>\n")
}

// Fields are names with their values, one below the other.
type Fields []Field

// Field is one of them.
type Field struct {
	Name, Value string
	Code        bool // Value is program text or data: fixed width, spaces and line ends kept
	Color       Color
}

func (fs Fields) write(p *printer) {
	p.trusted("<dl class=\"fields\">\n")
	for _, f := range fs {
		p.markup("<dt>%s</dt><dd>", f.Name)
		p.dot(f.Color)
		if f.Code {
			p.markup("<code>%s</code>", f.Value)
		} else {
			p.text(f.Value)
		}
		p.trusted("</dd>\n")
	}
	p.trusted("</dl>\n")
}

// Details are blocks that open on demand.
type Details struct {
	Summary string
	Open    bool
	Blocks  []Block
}

func (d Details) write(p *printer) {
	open := ""
	if d.Open {
		open = " open"
	}
	p.trusted("<details" + open + ">")
	p.markup("<summary>%s</summary>\n", d.Summary)
	nested := p.nested
	p.nested = true // headings in it are no sections of the page
	p.blocks(d.Blocks)
	p.nested = nested
	p.trusted("</details>\n")
}

// Widget is an element that a script of the page's author fills: Script names one of
// [Page.Widgets], which gets the element and Data, any value that encoding/json takes.
// Texts in Data have to be set as text (textContent), not as markup.
type Widget struct {
	Script string
	Title  string // said by screen readers
	Data   any
}

func (w Widget) write(p *printer) {
	if _, ok := p.widgets[w.Script]; !ok && p.err == nil {
		p.err = unknownWidget(w.Script)
	}
	p.markup("<div class=\"widget\" data-widget=\"%s\" role=\"group\" aria-label=\"%s\">\n", w.Script, w.Title)
	p.data("data", w.Data)
	p.trusted("</div>\n")
}

type unknownWidget string

func (w unknownWidget) Error() string {
	return "widget " + string(w) + ": Page.Widgets has no script of that name"
}

// Color is a colour by its meaning, which light, dark and paper show each in their way.
type Color int

// Colors that can be told apart also by people who see no difference between red and green.
const (
	Auto Color = iota // none, or in a chart the next that is free
	Good
	Bad
	Neutral
	Blue
	Orange
	Teal
	Purple
	Ochre
	Rose
	Sky
)

// colorNames are the custom properties of page.css, without the dashes.
var colorNames = [...]string{
	Auto: "", Good: "good", Bad: "bad", Neutral: "neutral", Blue: "blue", Orange: "orange",
	Teal: "teal", Purple: "purple", Ochre: "ochre", Rose: "rose", Sky: "sky",
}

func (c Color) name() string {
	if c < 0 || int(c) >= len(colorNames) {
		return ""
	}
	return colorNames[c]
}

// dot writes a mark of the colour.
func (p *printer) dot(c Color) {
	if n := c.name(); n != "" {
		p.markup("<i class=\"dot\" style=\"background:var(--%s)\"></i>", n)
	}
}
