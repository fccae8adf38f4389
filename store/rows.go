package store

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"sync"
)

// Errors of [OpenRows], to be tested with errors.Is.
var (
	// ErrOtherInputs: the file is there and was not made from these inputs.
	ErrOtherInputs = errors.New("made from other inputs")
	// ErrLocked: another process is writing the file.
	ErrLocked = errors.New("another process is writing it")
)

// bufferBytes is how much [RowLog.Append] collects before it writes.
const bufferBytes = 64 << 10

// RowLog is a JSON Lines file that grows row by row as <path>.part and becomes
// <path> when it is complete. <path>.run.json says which inputs the rows come
// from, as a fingerprint. Its methods may be called from several goroutines.
type RowLog struct {
	path     string
	done     int
	complete bool
	side     sidecar

	mu   sync.Mutex
	file *os.File // the .part, locked; nil when complete or closed
	buf  []byte   // rows not yet written
	rows int      // rows written
	size int64    // bytes written, all in whole rows
	err  error    // the first failed write; nothing is written after it
}

// sidecar is <path>.run.json.
type sidecar struct {
	Fingerprint string `json:"fingerprint"`
	Complete    bool   `json:"complete"`
	// Bytes is the size of the complete file, written just before the rename, so
	// that a run that ended between the rename and Complete is recognised.
	Bytes *int64          `json:"bytes,omitempty"`
	Meta  json.RawMessage `json:"meta,omitempty"`
}

// origin is what is on disk, seen from a run with given inputs.
type origin int

const (
	originFresh    origin = iota // nothing to keep
	originResume                 // a .part of ours
	originComplete               // a complete file of ours
)

// OpenRows opens the row log of path for a run whose inputs have the given
// fingerprint. What an earlier run with the same fingerprint left is kept: its
// .part is resumed, less a torn end; a complete file makes [RowLog.Complete] true.
// What other inputs or another program made is refused with [ErrOtherInputs],
// unless force: then it stays in place until [RowLog.Commit] replaces it.
// A log that another process has open is refused with [ErrLocked].
func OpenRows(path, fingerprint string, force bool) (*RowLog, error) {
	for {
		l, retry, err := openRows(path, fingerprint, force)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if !retry {
			return l, nil
		}
	}
}

// openRows reports retry where another process completed the file in between.
func openRows(path, fingerprint string, force bool) (l *RowLog, retry bool, err error) {
	l = &RowLog{path: path}
	from, err := l.origin(fingerprint, force)
	if err != nil {
		return nil, false, err
	}
	if from == originComplete {
		l.complete = true
		return l, false, l.finish()
	}
	part := path + ".part"
	f, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, false, err
	}
	defer func() {
		if l == nil || l.file == nil {
			f.Close()
		}
	}()
	ok, err := tryLock(f)
	if err != nil {
		return nil, false, fmt.Errorf("lock %s: %w", part, err)
	}
	if !ok {
		return nil, false, fmt.Errorf("%w (%s is locked; wait for it or choose another --out)", ErrLocked, part)
	}
	// Before the lock was ours the file may have been renamed and the run completed.
	if !sameFile(f, part) {
		return nil, true, nil
	}
	again, err := l.origin(fingerprint, force)
	if err != nil {
		return nil, false, err
	}
	if again == originComplete {
		os.Remove(part) // created above, and empty
		return nil, true, nil
	}
	if again == originFresh {
		if err := f.Truncate(0); err != nil {
			return nil, false, err
		}
	} else if err := l.recover(f); err != nil {
		return nil, false, err
	}
	if _, err := f.Seek(l.size, io.SeekStart); err != nil {
		return nil, false, err
	}
	if again == originFresh || l.side.Bytes != nil {
		l.side = sidecar{Fingerprint: fingerprint}
		if err := l.writeSidecar(); err != nil {
			return nil, false, err
		}
	}
	l.file = f
	return l, false, nil
}

