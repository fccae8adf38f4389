package report

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Table is rows that can be sorted, filtered and, with Detail, opened, by pointer
// and by keyboard. A page shows any number of rows equally fast: those in sight are
// made when they come into sight.
type Table struct {
	// Name is short and unique in the page, "" for none. A row's address is
	// #Name/row, and a [Chart] filters the table by it.
	Name    string
	Caption string
	Columns []Column
	// Detail is what opens from a row, counted from 0; nil: nothing does. It is called once
	// for each row, in order, while the page is written.
	Detail func(row int) []Block
}

// Column is a column of a [Table], either Texts or Numbers, one for each row.
type Column struct {
	Name    string
	Help    string // what it means, shown on pointing at the name
	Texts   []string
	Numbers []float64 // NaN: nothing to show
	Digits  int       // of Numbers, after the point
	// Colors marks texts with a colour. Such a column should have few different texts:
	// the page offers each as a filter, with its number of rows; of more than three such columns those of the first.
	Colors map[string]Color
}

const (
	// plainRows is how many rows are in the markup, for readers without scripts.
	plainRows = 50
	// chunkBytes is how much markup of details is compressed, and unpacked, at once.
	chunkBytes = 256 << 10
	// A column of texts as long as roomy characters takes what is left of the width, but no less than cramped.
	roomy, cramped = 28, 22
)

// tableData is what table.js unpacks.
type tableData struct {
	Name    string       `json:"name"`
	Rows    int          `json:"rows"`
	Columns []columnData `json:"columns"`
	// Chunks are the first rows of the elements of class chunk, which hold what opens from the rows.
	Chunks []int `json:"chunks"`
}

type columnData struct {
	Name    string   `json:"name"`
	Texts   []string `json:"texts,omitempty"` // different ones
	Index   []int    `json:"index,omitempty"` // of the text of each row; absent: row i has text i
	Numbers *numbers `json:"numbers,omitempty"`
	Digits  int      `json:"digits"`
	Colors  []string `json:"colors,omitempty"` // of Texts
}

// numbers are rounded to what is shown, so that the page shows what Go would; NaN
// is null, an infinity a number beyond all floats.
type numbers struct {
	xs     []float64
	digits int
}

// MarshalJSON implements the interface of encoding/json.
func (n numbers) MarshalJSON() ([]byte, error) {
	b := []byte{'['}
	for i, x := range n.xs {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, finite(x, n.digits)...)
	}
	return append(b, ']'), nil
}

// finite is x as JSON, with digits after the point, or as many as it takes where that is -1.
func finite(x float64, digits int) string {
	switch {
	case math.IsNaN(x):
		return "null"
	case math.IsInf(x, 0):
		return map[bool]string{false: "1e999", true: "-1e999"}[x < 0]
	case digits < 0:
		return strconv.FormatFloat(x, 'g', -1, 64)
	}
	return strconv.FormatFloat(x, 'f', digits, 64)
}

// shown is x as the page shows it: rows.js has the same.
func shown(x float64, digits int) string {
	switch {
	case math.IsNaN(x):
		return ""
	case math.IsInf(x, 1):
		return "∞"
	case math.IsInf(x, -1):
		return "−∞"
	}
	s := strconv.FormatFloat(x, 'f', digits, 64)
	if strings.Trim(s, "-0.") == "" { // no negative zero
		s = strings.TrimPrefix(s, "-")
	}
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	if len(whole) > 4 { // four digits are read without help
		for i := len(whole) - 3; i > 0; i -= 3 {
			whole = whole[:i] + "\u202f" + whole[i:]
		}
	}
	if fraction != "" {
		whole += "." + fraction
	}
	if strings.HasPrefix(s, "-") {
		return "−" + whole
	}
	return whole
}

// rows is the number of rows, that of the longest column.
func (t *Table) rows() int {
	n := 0
	for _, c := range t.Columns {
		n = max(n, len(c.Texts), len(c.Numbers))
	}
	return n
}

func (c *Column) numeric() bool { return c.Texts == nil }

// cell is what row i shows.
func (c *Column) cell(i int) string {
	switch {
	case c.numeric() && i < len(c.Numbers):
		return shown(c.Numbers[i], c.Digits)
	case i < len(c.Texts):
		return visible(c.Texts[i])
	}
	return ""
}

// width is the column's in characters: that of its longest text but for one in twenty.
func (c *Column) width(rows int) int {
	var lens []int
	for i := 0; i < rows; i += max(1, rows/2000) {
		lens = append(lens, utf8.RuneCountInString(c.cell(i)))
	}
	slices.Sort(lens)
	w := utf8.RuneCountInString(c.Name) + 3 // the mark of sorting
	if len(lens) > 0 {
		w = max(w, lens[len(lens)*19/20])
	}
	if len(c.Colors) > 0 {
		w += 2
	}
	return w + 2 // between columns
}

