package corpus

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"

	"github.com/klauspost/compress/zstd"
)

const (
	// maxRow is the longest line of a JSON Lines file that is read.
	maxRow = 64 << 20
	// maxWindow bounds what a zstd file can ask us to keep in memory.
	maxWindow = 128 << 20
)

// textFields are where rows have their text, if nothing else is said.
var textFields = []string{"text", "content", "code"}

// jsonl is a JSON Lines file, plain, gzip or zstd.
type jsonl struct {
	path   string
	config SourceConfig
}

func (j *jsonl) fingerprint() (string, error) { return fileFingerprint(j.path) }

// fileFingerprint is of a file's name, size and time.
func fileFingerprint(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %d %d", path, info.Size(), info.ModTime().UnixNano()))
	return hex.EncodeToString(sum[:]), nil
}

func (j *jsonl) documents(ctx context.Context, skip skipFunc) iter.Seq2[Document, error] {
	return func(yield func(Document, error) bool) {
		for row, err := range jsonRows(ctx, j.path) {
			if err != nil {
				yield(Document{}, err)
				return
			}
			if row.err != nil {
				skip(row.at, skipMalformedRow, row.size)
				continue
			}
			text, ok := row.first(j.config.Text, textFields)
			if !ok {
				skip(row.at, skipNoText, row.size)
				continue
			}
			project, ok := row.text(j.config.ProjectField)
			if !ok {
				project = row.at
			}
			if !yield(Document{Source: j.config.Path, Path: row.at, Project: project, Text: text}, nil) {
				return
			}
		}
	}
}

// jsonRow is a row of a JSON Lines file.
type jsonRow struct {
	at     string // file:line
	size   int64
	fields map[string]json.RawMessage
	err    error // it is no JSON object
}

// text returns a field that is a text.
func (r *jsonRow) text(name string) (string, bool) {
	raw, ok := r.fields[name]
	if !ok || name == "" {
		return "", false
	}
	var s *string
	if json.Unmarshal(raw, &s) != nil || s == nil {
		return "", false
	}
	return *s, true
}

// first returns the field name, or where that is "" the first of the usual ones.
func (r *jsonRow) first(name string, usual []string) (string, bool) {
	if name != "" {
		return r.text(name)
	}
	for _, n := range usual {
		if s, ok := r.text(n); ok {
			return s, true
		}
	}
	return "", false
}

// jsonRows yields the rows of a file, blank lines aside. An error, of the file as a
// whole, ends them.
func jsonRows(ctx context.Context, path string) iter.Seq2[jsonRow, error] {
	return func(yield func(jsonRow, error) bool) {
		fail := func(err error) { yield(jsonRow{}, fmt.Errorf("corpus source %s: %w", path, err)) }
		f, err := os.Open(path)
		if err != nil {
			fail(err)
			return
		}
		defer f.Close()
		r, closeReader, err := decompress(f)
		if err != nil {
			fail(err)
			return
		}
		defer closeReader()
		lines := bufio.NewReaderSize(r, 1<<20)
		for n := 1; ; n++ {
			if err := ctx.Err(); err != nil {
				yield(jsonRow{}, err)
				return
			}
			line, size, err := readLine(lines)
			if err != nil && err != io.EOF {
				fail(fmt.Errorf("line %d: %w", n, err))
				return
			}
			if len(bytes.TrimSpace(line)) > 0 || size > maxRow {
				row := jsonRow{at: fmt.Sprintf("%s:%d", path, n), size: size}
				if size > maxRow {
					row.err = fmt.Errorf("%d bytes in one line", size)
				} else if row.err = json.Unmarshal(line, &row.fields); row.err == nil && row.fields == nil {
					row.err = errors.New("it is null")
				}
				if !yield(row, nil) {
					return
				}
			}
			if err == io.EOF {
				return
			}
		}
	}
}

// readLine reads a line; of one longer than maxRow only the size is returned.
func readLine(r *bufio.Reader) (line []byte, size int64, err error) {
	for {
		part, err := r.ReadSlice('\n')
		if size += int64(len(part)); size <= maxRow {
			line = append(line, part...)
		} else {
			line = nil
		}
		if err != bufio.ErrBufferFull {
			return line, size, err
		}
	}
}

// decompress reads f, which is told by its first bytes to be gzip, zstd or neither.
func decompress(f io.Reader) (io.Reader, func(), error) {
	r := bufio.NewReaderSize(f, 1<<20)
	head, err := r.Peek(4)
	if err != nil && err != io.EOF {
		return nil, nil, err
	}
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, nil, err
		}
		return z, func() { z.Close() }, nil
	case bytes.Equal(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, nil, err
		}
		return z, z.Close, nil
	}
	return r, func() {}, nil
}