func sameFile(f *os.File, path string) bool {
	opened, err := f.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(path)
	return err == nil && os.SameFile(opened, named)
}

// origin looks at the three files; it fills l.side and, for a complete file, l.done.
func (l *RowLog) origin(fingerprint string, force bool) (origin, error) {
	if info, err := os.Stat(l.path); err == nil && !info.Mode().IsRegular() {
		return 0, fmt.Errorf("not a regular file (rows are kept in files that can be resumed)")
	}
	if force {
		return originFresh, nil
	}
	whole, err := sizeOf(l.path)
	if err != nil {
		return 0, err
	}
	part, err := sizeOf(l.path + ".part")
	if err != nil {
		return 0, err
	}
	if whole < 0 && part <= 0 {
		return originFresh, nil
	}
	raw, err := os.ReadFile(l.path + ".run.json")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	const help = "use --force to replace it, or another --out"
	if err != nil || json.Unmarshal(raw, &l.side) != nil {
		return 0, fmt.Errorf("%w: it is there without a readable %s (%s)", ErrOtherInputs, filepath.Base(l.path)+".run.json", help)
	}
	if l.side.Fingerprint != fingerprint {
		return 0, fmt.Errorf("%w: other problems, programs, model, sampling, limits, interpreter, isolation tier or version (%s)", ErrOtherInputs, help)
	}
	switch {
	case !l.side.Complete && part > 0:
		return originResume, nil
	case l.side.Bytes != nil && whole == *l.side.Bytes:
		return originComplete, nil
	case whole >= 0 && l.side.Complete:
		return 0, fmt.Errorf("%w: it was changed after the run that made it (%s)", ErrOtherInputs, help)
	}
	return originFresh, nil
}

// sizeOf is -1 for a file that is not there.
func sizeOf(path string) (int64, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return -1, nil
	}
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// finish counts a complete file's rows, and marks it so where the run that renamed
// it had no time to.
func (l *RowLog) finish() error {
	f, err := os.Open(l.path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := l.recover(f); err != nil {
		return err
	}
	if !l.side.Complete {
		l.side.Complete = true
		return l.writeSidecar()
	}
	return nil
}

// recover counts the whole rows from the start of f and cuts what comes after the last.
func (l *RowLog) recover(f *os.File) error {
	r := bufio.NewReaderSize(f, 1<<20)
	for {
		row, err := r.ReadBytes('\n')
		if err == io.EOF && len(row) == 0 {
			break
		}
		if err != nil && err != io.EOF {
			return err
		}
		if err == io.EOF || !json.Valid(row) {
			if l.complete {
				return fmt.Errorf("row %d is no JSON (use --force to run again)", l.done+1)
			}
			if err := f.Truncate(l.size); err != nil {
				return fmt.Errorf("drop the torn end: %w", err)
			}
			break
		}
		l.done++
		l.size += int64(len(row))
	}
	l.rows = l.done
	return nil
}

func (l *RowLog) writeSidecar() error {
	raw, err := json.MarshalIndent(l.side, "", "  ")
	if err != nil {
		return err
	}
	return WriteFile(l.path+".run.json", append(raw, '\n'), 0o644)
}

// Done is the number of rows that were there when the log was opened.
func (l *RowLog) Done() int { return l.done }

// Complete reports whether a run with these inputs had finished the file before.
func (l *RowLog) Complete() bool { return l.complete }

// Meta is what that run passed to [RowLog.Commit], or nil.
func (l *RowLog) Meta() json.RawMessage { return l.side.Meta }

// Rows yields the first [RowLog.Done] rows, without their line ends. It stops at
// the first that cannot be read; [RowLog.Err] then says why.
func (l *RowLog) Rows() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		l.mu.Lock()
		name := l.path
		if !l.complete {
			name += ".part"
		}
		l.mu.Unlock()
		f, err := os.Open(name)
		if err != nil {
			l.fail(err)
			return
		}
		defer f.Close()
		r := bufio.NewReaderSize(f, 1<<20)
		for range l.done {
			row, err := r.ReadBytes('\n')
			if err != nil {
				l.fail(fmt.Errorf("read %s again: %w", name, err))
				return
			}
			if !yield(row[:len(row)-1]) {
				return
			}
		}
	}
}

