package corpus

import (
	"context"
	"encoding/binary"
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

// parquetRows goes through the rows of a file.
type parquetRows struct {
	*parquetFile
	text, project int // columns; project is -1 where there is none
	row           int // the next, from 0
	skip          skipFunc
	yield         func(Document, error) bool
	yielding      bool
	stopped       bool // yield returned false
}

// read yields the rows; stopped is true once yield returned false. The library panics
// on some damaged files, which is made an error.
func (p *parquetFile) read(ctx context.Context, skip skipFunc, yield func(Document, error) bool) (stopped bool, err error) {
	r := &parquetRows{parquetFile: p, project: -1, skip: skip, yield: yield}
	defer func() {
		if x := recover(); x != nil {
			if r.yielding {
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
	if err := checkFooter(f, info.Size()); err != nil {
		return false, fmt.Errorf("no parquet file: %w", err)
	}
	file, err := parquet.OpenFile(f, info.Size())
	if err != nil {
		return false, fmt.Errorf("no parquet file: %w", err)
	}
	if r.text, err = p.column(file, p.config.Text, textFields); err != nil {
		return false, err
	}
	if p.config.ProjectField != "" {
		if r.project, err = p.column(file, p.config.ProjectField, nil); err != nil {
			return false, err
		}
	}
	for _, g := range file.RowGroups() {
		if err := r.group(ctx, g); err != nil {
			return r.stopped, fmt.Errorf("row %d: %w", r.row, err)
		}
		if r.stopped {
			break
		}
	}
	return r.stopped, nil
}

// checkFooter makes sure that the footer is within the file: the library would make
// room for whatever length a damaged file gives.
func checkFooter(f io.ReaderAt, size int64) error {
	var end [8]byte
	if size < 12 {
		return fmt.Errorf("%d bytes", size)
	}
	if _, err := f.ReadAt(end[:], size-8); err != nil {
		return err
	}
	if string(end[4:]) != "PAR1" {
		return errors.New("it does not end with PAR1 (is it truncated?)")
	}
	if n := int64(binary.LittleEndian.Uint32(end[:])); n > size-12 {
		return fmt.Errorf("a footer of %d bytes in a file of %d", n, size)
	}
	return nil
}

// group yields the rows of a row group.
func (r *parquetRows) group(ctx context.Context, g parquet.RowGroup) error {
	texts := newColumnReader(g.ColumnChunks()[r.text])
	defer texts.close()
	var projects *columnReader
	if r.project >= 0 {
		projects = newColumnReader(g.ColumnChunks()[r.project])
		defer projects.close()
	}
	for ; !r.stopped; r.row++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		text, ok, err := texts.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		at := fmt.Sprintf("%s:%d", r.path, r.row)
		d := Document{Source: r.config.Path, Path: at, Project: at, Text: text}
		if projects != nil {
			name, named, err := projects.next()
			if err != nil {
				return noEOF(err)
			}
			if named {
				d.Project = name
			}
		}
		if !ok {
			r.skip(at, skipNoText, 0)
			continue
		}
		r.yielding = true
		r.stopped = !r.yield(d, nil)
		r.yielding = false
	}
	return nil
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
