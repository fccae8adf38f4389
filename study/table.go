package study

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat/distuv"

	"hone/report"
)

// Mean is a mean over seeds.
type Mean struct {
	Value float64 `json:"value"`
	// Half is half the width of Student's 95 % interval; NaN of a single number.
	Half float64 `json:"half"`
	N    int     `json:"n"`
}

// MeanOf is the mean of x with its interval.
func MeanOf(x []float64) Mean {
	m := Mean{N: len(x), Half: math.NaN(), Value: math.NaN()}
	if len(x) == 0 {
		return m
	}
	var sum, square float64
	for _, v := range x {
		sum += v
	}
	m.Value = sum / float64(len(x))
	for _, v := range x {
		square += (v - m.Value) * (v - m.Value)
	}
	if n := float64(len(x)); n > 1 {
		t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile(.975)
		m.Half = t * math.Sqrt(square/(n-1)/n)
	}
	return m
}

// String is the mean with its interval, and how many numbers it is of where these are fewer than seeds.
func (m Mean) String() string {
	switch {
	case m.N == 0:
		return "–"
	case m.N == 1:
		return fmt.Sprintf("%.4g (one)", m.Value)
	}
	half := m.Half
	if half < 1e-9*math.Abs(m.Value) {
		half = 0 // what is the same for all seeds differs by rounding at most
	}
	return fmt.Sprintf("%.4g ± %.2g", m.Value, half)
}

// Grid is a table with its numbers.
type Grid struct {
	Title         string
	Rows, Columns []string
	Cells         [][]Mean // [row][column]
	Seeds         int
}

// Grid fills in a table. Axes that are neither rows nor columns are averaged over.
func (s *Study) Grid(t Table, results []Result) Grid {
	g := Grid{Title: t.Title, Seeds: len(s.Seeds), Columns: []string{"mean"}}
	names := func(axis string) (out []string) {
		for _, v := range s.axis(axis).Values {
			if slices.ContainsFunc(results, func(r Result) bool { return t.has(r.Cell) && r.Cell.At[axis] == v.Name }) {
				out = append(out, v.Name)
			}
		}
		return out
	}
	g.Rows = names(t.Rows)
	if t.Columns != "" {
		g.Columns = names(t.Columns)
	}
	// Cells of one seed are averaged first: an interval is about seeds, and what several of them share,
	// such as a baseline, counts once.
	mean := func(path, row, column string) Mean {
		var seeds []int
		var x, n []float64
		for _, r := range results {
			v, ok := r.Numbers[path]
			if !ok || r.Error != "" || !t.has(r.Cell) || row != "" && r.Cell.At[t.Rows] != row || t.Columns != "" && r.Cell.At[t.Columns] != column {
				continue
			}
			i := slices.Index(seeds, r.Cell.Seed)
			if i < 0 {
				i, seeds, x, n = len(seeds), append(seeds, r.Cell.Seed), append(x, 0), append(n, 0)
			}
			n[i]++
			x[i] += (v*t.Scale - x[i]) / n[i]
		}
		return MeanOf(x)
	}
	for _, row := range g.Rows {
		var cells []Mean
		for _, column := range g.Columns {
			cells = append(cells, mean(t.Value, row, column))
		}
		g.Cells = append(g.Cells, cells)
	}
	for _, b := range t.Beside {
		var cells []Mean
		for _, column := range g.Columns {
			cells = append(cells, mean(b.Value, "", column))
		}
		g.Rows, g.Cells = append(g.Rows, b.Name), append(g.Cells, cells)
	}
	return g
}

// has reports whether a cell is one of the table's.
func (t *Table) has(c Cell) bool {
	for axis, values := range t.Only {
		if !slices.Contains(values, c.At[axis]) {
			return false
		}
	}
	return c.Step == t.Step
}

// paths are those of all its numbers.
func (t *Table) paths() []string {
	out := []string{t.Value}
	for _, b := range t.Beside {
		out = append(out, b.Value)
	}
	return out
}

// Empty reports whether no cell has a number yet.
func (g Grid) Empty() bool {
	for _, row := range g.Cells {
		for _, m := range row {
			if m.N > 0 {
				return false
			}
		}
	}
	return true
}

