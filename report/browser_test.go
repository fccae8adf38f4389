package report

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hone/internal/browser"
)

func startBrowser(t *testing.T) *browser.Browser {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	t.Cleanup(cancel)
	b, err := browser.Start(ctx)
	if errors.Is(err, browser.ErrMissing) {
		t.Skip("NOT RUN: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

// tester asks a page and fails the test where it cannot.
type tester struct {
	*browser.Page
	t testing.TB
}

func open(t *testing.T, b *browser.Browser, p *Page, v browser.View) tester {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.html")
	if err := p.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	return openFile(t, b, path, "", v)
}

func openFile(t testing.TB, b *browser.Browser, path, fragment string, v browser.View) tester {
	t.Helper()
	page, err := b.Open((&url.URL{Scheme: "file", Path: path, Fragment: fragment}).String(), v)
	if err != nil {
		t.Fatal(err)
	}
	p := tester{page, t}
	p.until(`document.documentElement.dataset.ready`)
	return p
}

func (p tester) until(expression string) {
	p.t.Helper()
	if err := p.Until(expression); err != nil {
		p.t.Fatal(err)
	}
}

func (p tester) press(keys ...string) {
	p.t.Helper()
	if err := p.Press(keys...); err != nil {
		p.t.Fatal(err)
	}
}

func (p tester) text(expression string) string {
	p.t.Helper()
	var s string
	if err := p.Eval("String("+expression+")", &s); err != nil {
		p.t.Fatal(err)
	}
	return s
}

// column is the texts in sight of a column of the first table.
func (p tester) column(at int) string {
	return p.text(fmt.Sprintf(`[...document.querySelectorAll("section.table")].filter(s => s.dataset.name === "rows")[0] &&
		[...document.querySelectorAll("section[data-name=rows] tbody tr:not(.gap)")].slice(0, 4).map(r => r.cells[%d].textContent).join(" ")`, at))
}

func (p tester) want(what, got, want string) {
	p.t.Helper()
	if got != want {
		p.t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// quiet checks that the page has had nothing to complain about and asked for nothing but itself.
func (p tester) quiet() {
	p.t.Helper()
	if problems := p.Problems(); len(problems) > 0 {
		p.t.Errorf("the console says:\n%s", strings.Join(problems, "\n"))
	}
	if r := p.Requests(); len(r) != 1 || !strings.HasPrefix(r[0], "file://") {
		p.t.Errorf("the page asked for %q", r)
	}
}

const evil = "</script><img src=x onerror='document.title=\"owned\"'><b>bold</b>"

// manyRows is a table whose row i has task "task i", a verdict and the number i²mod 1009.
func manyRows(rows int) Table {
	task, verdict, ms := make([]string, rows), make([]string, rows), make([]float64, rows)
	for i := range rows {
		task[i], verdict[i], ms[i] = fmt.Sprintf("task %d", i), []string{"pass", "wrong_answer", "timeout"}[i%3], float64(i*i%1009)
	}
	if rows > 7 {
		task[7] = evil
	}
	return Table{
		Name: "rows", Caption: "Programs",
		Columns: []Column{
			{Name: "task", Texts: task},
			{Name: "verdict", Texts: verdict, Colors: map[string]Color{"pass": Good, "wrong_answer": Bad, "timeout": Ochre}},
			{Name: "CPU ms", Numbers: ms, Digits: 1},
		},
		Detail: func(i int) []Block {
			program := fmt.Sprintf("def f(x):  # %s\n    y = x + %d\n    return y / 0\n", task[i], i)
			return []Block{
				Fields{{Name: "verdict", Value: verdict[i], Color: Bad}, {Name: "got", Value: evil, Code: true}},
				Code{Text: program, Marks: []Mark{{3, "ZeroDivisionError: division by zero"}}},
			}
		},
	}
}

func demoPage(rows int) *Page {
	lo, mid, hi := []float64{.1, .2, .3}, []float64{.2, .3, .42}, []float64{.3, .42, .5}
	return &Page{
		Title: "A page for tests", Lead: "With every kind of block.",
		Widgets: map[string]string{"echo": "element.append(Object.assign(document.createElement('output'), {textContent: data.text}));"},
		Blocks: []Block{
			Figures{{"pass@1", "42.0 %", "95 % [40.1, 43.9]"}, {"programs", "200 000", "of 164 tasks"}},
			Heading("Charts"),
			Chart{Title: "pass@k", X: Axis{Name: "k", Log: true}, Y: Axis{Percent: true}, Series: []Series{
				{Name: "before", Shape: Line, X: []float64{1, 10, 100}, Y: mid, Lo: lo, Hi: hi}, {Name: "after", Shape: Line, X: []float64{1, 10, 100}, Y: hi, Lo: mid, Hi: []float64{.4, .5, .6}},
			}},
			Chart{
				Title: "Outcomes", Sideways: true, Table: "rows", Column: "verdict", X: Axis{Categories: []string{"pass", "wrong_answer", "timeout"}}, Y: Axis{Percent: true},
				Series: []Series{{Y: mid, Lo: lo, Hi: hi}}, Height: 160,
			},
			Chart{Title: "Scatter and bars", X: Axis{Name: "ms"}, Y: Axis{Name: "programs"}, Series: []Series{
				{Name: "points", Shape: Points, X: []float64{1, 2, 3}, Y: []float64{1, math.NaN(), 3}, Labels: []string{evil, "b", "c"}}, {Name: "steps", Shape: Steps, Y: []float64{1, 2, 1}},
			}},
			Heading("Rows"), manyRows(rows),
			Heading("Rest"),
			Widget{"echo", "echo", map[string]string{"text": evil}},
			Code{Text: "reward the return\n", Spans: []Span{{0, 6, .8, "r"}, {11, 17, -.9, ""}}},
			Details{Summary: "more", Blocks: []Block{Table{Columns: []Column{{Name: "n", Numbers: []float64{3, 1, 2}}}}, Chart{Series: []Series{{Y: []float64{1, 2}}}}}},
		},
		Footer: "Made by a test.",
	}
}

// TestInBrowser uses a page as a reader would.
func TestInBrowser(t *testing.T) {
	t.Parallel()
	b := startBrowser(t)
	p := open(t, b, demoPage(3000), browser.View{Width: 1280, Height: 900})
	p.want("hostile title", p.text("document.title"), "A page for tests")
	p.want("widget", p.text(`document.querySelector("output:not(.count)").textContent`), evil)
	p.want("charts drawn", p.text(`document.querySelectorAll("main > figure.chart svg").length`), "3")
	p.want("rows counted", p.text(`document.querySelector(".count").textContent`), "3000 rows")

	t.Run("sort", func(t *testing.T) {
		p.want("as written", p.column(0), "task 0 task 1 task 2 task 3")
		head := `document.querySelectorAll("section[data-name=rows] th button")[2]`
		p.text(head + ".click()")
		p.want("numbers down", p.column(2), "1008.0 1008.0 1008.0 1008.0")
		p.want("said", p.text(head+".parentElement.ariaSort"), "descending")
		p.text(head + ".click()")
		p.want("numbers up", p.column(2), "0.0 0.0 0.0 1.0")
		p.text(head + ".click()")
		p.want("as written again", p.column(0), "task 0 task 1 task 2 task 3")
		p.text(strings.Replace(head, "2", "0", 1) + ".click()")
		p.want("texts up, with numbers in them by value", p.text(`[...document.querySelectorAll("section[data-name=rows] tbody tr:not(.gap)")].slice(1, 4).map(r => r.cells[0].textContent).join(" ")`), "task 0 task 1 task 2")
		p.text(strings.Replace(head, "2", "0", 1) + ".click()")
		p.want("texts down", p.column(0), "task 2999 task 2998 task 2997 task 2996")
		p.text(strings.Replace(head, "2", "0", 1) + ".click()")
	})
	t.Run("filter", func(t *testing.T) {
		for _, c := range []struct{ query, count, first string }{
			{"task_none", "0 of 3000 rows", ""},
			{`"task 299" verdict=timeout`, "5 of 3000 rows", "task 299 task 2990 task 2993 task 2996"},
			{"verdict:ANSWER", "1000 of 3000 rows", "task 1 task 4 " + evil + " task 10"},
			{"-verdict=pass -timeout cpu_ms>1007", "2 of 3000 rows", ""},
			{"cpu_ms=4 cpu_ms<5", "5 of 3000 rows", ""},
		} {
			p.text(`document.querySelector("input").focus()`)
			p.text(fmt.Sprintf(`(i => { i.value = %q; i.dispatchEvent(new Event("input")) })(document.querySelector("input"))`, c.query))
			p.want(c.query, p.text(`document.querySelector(".count").textContent`), c.count)
			if c.first != "" {
				p.want(c.query, p.column(0), c.first)
			}
		}
		p.press("Escape")
		p.want("after Escape", p.text(`document.querySelector(".count").textContent`), "3000 rows")
		p.press("Escape")
		p.text(`document.querySelector(".chips button:nth-child(3)").click()`)
		p.want("chip", p.text(`document.querySelector("input").value + document.querySelector(".count").textContent`), "verdict=timeout1000 of 3000 rows")
		p.text(`document.querySelector(".chips button:nth-child(1)").click()`)
		p.want("other chip", p.text(`document.querySelector("input").value`), "verdict=pass")
		p.text(`document.querySelector(".chips button:nth-child(1)").click()`)
	})
	t.Run("keys", func(t *testing.T) {
		p.text(`document.activeElement.blur()`)
		p.press("/")
		p.want("focus", p.text("document.activeElement.type"), "search")
		for _, k := range "timeout" {
			p.press(string(k))
		}
		p.press("Enter", "j", "j")
		p.want("active", p.text(`document.activeElement.cells[0].textContent`), "task 8")
		p.press("Enter")
		p.until(`document.querySelector(".pane .line.marked")`)
		p.want("opened", p.text(`document.querySelector(".pane h2").textContent`), "task 8 · timeout")
		p.want("program", p.text(`document.querySelectorAll(".pane .line")[1].textContent`), "    y = x + 8\n")
		p.want("marked line", p.text(`document.querySelector(".pane .line.marked").textContent + document.querySelector(".pane .note").textContent`), "    return y / 0\nZeroDivisionError: division by zero\n")
		p.want("address", p.text("location.hash"), "#rows/8")
		p.press("k")
		p.until(`document.querySelector(".pane h2").textContent === "task 5 · timeout"`)
		p.press("Escape")
		p.want("closed", p.text(`document.querySelector(".pane").hidden`), "true")
		p.press("End")
		p.want("last", p.text(`document.activeElement.cells[0].textContent`), "task 2999")
	})
	t.Run("hostile", func(t *testing.T) {
		p.text(`(i => { i.value = "onerror"; i.dispatchEvent(new Event("input")) })(document.querySelector("input"))`)
		p.want("cell", p.text(`document.querySelector("section[data-name=rows] td").textContent`), evil)
		p.text(`document.querySelector("section[data-name=rows] td").click()`)
		p.until(`document.querySelector(".pane dd code")`)
		p.want("field", p.text(`document.querySelector(".pane dd code").textContent`), evil)
		p.want("elements", p.text(`document.querySelectorAll("img, .pane b, td b").length`), "0")
		p.press("Escape")
		p.text(`(i => { i.value = ""; i.dispatchEvent(new Event("input")) })(document.querySelector("input"))`)
	})
	t.Run("chart chooses", func(t *testing.T) {
		p.text(`document.querySelectorAll("main > figure.chart .plot")[1].scrollIntoView()`)
		var at struct{ X, Y float64 }
		if err := p.Eval(`(r => ({x: r.left + r.width / 2, y: r.bottom - 40}))(document.querySelectorAll("main > figure.chart .plot")[1].getBoundingClientRect())`, &at); err != nil {
			t.Fatal(err)
		}
		if err := p.Click(at.X, at.Y); err != nil {
			t.Fatal(err)
		}
		p.want("filter", p.text(`document.querySelector("input").value`), "verdict=timeout")
	})
	t.Run("details", func(t *testing.T) {
		p.text(`document.querySelectorAll("main > details")[0].open = true`)
		p.until(`document.querySelector("main > details svg")`)
		p.text(`document.querySelector("main > details th button").click()`)
		p.want("sorted", p.text(`[...document.querySelectorAll("main > details section.table")[0].querySelectorAll("tbody tr")].map(r => r.textContent).join(" ")`), "3 2 1")
	})
	p.quiet()
}

// TestAddress: a row's address opens it.
func TestAddress(t *testing.T) {
	t.Parallel()
	b := startBrowser(t)
	path := filepath.Join(t.TempDir(), "report.html")
	if err := demoPage(500).WriteFile(path); err != nil {
		t.Fatal(err)
	}
	p := openFile(t, b, path, "rows/321", browser.View{Width: 1280, Height: 900})
	p.until(`document.querySelector(".pane .line")`)
	p.want("opened", p.text(`document.querySelector(".pane h2").textContent`), "task 321 · pass")
	p.want("in sight", p.text(`(r => r.top > 0 && r.bottom < innerHeight + 1)(document.querySelector("tr.active").getBoundingClientRect())`), "true")
	p.quiet()
}

// TestManyRows prints how long 200,000 rows take to open, to sort and to filter.
func TestManyRows(t *testing.T) {
	if testing.Short() {
		t.Skip("NOT RUN: -short")
	}
	b := startBrowser(t)
	path := filepath.Join(t.TempDir(), "report.html")
	begun := time.Now()
	if err := demoPage(200_000).WriteFile(path); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("200,000 rows: written in %.1f s, %.1f MB", time.Since(begun).Seconds(), float64(info.Size())/1e6)
	begun = time.Now()
	p := openFile(t, b, path, "", browser.View{Width: 1280, Height: 900})
	t.Logf("opened in %.2f s", time.Since(begun).Seconds())
	for _, c := range [][2]string{
		{"sort by number", `document.querySelectorAll("section[data-name=rows] th button")[2].click()`},
		{"sort by text", `document.querySelectorAll("section[data-name=rows] th button")[0].click()`},
		{"filter", `(i => { i.value = "\"task 1999\" -pass"; i.dispatchEvent(new Event("input")) })(document.querySelector("input"))`},
	} {
		t.Logf("%s: %s ms", c[0], p.text(`(() => { const t = performance.now(); `+c[1]+`; document.body.offsetHeight; return Math.round(performance.now() - t) })()`))
	}
	p.want("filtered", p.text(`document.querySelector(".count").textContent`), "75 of 200\u202f000 rows")
	p.text(`document.querySelector("section[data-name=rows] td").click()`)
	p.until(`document.querySelector(".pane .line")`)
	p.quiet()
}

// TestScreenshots writes what a report looks like into the folder HONE_SHOTS: the demonstration page, or the
// file HONE_SHOT. There is nothing to compare with: it is to be looked at.
func TestScreenshots(t *testing.T) {
	dir := os.Getenv("HONE_SHOTS")
	if dir == "" {
		t.Skip("NOT RUN: HONE_SHOTS names no folder")
	}
	b := startBrowser(t)
	path := os.Getenv("HONE_SHOT")
	if path == "" {
		path = filepath.Join(dir, "demo.html")
		if err := demoPage(3000).WriteFile(path); err != nil {
			t.Fatal(err)
		}
	}
	name := strings.TrimSuffix(filepath.Base(path), ".html")
	shot := func(p tester, view string, whole bool) {
		if err := p.Screenshot(filepath.Join(dir, name+"-"+view+".png"), whole); err != nil {
			t.Fatal(err)
		}
	}
	for _, v := range []struct {
		name string
		browser.View
	}{
		{"wide-light", browser.View{Width: 1280, Height: 900}},
		{"wide-dark", browser.View{Width: 1280, Height: 900, Dark: true}},
		{"narrow-light", browser.View{Width: 400, Height: 860}},
	} {
		p := openFile(t, b, path, "", v.View)
		shot(p, v.name, true)
		p.text(`(s => { s.scrollIntoView(); s.querySelector("input").focus(); document.activeElement.blur(); s.querySelector("th:nth-child(3) button").click(); })([...document.querySelectorAll("section.table.tall.opens, section.table.opens")].at(-1))`)
		p.press("j", "j", "Enter")
		p.until(`document.querySelector(".pane .body").children.length > 0`)
		time.Sleep(200 * time.Millisecond)
		shot(p, v.name+"-open", false)
		if v.name == "wide-light" {
			p.press("Escape")
			if err := p.PDF(filepath.Join(dir, name+".pdf")); err != nil {
				t.Fatal(err)
			}
		}
		p.quiet()
	}
}
