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

// MetricsLog is a run's metrics.jsonl: a row per logged step, on disk (written,
// not synced) when Append returns. Its methods may be called from several goroutines.
type MetricsLog struct {
	path string

	mu   sync.Mutex
	file *os.File // nil when closed
	size int64    // bytes written, all in whole rows
	err  error    // the first failed write; nothing is written after it
}

// Metrics opens the metrics of a run that goes on from its checkpoint of step, or
// from the beginning where step is 0: rows that came after that checkpoint was
// saved are cut off, because they will come again, so that in the end the file is
// that of a run that was never interrupted. It is to be called once, before the
// first [Run.SaveCheckpoint].
func (r *Run) Metrics(step int) (*MetricsLog, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed || r.metrics != nil {
		return nil, fmt.Errorf("run %s: its metrics are open or it is closed", r.dir)
	}
	var keep int64
	if step > 0 {
		m, err := readManifest(r.checkpoint(step))
		if err != nil {
			return nil, fmt.Errorf("run %s: metrics up to step %d: %w", r.dir, step, err)
		}
		keep = m.MetricsBytes
	}
	l := &MetricsLog{path: r.path(metricsFile)}
	f, err := os.OpenFile(l.path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, r.wrap(err)
	}
	info, err := f.Stat()
	if err == nil && info.Size() < keep {
		// Only hands or a broken disk do this: checkpoints come after their rows are synced.
		r.log("%s: rows from before step %d are gone", l.path, step)
		keep, err = wholeRows(f)
	}
	if err == nil {
		err = f.Truncate(keep)
	}
	if err == nil {
		_, err = f.Seek(keep, io.SeekStart)
	}
	if err != nil {
		f.Close()
		return nil, r.wrap(err)
	}
	l.file, l.size = f, keep
	r.metrics = l
	return l, nil
}

// wholeRows is the length of the whole rows at the start of f.
func wholeRows(f *os.File) (int64, error) {
	var size int64
	r := bufio.NewReader(io.NewSectionReader(f, 0, 1<<62))
	for {
		row, err := r.ReadBytes('\n')
		if err == io.EOF || err == nil && !json.Valid(row) {
			return size, nil
		}
		if err != nil {
			return 0, err
		}
		size += int64(len(row))
	}
}

// Append adds a row: row as JSON, which must be an object; by custom it has the keys
// "step" and "loss". After a failed write, which the error explains, every call
// returns that error.
func (l *MetricsLog) Append(row any) error {
	raw, err := json.Marshal(row)
	if err == nil && raw[0] != '{' {
		err = fmt.Errorf("a row must be an object: %.40s", raw)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", l.path, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return l.err
	}
	if l.file == nil {
		return fmt.Errorf("%s: it is closed", l.path)
	}
	if _, err := l.file.Write(append(raw, '\n')); err != nil {
		_ = l.file.Truncate(l.size) // or when the run is opened again
		return l.failed(err)
	}
	l.size += int64(len(raw)) + 1
	return nil
}

func (l *MetricsLog) failed(err error) error {
	l.err = fmt.Errorf("%s: %w (make room and run the same command again to go on from the last checkpoint)", l.path, err)
	return l.err
}

// Sync puts the rows on disk for good.
func (l *MetricsLog) Sync() error {
	_, err := l.synced()
	return err
}

// synced puts the rows on disk and returns how many bytes they are.
func (l *MetricsLog) synced() (int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil || l.file == nil {
		return l.size, l.err
	}
	if err := l.file.Sync(); err != nil {
		return 0, l.failed(err)
	}
	return l.size, nil
}

// Close syncs and closes the file; [Run.Close] does it too.
func (l *MetricsLog) Close() error {
	err := l.Sync()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil {
		if e := l.file.Close(); err == nil {
			err = e
		}
		l.file = nil
	}
	return err
}

// MetricsRows yields the rows of the metrics of the run in dir, in order, decoded as
// JSON objects; none where there are none yet. A torn last row, of a run that is
// being written, is left out. An error ends the rows.
func MetricsRows(dir string) iter.Seq2[map[string]any, error] {
	return func(yield func(map[string]any, error) bool) {
		f, err := os.Open(filepath.Join(dir, metricsFile))
		if errors.Is(err, fs.ErrNotExist) {
			return
		}
		if err != nil {
			yield(nil, err)
			return
		}
		defer f.Close()
		r := bufio.NewReader(f)
		for n := 1; ; n++ {
			line, err := r.ReadBytes('\n')
			if err == io.EOF {
				return
			}
			var row map[string]any
			if err == nil {
				err = json.Unmarshal(bytes.TrimSpace(line), &row)
			}
			if err != nil {
				yield(nil, fmt.Errorf("%s:%d: %w", f.Name(), n, err))
				return
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}