// Append adds one row, a JSON value without line breaks. It may stay in memory
// until [RowLog.Flush]. After a failed write, which the error explains, every
// call returns that error.
func (l *RowLog) Append(row []byte) error {
	if bytes.IndexByte(row, '\n') >= 0 || len(bytes.TrimSpace(row)) == 0 {
		return fmt.Errorf("%s: a row must be one line: %.40q", l.path, row)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.ready(); err != nil {
		return err
	}
	l.buf = append(append(l.buf, row...), '\n')
	if len(l.buf) < bufferBytes {
		return nil
	}
	return l.write()
}

// ready says why nothing can be written.
func (l *RowLog) ready() error {
	if l.err != nil {
		return l.err
	}
	if l.file == nil {
		return fmt.Errorf("%s: the log is complete or closed", l.path)
	}
	return nil
}

// Flush writes the rows that are still in memory.
func (l *RowLog) Flush() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.ready(); err != nil {
		return err
	}
	return l.write()
}

// write empties buf into the file. What a failed write leaves of a row is cut off,
// here or, where even that fails, when the log is opened again.
func (l *RowLog) write() error {
	if len(l.buf) == 0 {
		return nil
	}
	n, err := l.file.Write(l.buf)
	whole := bytes.LastIndexByte(l.buf[:n], '\n') + 1
	l.rows += bytes.Count(l.buf[:whole], []byte{'\n'})
	l.size += int64(whole)
	l.buf = l.buf[:0]
	if err != nil {
		_ = l.file.Truncate(l.size)
		return l.failed(err)
	}
	return nil
}

// failed keeps err with what the user can do about it.
func (l *RowLog) failed(err error) error {
	l.err = fmt.Errorf("%s: %w (%d rows are safe in %s.part; make room and run the same command again to go on from there)",
		l.path, err, l.rows, l.path)
	return l.err
}

func (l *RowLog) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil {
		l.err = err
	}
}

// Err returns the first error of reading or writing, or nil.
func (l *RowLog) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// Commit makes the rows the complete file: they are written and synced, the .part
// takes the name without ".part", and the sidecar, with meta (any JSON value or nil),
// says complete. Where it fails the .part can be resumed.
func (l *RowLog) Commit(meta any) error {
	raw, err := json.Marshal(meta)
	if err != nil {
		return fmt.Errorf("%s: meta: %w", l.path, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.ready(); err != nil {
		return err
	}
	if err := l.write(); err != nil {
		return err
	}
	if err := l.file.Sync(); err != nil {
		return l.failed(err)
	}
	l.side.Bytes, l.side.Meta = &l.size, raw
	if err := l.writeSidecar(); err != nil {
		return l.failed(err)
	}
	if err := os.Rename(l.path+".part", l.path); err != nil {
		return l.failed(err)
	}
	if err := syncDir(filepath.Dir(l.path)); err != nil {
		return fmt.Errorf("%s: %w", l.path, err)
	}
	l.side.Complete, l.complete = true, true
	if err := l.writeSidecar(); err != nil {
		return fmt.Errorf("%s is complete, its sidecar not: %w (make room and run the same command again)", l.path, err)
	}
	err = l.file.Close()
	l.file = nil
	return err
}

// Close writes what is in memory and lets go of the file; a log that was not
// committed can be resumed. It may be called more than once.
func (l *RowLog) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	err := l.err
	if err == nil {
		err = l.write()
	}
	if e := l.file.Close(); err == nil && e != nil {
		err = l.failed(e)
	}
	l.file = nil
	return err
}
