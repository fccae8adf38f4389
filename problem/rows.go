package problem

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"

	"github.com/klauspost/compress/zstd"
)

// MaxRow is the longest row that is read, in bytes; a longer one is skipped.
const MaxRow = 64 << 20

// rowReader cuts a file into JSON rows: one a line, or the elements of one array.
// It holds one row at a time.
type rowReader struct {
	name    string
	r       *bufio.Reader
	close   func()
	packed  string // "gzip", "zstd" or ""
	max     int    // MaxRow, smaller in tests
	line    int    // the line the next byte is on, from 1
	inArray bool
	started bool
	rows    int // rows handed out
	buf     []byte
	pending [][]byte // rows of one line that are separated by bare carriage returns
	done    bool
}

// rawRow is one row's text, valid until the next call of next; or what was wrong with it.
type rawRow struct {
	text  []byte
	where string
	issue *Issue
}

// openInput opens path, or hands out stdin for "-".
func openInput(path string, stdin io.Reader) (io.Reader, string, func(), error) {
	if path == "-" {
		if stdin == nil {
			return nil, "", nil, errors.New("standard input: not available here; give a file")
		}
		return stdin, "stdin", func() {}, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, "", nil, err
	}
	return f, path, func() { _ = f.Close() }, nil
}

// Unpack reads r, which is plain, gzip or zstd, as its first bytes tell (packed is "", "gzip" or "zstd"), without a mark of byte order.
// name stands for the file in messages. What is no text is refused. The returned function frees what unpacking needs.
func Unpack(r io.Reader, name string) (text *bufio.Reader, packed string, done func(), err error) {
	src := bufio.NewReaderSize(r, 64<<10)
	text, done = src, func() {}
	head, err := src.Peek(4)
	if len(head) == 0 {
		if err != nil && err != io.EOF {
			return nil, "", nil, fmt.Errorf("%s: %w", name, err)
		}
		return nil, "", nil, fmt.Errorf("%s: the file is empty", name)
	}
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(src)
		if err != nil {
			return nil, "", nil, fmt.Errorf("%s: gzip: %w (download it again)", name, err)
		}
		packed, text = "gzip", bufio.NewReaderSize(z, 256<<10)
	case bytes.Equal(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		z, err := zstd.NewReader(src, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(128<<20))
		if err != nil {
			return nil, "", nil, fmt.Errorf("%s: zstd: %w", name, err)
		}
		packed, text, done = "zstd", bufio.NewReaderSize(z, 256<<10), z.Close
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return nil, "", nil, fmt.Errorf("%s: this is a zip archive; unpack it and give the .json or .jsonl file", name)
	case bytes.Equal(head, []byte("PAR1")):
		return nil, "", nil, fmt.Errorf("%s: this is a Parquet file; convert it to JSON lines", name)
	}
	head, _ = text.Peek(3)
	switch {
	case bytes.Equal(head, []byte{0xef, 0xbb, 0xbf}):
		_, _ = text.Discard(3)
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		done()
		return nil, "", nil, fmt.Errorf("%s: the text is UTF-16; convert it: iconv -f UTF-16 -t UTF-8", name)
	}
	return text, packed, done, nil
}

func newRowReader(r io.Reader, name string) (*rowReader, error) {
	text, packed, done, err := Unpack(r, name)
	if err != nil {
		return nil, err
	}
	return &rowReader{name: name, r: text, close: done, packed: packed, line: 1, max: MaxRow}, nil
}

// Rows cuts JSON into its rows: the lines, or the elements of one array. A row's text is valid until the next one. What is wrong with
// one row is yielded as an *[Issue], and reading goes on. name stands for the file in messages; where is "file:line".
func Rows(r io.Reader, name string) iter.Seq2[JSONRow, error] {
	return func(yield func(JSONRow, error) bool) {
		rows, err := newRowReader(r, name)
		if err != nil {
			yield(JSONRow{}, err)
			return
		}
		defer rows.close()
		for {
			raw, ok := rows.next()
			if !ok {
				return
			}
			var bad error
			if raw.issue != nil {
				bad = raw.issue
			}
			if !yield(JSONRow{raw.text, raw.where}, bad) {
				return
			}
		}
	}
}

// JSONRow is the text of a row and its place, "file:line".
type JSONRow struct {
	Text  []byte
	Where string
}

func (rr *rowReader) where() string { return fmt.Sprintf("%s:%d", rr.name, rr.line) }

func (rr *rowReader) bad(where, format string, args ...any) rawRow {
	return rawRow{where: where, issue: &Issue{Where: where, Message: fmt.Sprintf(format, args...)}}
}