// Text is the grid for a terminal or a Markdown file.
func (g Grid) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n| | %s |\n|---|%s\n", g.Title, strings.Join(g.Columns, " | "), strings.Repeat("---|", len(g.Columns)))
	for i, row := range g.Rows {
		fmt.Fprintf(&b, "| %s |", row)
		for _, m := range g.Cells[i] {
			fmt.Fprintf(&b, " %s |", m)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// CSV writes the numbers of the tables, one a row: the step, the values of all axes (empty where the
// step has none), the seed, the number's path and the number.
func (s *Study) CSV(w io.Writer, results []Result) error {
	c := csv.NewWriter(w)
	head := []string{"step"}
	for _, a := range s.Axes {
		head = append(head, a.Name)
	}
	if err := c.Write(append(head, "seed", "path", "value")); err != nil {
		return err
	}
	for _, r := range results {
		var paths []string
		for _, t := range s.Tables {
			for _, p := range t.paths() {
				if _, ok := r.Numbers[p]; ok && t.has(r.Cell) && !slices.Contains(paths, p) {
					paths = append(paths, p)
				}
			}
		}
		row := []string{r.Cell.Step}
		for _, a := range s.Axes {
			row = append(row, r.Cell.At[a.Name])
		}
		for _, p := range paths {
			if err := c.Write(append(slices.Clone(row), fmt.Sprint(r.Cell.Seed), p, fmt.Sprintf("%.6g", r.Numbers[p]))); err != nil {
				return err
			}
		}
	}
	c.Flush()
	return c.Error()
}

func (g Grid) block() report.Block {
	t := report.Table{Caption: fmt.Sprintf("%s; mean ± half of Student's 95 %% interval, over the cells that are there of %d seeds", g.Title, g.Seeds), Columns: []report.Column{{Name: "", Texts: g.Rows}}}
	for j, name := range g.Columns {
		c := report.Column{Name: name}
		for i := range g.Rows {
			c.Texts = append(c.Texts, g.Cells[i][j].String())
		}
		t.Columns = append(t.Columns, c)
	}
	return t
}

// points are the rows of a curve's file that have both numbers.
func (c *Curve) points(dir string) (map[float64]float64, error) {
	f, err := os.Open(filepath.Join(dir, c.File))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	out := map[float64]float64{}
	r := bufio.NewScanner(f)
	r.Buffer(nil, 1<<26)
	for r.Scan() {
		var v any
		if err := json.Unmarshal(r.Bytes(), &v); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name(), err)
		}
		n := map[string]float64{}
		collect(n, "", v)
		if y, ok := n[c.Y]; ok {
			out[n[c.X]] = y
		}
	}
	return out, r.Err()
}

// chart draws a curve: the mean at each place that all runs of a line have.
func (s *Study) chart(c Curve, results []Result, dir string) (report.Block, error) {
	chart := report.Chart{Title: c.Title, Caption: fmt.Sprintf("mean over the cells that are there of %d seeds", len(s.Seeds)), X: report.Axis{Name: c.X}, Y: report.Axis{Name: c.Y}}
	for _, v := range s.axis(c.Lines).Values {
		sums, counts, runs := map[float64]float64{}, map[float64]int{}, 0
		for _, r := range results {
			if r.Cell.Step != c.Step || r.Cell.At[c.Lines] != v.Name || r.Error != "" {
				continue
			}
			points, err := c.points(filepath.Join(dir, r.Cell.Key))
			if err != nil {
				return nil, err
			}
			runs++
			for x, y := range points {
				sums[x] += y
				counts[x]++
			}
		}
		line := report.Series{Name: v.Name, Shape: report.Line}
		var at []float64
		for x, n := range counts {
			if n == runs {
				at = append(at, x)
			}
		}
		slices.Sort(at)
		for _, x := range at {
			line.X, line.Y = append(line.X, x), append(line.Y, sums[x]/float64(runs))
		}
		if len(at) > 0 {
			chart.Series = append(chart.Series, line)
		}
	}
	return chart, nil
}

// Page is the study as a report.
func (s *Study) Page(results []Result, cells int, dir string) (*report.Page, error) {
	page := &report.Page{Title: s.Name, Lead: s.About}
	var failed []string
	var seconds float64
	for _, r := range results {
		seconds += r.Seconds
		if r.Error != "" {
			failed = append(failed, fmt.Sprintf("%s %v seed %d: %s", r.Cell.Step, r.Cell.At, r.Cell.Seed, r.Error))
		}
	}
	page.Blocks = append(page.Blocks, report.Figures{
		{Name: "cells with a result", Value: fmt.Sprintf("%d of %d", len(results)-len(failed), cells)},
		{Name: "time", Value: fmt.Sprintf("%.1f h", seconds/3600)},
	})
	for _, t := range s.Tables {
		if g := s.Grid(t, results); !g.Empty() {
			page.Blocks = append(page.Blocks, g.block())
		}
	}
	for _, c := range s.Curves {
		chart, err := s.chart(c, results, dir)
		if err != nil {
			return nil, err
		}
		page.Blocks = append(page.Blocks, chart)
	}
	if len(failed) > 0 {
		page.Blocks = append(page.Blocks, report.Heading("Cells that failed"), report.Code{Text: strings.Join(failed, "\n")})
	}
	return page, nil
}