// widths are those of the columns, 0 for what is left, and the least of the whole. Without
// a roomy column the table is no wider than a good deal more than that.
func (t *Table) widths(rows int) (columns []int, style string) {
	least, room := 0, false
	for i := range t.Columns {
		w := t.Columns[i].width(rows)
		if !t.Columns[i].numeric() && w >= roomy {
			columns, least, room = append(columns, 0), least+cramped, true
			continue
		}
		columns, least = append(columns, w), least+w
	}
	style = fmt.Sprintf("min-width:%dch", least)
	if !room {
		style += fmt.Sprintf(";max-width:%dch", least*3/2)
	}
	return columns, style
}

func (c *Column) encode() columnData {
	d := columnData{Name: visible(c.Name), Digits: c.Digits}
	if c.numeric() {
		d.Numbers = &numbers{c.Numbers, c.Digits}
		return d
	}
	at := map[string]int{}
	repeated := false
	for _, s := range c.Texts {
		i, ok := at[s]
		if !ok {
			i = len(d.Texts)
			at[s] = i
			d.Texts = append(d.Texts, visible(s))
			if c.Colors != nil {
				d.Colors = append(d.Colors, c.Colors[s].name())
			}
		}
		repeated = repeated || ok
		d.Index = append(d.Index, i)
	}
	if !repeated {
		d.Index = nil
	}
	return d
}

func (t Table) write(p *printer) {
	rows := t.rows()
	p.markup("<section class=\"table\" data-name=\"%s\"", t.Name)
	if t.Name != "" && !p.nested {
		p.markup(" id=\"%s\"", t.Name)
	}
	widths, style := t.widths(rows)
	p.markup(">\n<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"%s\">\n<table aria-rowcount=\"%d\" style=\"%s\">\n", t.Caption, rows+1, style)
	if t.Caption != "" {
		p.markup("<caption>%s</caption>\n", t.Caption)
	}
	t.head(p, widths)
	t.plain(p, rows)
	p.trusted("</table>\n</div>\n")
	d := tableData{Name: t.Name, Rows: rows}
	if t.Detail != nil {
		d.Chunks = t.details(p, rows)
	}
	for i := range t.Columns {
		d.Columns = append(d.Columns, t.Columns[i].encode())
	}
	p.data("data", d)
	p.trusted("</section>\n")
}

// head writes the names of the columns and their widths.
func (t *Table) head(p *printer, widths []int) {
	p.trusted("<colgroup>")
	for _, w := range widths {
		if w == 0 {
			p.trusted("<col>")
			continue
		}
		p.markup("<col style=\"width:%dch\">", w)
	}
	p.trusted("</colgroup>\n<thead><tr aria-rowindex=\"1\">")
	for i := range t.Columns {
		c := &t.Columns[i]
		p.trusted("<th scope=\"col\"" + numberClass(c))
		if c.Help != "" {
			p.markup(" title=\"%s\"", c.Help)
		}
		p.markup("><span>%s</span></th>", c.Name)
	}
	p.trusted("</tr></thead>\n")
}

func numberClass(c *Column) string {
	if c.numeric() {
		return ` class="number"`
	}
	return ""
}

// plain writes the first rows, which the page's script replaces.
func (t *Table) plain(p *printer, rows int) {
	p.trusted("<tbody>\n")
	for r := range min(rows, plainRows) {
		p.markup("<tr aria-rowindex=\"%d\">", r+2)
		for i := range t.Columns {
			c := &t.Columns[i]
			p.trusted("<td" + numberClass(c) + ">")
			if r < len(c.Texts) {
				p.dot(c.Colors[c.Texts[r]])
			}
			p.text(c.cell(r))
			p.trusted("</td>")
		}
		p.trusted("</tr>\n")
	}
	p.trusted("</tbody>\n")
	if rows > plainRows {
		p.markup("<tfoot><tr><td colspan=\"%d\">and %s more rows, which are shown where scripts are allowed</td></tr></tfoot>\n", len(t.Columns), shown(float64(rows-plainRows), 0))
	}
}

// details writes what opens from the rows, in chunks, and returns the first row of each.
func (t *Table) details(p *printer, rows int) (first []int) {
	var chunk []string
	size := 0
	flush := func(next int) {
		if len(chunk) > 0 {
			p.data("chunk", chunk)
			first = append(first, next-len(chunk))
		}
		chunk, size = chunk[:0], 0
	}
	for r := range rows {
		if p.err != nil {
			return nil
		}
		s := p.fragment(t.Detail(r))
		chunk = append(chunk, s)
		if size += len(s); size >= chunkBytes {
			flush(r + 1)
		}
	}
	flush(rows)
	return first
}