// next returns the next row, or false at the end of the input.
func (rr *rowReader) next() (rawRow, bool) {
	if len(rr.pending) > 0 {
		text := rr.pending[0]
		rr.pending = rr.pending[1:]
		rr.rows++
		return rawRow{text: text, where: fmt.Sprintf("%s:%d", rr.name, rr.line-1)}, true
	}
	if rr.done {
		return rawRow{}, false
	}
	if !rr.started {
		rr.started = true
		c, err := rr.skip(" \t\r\n")
		if err != nil {
			return rr.end(err)
		}
		if c == '[' {
			rr.inArray = true
		} else {
			_ = rr.r.UnreadByte()
		}
	}
	if rr.inArray {
		return rr.nextElement()
	}
	return rr.nextLine()
}

// skip reads past the bytes of set and returns the first other one.
func (rr *rowReader) skip(set string) (byte, error) {
	for {
		c, err := rr.r.ReadByte()
		if err != nil {
			return 0, err
		}
		if c == '\n' {
			rr.line++
		}
		if bytes.IndexByte([]byte(set), c) < 0 {
			return c, nil
		}
	}
}

// end finishes the input: quietly at its true end, else with an issue.
func (rr *rowReader) end(err error) (rawRow, bool) {
	rr.done = true
	switch {
	case err == io.EOF && rr.inArray:
		return rr.bad(rr.where(), "the file ends inside its JSON array, after %d rows; the rows before are used (was the download or the writer cut off?)", rr.rows), true
	case err == io.EOF:
		return rawRow{}, false
	case rr.packed != "" && errors.Is(err, io.ErrUnexpectedEOF):
		return rr.bad(rr.where(), "the %s data is truncated after line %d (%d rows); the rows before are used, download or write the file again", rr.packed, rr.line-1, rr.rows), true
	case rr.packed != "":
		return rr.bad(rr.where(), "the %s data is damaged after line %d (%d rows): %v; the rows before are used, download or write the file again", rr.packed, rr.line-1, rr.rows, err), true
	}
	return rr.bad(rr.where(), "reading stopped after line %d (%d rows): %v", rr.line-1, rr.rows, err), true
}

func (rr *rowReader) nextLine() (rawRow, bool) {
	for {
		where := rr.where()
		rr.buf = rr.buf[:0]
		size := 0
		var err error
		for {
			var part []byte
			part, err = rr.r.ReadSlice('\n')
			size += len(part)
			if size <= rr.max {
				rr.buf = append(rr.buf, part...)
			}
			if err != bufio.ErrBufferFull {
				break
			}
		}
		if err != nil && err != io.EOF {
			return rr.end(err)
		}
		if err == io.EOF {
			if size == 0 {
				return rr.end(err)
			}
			rr.done = true
		}
		rr.line++
		if size > rr.max {
			rr.buf = nil // do not keep a huge buffer for the rest
			return rr.bad(where, "the row is %d MB long, more than the %d MB that are read; it is skipped", size>>20, rr.max>>20), true
		}
		text := bytes.TrimSpace(rr.buf)
		if bytes.IndexByte(text, '\r') >= 0 {
			for _, p := range bytes.Split(text, []byte{'\r'}) {
				if p = bytes.TrimSpace(p); len(p) > 0 {
					rr.pending = append(rr.pending, p)
				}
			}
			return rr.next()
		}
		if len(text) > 0 {
			rr.rows++
			return rawRow{text: text, where: where}, true
		}
		if rr.done {
			return rawRow{}, false
		}
	}
}

// nextElement cuts one element of the array by its brackets and quotes.
func (rr *rowReader) nextElement() (rawRow, bool) {
	c, err := rr.skip(" \t\r\n,")
	if err != nil {
		return rr.end(err)
	}
	if c == ']' {
		rr.inArray = false // text after the array is read as lines
		return rr.nextLine()
	}
	where := rr.where()
	rr.buf = rr.buf[:0]
	size, depth, quoted, escaped := 0, 0, false, false
	for {
		switch {
		case escaped:
			escaped = false
		case quoted:
			escaped = c == '\\'
			quoted = c != '"'
		case c == '"':
			quoted = true
		case c == '{' || c == '[':
			depth++
		case depth == 0 && (c == ',' || c == ']'):
			_ = rr.r.UnreadByte()
			return rr.element(where, size)
		case (c == '}' || c == ']') && depth > 0:
			depth--
		}
		if c == '\n' && size > 0 {
			rr.line++
		}
		if size++; size <= rr.max {
			rr.buf = append(rr.buf, c)
		}
		if c, err = rr.r.ReadByte(); err != nil {
			return rr.end(err)
		}
	}
}

func (rr *rowReader) element(where string, size int) (rawRow, bool) {
	if size > rr.max {
		rr.buf = nil
		return rr.bad(where, "the row is %d MB long, more than the %d MB that are read; it is skipped", size>>20, rr.max>>20), true
	}
	rr.rows++
	return rawRow{text: bytes.TrimSpace(rr.buf), where: where}, true
}
