package report

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
)

// Chart shows series over a common X axis. Under it the page offers the numbers as a table.
type Chart struct {
	Title   string
	Caption string // what is compared, over how many
	X, Y    Axis
	Series  []Series
	// Sideways puts X up the page and Y along it, for bars with long names.
	Sideways bool
	Height   int // in CSS pixels, 0: 300
	// Table and Column name a table of the page and a column of it, "" for none:
	// choosing a category of the chart shows the rows that have it there.
	Table, Column string
}

// Axis is an axis of a [Chart].
type Axis struct {
	Name string
	// Categories are the names of the places of X, in order; nil: numbers.
	Categories []string
	Log        bool
	Percent    bool     // values are fractions of 1
	Min, Max   *float64 // nil: what the values need
}

// Mark kinds of a [Series].
const (
	Bars   Shape = iota // from 0
	Line                // joined in the order given
	Points              // alone
	Steps               // a line that keeps its value until the next
)

// Shape is how a series is drawn.
type Shape int

// Series is a row of values.
type Series struct {
	Name  string
	Shape Shape
	// Stacked puts bars on those of the stacked series before.
	Stacked bool
	X       []float64 // nil: 0, 1, 2 …, the places of X.Categories
	Y       []float64 // NaN: a gap
	// Lo and Hi, where given, are an interval of each Y: a band around a line, whiskers otherwise.
	Lo, Hi []float64
	Color  Color
	Labels []string // names of the points, shown on pointing
}

// axisData and seriesData are what chart.js unpacks.
type axisData struct {
	Name       string   `json:"name"`
	Categories []string `json:"categories,omitempty"`
	Log        bool     `json:"log"`
	Percent    bool     `json:"percent"`
	Min        *float64 `json:"min,omitempty"`
	Max        *float64 `json:"max,omitempty"`
}

type seriesData struct {
	Name    string   `json:"name"`
	Shape   string   `json:"shape"`
	Stacked bool     `json:"stacked"`
	X       numbers  `json:"x"`
	Y       numbers  `json:"y"`
	Lo      numbers  `json:"lo"`
	Hi      numbers  `json:"hi"`
	Color   string   `json:"color"`
	Labels  []string `json:"labels,omitempty"`
}

type chartData struct {
	X        axisData     `json:"x"`
	Y        axisData     `json:"y"`
	Series   []seriesData `json:"series"`
	Sideways bool         `json:"sideways"`
	Table    string       `json:"table"`
	Column   string       `json:"column"`
}

func (a *Axis) encode() axisData {
	return axisData{visible(a.Name), allVisible(a.Categories), a.Log, a.Percent, a.Min, a.Max}
}

func allVisible(texts []string) []string {
	var out []string
	for _, s := range texts {
		out = append(out, visible(s))
	}
	return out
}

// free are the colours of series that have none, in this order.
var free = []Color{Blue, Orange, Teal, Purple, Ochre, Rose, Sky, Neutral}

func (c *Chart) encode() chartData {
	d := chartData{X: c.X.encode(), Y: c.Y.encode(), Sideways: c.Sideways, Table: c.Table, Column: c.Column}
	next := 0
	for _, s := range c.Series {
		color := s.Color
		if color.name() == "" {
			color = free[next%len(free)]
			next++
		}
		shape := map[Shape]string{Bars: "bars", Line: "line", Points: "points", Steps: "steps"}[s.Shape]
		d.Series = append(d.Series, seriesData{
			visible(s.Name), shape, s.Stacked, numbers{s.X, -1}, numbers{s.Y, -1}, numbers{s.Lo, -1}, numbers{s.Hi, -1}, color.name(), allVisible(s.Labels),
		})
	}
	return d
}

func (c Chart) write(p *printer) {
	p.charts = true
	height := c.Height
	if height <= 0 {
		height = 300
	}
	p.trusted("<figure class=\"chart\">\n")
	if c.Title != "" {
		p.markup("<h3>%s</h3>\n", c.Title)
	}
	p.markup("<div class=\"plot\" role=\"img\" aria-label=\"%s\" style=\"height:%dpx\"></div>\n", c.Title+". "+c.Caption, height)
	p.data("data", c.encode())
	if c.Caption != "" {
		p.markup("<figcaption>%s</figcaption>\n", c.Caption)
	}
	nested := p.nested
	p.nested = true
	Details{Summary: "Numbers", Blocks: []Block{c.numbers()}}.write(p)
	p.nested = nested
	p.trusted("</figure>\n")
}

// numbers is the chart as a table.
func (c *Chart) numbers() Table {
	var names, places []string
	var ys, los, his []float64
	interval := false
	for _, s := range c.Series {
		for i, y := range s.Y {
			names = append(names, s.Name)
			places = append(places, c.place(&s, i))
			ys = append(ys, y)
			lo, hi := math.NaN(), math.NaN()
			if i < len(s.Lo) && i < len(s.Hi) {
				lo, hi, interval = s.Lo[i], s.Hi[i], true
			}
			los, his = append(los, lo), append(his, hi)
		}
	}
	digits := digitsFor(ys)
	t := Table{Columns: []Column{
		{Name: "Series", Texts: names},
		{Name: cmp.Or(c.X.Name, "X"), Texts: places},
		{Name: cmp.Or(c.Y.Name, "Y"), Numbers: ys, Digits: digits},
	}}
	if interval {
		t.Columns = append(t.Columns, Column{Name: "from", Numbers: los, Digits: digits}, Column{Name: "to", Numbers: his, Digits: digits})
	}
	return t
}

// place says where the i-th value of a series is.
func (c *Chart) place(s *Series, i int) string {
	x := float64(i)
	if i < len(s.X) {
		x = s.X[i]
	}
	if k := int(x); c.X.Categories != nil && k >= 0 && k < len(c.X.Categories) {
		return c.X.Categories[k]
	}
	place := strconv.FormatFloat(x, 'g', 6, 64)
	if i < len(s.Labels) {
		place = fmt.Sprintf("%s (%s)", place, s.Labels[i])
	}
	return place
}

// digitsFor is 0 for whole numbers, else what shows four digits of the largest.
func digitsFor(xs []float64) int {
	whole, largest := true, 0.0
	for _, x := range xs {
		if !math.IsNaN(x) && !math.IsInf(x, 0) {
			whole = whole && x == math.Trunc(x)
			largest = math.Max(largest, math.Abs(x))
		}
	}
	if whole || largest == 0 {
		return 0
	}
	return min(9, max(1, 3-int(math.Floor(math.Log10(largest)))))
}
