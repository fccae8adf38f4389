// Package report writes results as one HTML file that needs no network and no
// other file: prose, figures, tables, charts and code listings, in light and dark,
// on screen and on paper.
//
// A [Page] is a list of blocks, which [Page.Write] renders in one pass. What is
// large, the rows of a table and what opens from them, is written as compressed
// columns and pieces that the page unpacks when they are looked at, so that
// 200,000 rows open at once.
//
// Every text is data, however hostile: markup in it is shown, never obeyed, and so
// are control characters and those that change the direction of writing. Besides,
// a content security policy leaves the page no scripts but its own and no network.
// The same page gives the same bytes.
package report

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Page is a report.
type Page struct {
	Title  string
	Lead   string // a sentence or two under the title
	Blocks []Block
	Footer string // where the numbers come from, in small print
	// Widgets are scripts of the page's author by name, each the body of a
	// function(element, data) that fills a [Widget]. They must not come from what is reported.
	Widgets map[string]string
}

// Block is a part of a page: [Heading], [Text], [Figures], [Fields], [Table],
// [Chart], [Code], [Details] or [Widget].
type Block interface{ write(p *printer) }

// Write renders the page to w.
func (page *Page) Write(w io.Writer) error {
	p := &printer{w: bufio.NewWriterSize(w, 1<<16), widgets: page.Widgets}
	script := pageScript(page.Widgets)
	p.markup(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="%s">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>%s</title>
<style>
`, policy(script), page.Title)
	p.trusted(styleSheet())
	p.markup("</style>\n</head>\n<body>\n<header>\n<h1>%s</h1>\n", page.Title)
	if page.Lead != "" {
		p.markup("<p class=\"lead\">%s</p>\n", page.Lead)
	}
	p.trusted("</header>\n")
	page.contents(p)
	p.trusted("<main>\n")
	p.blocks(page.Blocks)
	p.trusted("</main>\n")
	if page.Footer != "" {
		p.markup("<footer><p>%s</p></footer>\n", page.Footer)
	}
	if p.charts {
		p.trusted("<script>" + chartLibrary + "</script>\n")
	}
	p.trusted("<script>" + script + "</script>\n</body>\n</html>\n")
	if p.err == nil {
		p.err = p.w.Flush()
	}
	if p.err != nil {
		return fmt.Errorf("write the report: %w", p.err)
	}
	return nil
}

// contents links to the sections where there are several.
func (page *Page) contents(p *printer) {
	var sections []Heading
	for _, b := range page.Blocks {
		if h, ok := b.(Heading); ok {
			sections = append(sections, h)
		}
	}
	if len(sections) < 3 {
		return
	}
	p.trusted("<nav aria-label=\"Contents\"><ol>\n")
	for i, s := range sections {
		p.markup("<li><a href=\"#section-%d\">%s</a></li>\n", i+1, string(s))
	}
	p.trusted("</ol></nav>\n")
}

// WriteFile writes the page to path, which is replaced at once or not at all.
func (page *Page) WriteFile(path string) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("report %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
			err = fmt.Errorf("report %s: %w", path, err)
		}
	}()
	err = page.Write(f)
	if err == nil {
		err = f.Chmod(0o644)
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// fragment renders blocks that the page inserts later.
func (p *printer) fragment(blocks []Block) string {
	var b bytes.Buffer
	inner := &printer{w: bufio.NewWriter(&b), widgets: p.widgets, nested: true}
	inner.blocks(blocks)
	if inner.err == nil {
		inner.err = inner.w.Flush()
	}
	if p.err == nil {
		p.err = inner.err
	}
	p.charts = p.charts || inner.charts
	return b.String()
}
