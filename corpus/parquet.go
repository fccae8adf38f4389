package corpus

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"

	"github.com/parquet-go/parquet-go"
)

// parquetFile is a parquet file with a text in each row.
type parquetFile struct {
	path   string
	config SourceConfig
}

func (p *parquetFile) fingerprint() (string, error) { return fileFingerprint(p.path) }

func (p *parquetFile) documents(ctx context.Context, skip skipFunc) iter.Seq2[Document, error] {
	return func(yield func(Document, error) bool) {
		stopped, err := p.read(ctx, skip, yield)
		if err != nil && !stopped {
			yield(Document{}, fmt.Errorf("corpus source %s: %w", p.path, err))
		}
	}
}

// read yields the rows; stopped is true once yield returned false. The library panics
// on some damaged files, which is made an error.
func (p *parquetFile) read(ctx context.Context, skip skipFunc, yield func(Document, error) bool) (stopped bool, err error) {
	inYield := false
	defer func() {
		if x := recover(); x != nil {
			if inYield {
				panic(x) // the caller's
			}
			err = fmt.Errorf("it is damaged: %v", x)
		}
	}()
	f, err := os.Open(p.path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return false, err
	}
	file, err := parquet.OpenFile(f, info.Size())
	if err != nil {
		return false, fmt.Errorf("no parquet file: %w", err)
	}
	text, err := p.column(file, p.config.Text, textFields)
	if err != nil {
		return false, err
	}
	project := -1
	if p.config.ProjectField != "" {
		if project, err = p.column(file, p.config.ProjectField, nil); err != nil {
			return false, err
		}
	}
	row := 0
	for _, group := range file.RowGroups() {
		texts := newColumnReader(group.ColumnChunks()[text])
		defer texts.close()
		var projects *columnReader
		if project >= 0 {
			projects = newColumnReader(group.ColumnChunks()[project])
			defer projects.close()
		}
		for {
			if err := ctx.Err(); err != nil {
				return false, err
			}
			value, ok, err := texts.next()
			if err == io.EOF {
				break
			}
			if err != nil {
				return false, fmt.Errorf("row %d: %w", row, err)
			}
			at := fmt.Sprintf("%s:%d", p.path, row)
			row++
			d := Document{Source: p.config.Path, Path: at, Project: at, Text: value}
			if projects != nil {
				name, named, err := projects.next()
				if err != nil {
					return false, fmt.Errorf("row %d: %w", row-1, noEOF(err))
				}
				if named {
					d.Project = name
				}
			}
			if !ok {
				skip(at, skipNoText, 0)
				continue
			}
			inYield = true
			more := yield(d, nil)
			inYield = false
			if !more {
				return true, nil
			}
		}
	}
	return false, nil
}

func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// column finds the column called name, or the first of the usual ones, which must
// hold one text a row.
func (p *parquetFile) column(f *parquet.File, name string, usual []string) (int, error) {
	names := usual
	if name != "" {
		names = []string{name}
	}
	for _, n := range names {
		leaf, ok := f.Schema().Lookup(strings.Split(n, ".")...)
		if !ok {
			continue
		}
		if k := leaf.Node.Type().Kind(); k != parquet.ByteArray || leaf.MaxRepetitionLevel > 0 {
			return 0, fmt.Errorf("column %q does not hold a text a row", n)
		}
		return leaf.ColumnIndex, nil
	}
	var all []string
	for _, c := range f.Schema().Columns() {
		all = append(all, strings.Join(c, "."))
	}
	return 0, fmt.Errorf("there is no column %s (it has %s)", strings.Join(names, " or "), strings.Join(all, ", "))
}

// columnReader reads the values of a column of a row group.
type columnReader struct {
	pages  parquet.Pages
	page   parquet.Page
	values parquet.ValueReader
	buf    []parquet.Value
	ready  []parquet.Value // of buf, not yet returned
}

func newColumnReader(c parquet.ColumnChunk) *columnReader {
	return &columnReader{pages: c.Pages(), buf: make([]parquet.Value, 64)}
}

// next returns a value; ok is false for a null. The error is io.EOF after the last.
func (c *columnReader) next() (value string, ok bool, err error) {
	for len(c.ready) == 0 {
		if c.values == nil {
			if c.page != nil {
				parquet.Release(c.page)
				c.page = nil
			}
			page, err := c.pages.ReadPage()
			if err != nil {
				return "", false, err
			}
			c.page, c.values = page, page.Values()
		}
		n, err := c.values.ReadValues(c.buf)
		c.ready = c.buf[:n]
		if errors.Is(err, io.EOF) {
			c.values = nil
		} else if err != nil {
			return "", false, err
		}
	}
	v := c.ready[0]
	c.ready = c.ready[1:]
	if v.IsNull() {
		return "", false, nil
	}
	return string(v.ByteArray()), true, nil
}

func (c *columnReader) close() {
	if c.page != nil {
		parquet.Release(c.page)
	}
	_ = c.pages.Close()
}
