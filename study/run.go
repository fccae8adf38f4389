package study

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"hone/store"
)

// Result is what a cell came to, kept in its folder.
type Result struct {
	Cell    Cell               `json:"cell"`
	Numbers map[string]float64 `json:"numbers,omitempty"` // of the JSON it printed, by path
	Seconds float64            `json:"seconds"`           // of the run that ended it
	Version string             `json:"version"`
	Error   string             `json:"error,omitempty"`
}

const resultFile = "result.json"

// Exec runs a command in a folder that is there and returns what it prints on standard output.
type Exec func(ctx context.Context, args []string, dir string) (stdout []byte, err error)

// Options say how cells are run.
type Options struct {
	Dir     string // has a folder for each cell
	Exec    Exec
	Jobs    int // cells that run at the same time; 1 if less
	Version string
	// Report is told of every cell before it is run (no seconds) and after, by one goroutine at a time; may be nil.
	Report func(done, all int, r Result)
	// Stop, once closed, ends the study before its next cell.
	Stop <-chan struct{}
}

// ErrStopped says that a study was asked to stop.
var ErrStopped = errors.New("study: stopped")

// Run runs the cells that have no result yet, in order, o.Jobs at a time. What needs a cell that
// failed fails as well; the others are run all the same. Failed cells are tried again the next time.
func Run(ctx context.Context, cells []Cell, o Options) ([]Result, error) {
	results := make([]Result, len(cells))
	at := map[string]int{}
	ended := make([]chan struct{}, len(cells)) // closed when a cell has its result
	for i, c := range cells {
		at[c.Key], ended[i] = i, make(chan struct{})
	}
	quit := make(chan struct{}) // closed when no more cells are begun; those under way come to their end
	giveUp := sync.OnceFunc(func() { close(quit) })
	var mu sync.Mutex // guards next, done and reports
	next, done := 0, 0
	report := func(more int, r Result) {
		mu.Lock()
		defer mu.Unlock()
		if done += more; o.Report != nil {
			o.Report(done, len(cells), r)
		}
	}
	var workers errgroup.Group
	for range max(o.Jobs, 1) {
		workers.Go(func() error {
			for {
				mu.Lock()
				i := next
				next++
				mu.Unlock()
				if i >= len(cells) {
					return nil
				}
				failed := map[string]bool{}
				for _, key := range cells[i].Of { // these come before, so that somebody is at them
					select {
					case <-ended[at[key]]:
						failed[key] = results[at[key]].Error != ""
					case <-quit:
						return nil
					}
				}
				select {
				case <-quit:
					return nil
				default:
				}
				r, err := o.cell(ctx, cells[i], failed, report)
				if err != nil {
					giveUp()
					return err
				}
				results[i] = r
				close(ended[i])
				report(1, r)
			}
		})
	}
	if err := workers.Wait(); err != nil {
		return nil, err
	}
	return results, nil
}

// cell returns the result of a cell, which it runs where there is none.
func (o *Options) cell(ctx context.Context, c Cell, failed map[string]bool, report func(more int, r Result)) (Result, error) {
	dir := filepath.Join(o.Dir, c.Key)
	r, ok, err := load(dir)
	if r.Cell = c; err != nil || ok && r.Error == "" {
		return r, err
	}
	select {
	case <-o.Stop:
		return r, ErrStopped
	default:
	}
	report(0, Result{Cell: c})
	return o.run(ctx, c, dir, failed)
}

func (o *Options) run(ctx context.Context, c Cell, dir string, failed map[string]bool) (Result, error) {
	r := Result{Cell: c, Version: o.Version}
	for _, key := range c.Of {
		if failed[key] {
			r.Error = "needs " + key + ", which failed"
			return r, nil
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return r, err
	}
	args := make([]string, len(c.Args))
	for i, a := range c.Args {
		a = strings.ReplaceAll(a, "{dir}", dir)
		for _, key := range c.Of {
			a = strings.ReplaceAll(a, "{cell:"+key+"}", filepath.Join(o.Dir, key))
		}
		args[i] = a
	}
	start := time.Now()
	out, err := o.Exec(ctx, args, dir)
	r.Seconds = time.Since(start).Seconds()
	if ctx.Err() != nil {
		return r, ctx.Err()
	}
	if errors.Is(err, ErrStopped) {
		return r, err
	}
	if err == nil {
		r.Numbers, err = numbers(out)
	}
	if err != nil {
		r.Error = err.Error()
	}
	raw, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return r, err
	}
	return r, store.WriteFile(filepath.Join(dir, resultFile), append(raw, '\n'), 0o644)
}

// Load returns the results that are there.
func Load(cells []Cell, dir string) (results []Result, err error) {
	for _, c := range cells {
		r, ok, err := load(filepath.Join(dir, c.Key))
		if err != nil {
			return nil, err
		}
		if ok {
			r.Cell = c
			results = append(results, r)
		}
	}
	return results, nil
}

func load(dir string) (r Result, ok bool, err error) {
	path := filepath.Join(dir, resultFile)
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return r, false, nil
	}
	if err == nil {
		err = json.Unmarshal(raw, &r)
	}
	if err != nil {
		return r, false, fmt.Errorf("%s: %w (delete it to run the cell again)", path, err)
	}
	return r, true, nil
}

// numbers are those of a JSON value, by path; what is no JSON has none.
func numbers(out []byte) (map[string]float64, error) {
	if len(strings.TrimSpace(string(out))) == 0 {
		return nil, nil
	}
	var v any
	if err := json.Unmarshal(out, &v); err != nil {
		return nil, fmt.Errorf("what the command printed is no JSON (does it lack --json?): %w", err)
	}
	n := map[string]float64{}
	collect(n, "", v)
	return n, nil
}

func collect(n map[string]float64, path string, v any) {
	join := func(name string) string {
		if path == "" {
			return name
		}
		return path + "." + name
	}
	switch v := v.(type) {
	case float64:
		n[path] = v
	case bool:
		if n[path] = 0; v {
			n[path] = 1
		}
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			collect(n, join(k), v[k])
		}
	case []any:
		for i, x := range v {
			collect(n, join(fmt.Sprint(i)), x)
		}
	}
}
