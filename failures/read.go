package failures

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"hone/problem"
)

// Source is a file with results, programs or prompts, or a folder of such files.
type Source struct {
	Path string // "-" is standard input
	// Name says what the file does not: the model of verdicts, else the benchmark; "" where the file says all.
	Name string
}

// ParseSource reads NAME=PATH or PATH.
func ParseSource(arg string) Source {
	if name, path, ok := strings.Cut(arg, "="); ok && !strings.ContainsAny(name, `/\`) && name != "" {
		if _, err := os.Stat(arg); err != nil { // a file may have = in its name
			return Source{Path: path, Name: name}
		}
	}
	return Source{Path: arg}
}

// Read reads results from all sources and makes them one. It reads
//
//   - tables with a row a task and a column a model (CSV), as FailureBench, LiveCodeBench and EvalPerf publish them;
//   - rows with benchmark, task_id, model and one of passed, rate, pass@1, status, verdict, and with n, date, difficulty where
//     they are known (CSV or JSON lines), code being the program where there is one; so do the verdicts of hone judge;
//   - LiveCodeBench's and EvalPlus's evaluation files (JSON).
//
// Files may be packed with gzip or zstd. What is wrong with a row, a cell or a file of a folder becomes a [Defect]; the error is
// for a source that cannot be read, or in which there is nothing.
func Read(sources []Source, stdin io.Reader) (*Results, error) {
	c := newCollector()
	for _, s := range sources {
		files, folder, err := filesOf(s.Path)
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			err := c.readFile(f, s.Name, stdin)
			var other *unusedError
			switch {
			case folder && errors.As(err, &other):
				c.defect(NotUsed, f, "%s", other.message)
			case err != nil:
				return nil, err
			}
		}
	}
	if len(c.cells) == 0 && len(c.codes) == 0 {
		return nil, errors.New("no input holds a result (docs/failures.md says which files are read)")
	}
	return c.finish(), nil
}

// unusedError is about a file that holds nothing of use; in a folder it is passed over.
type unusedError struct{ file, message string }

func (e *unusedError) Error() string { return e.file + ": " + e.message }

func unused(file, format string, args ...any) error {
	return &unusedError{file, fmt.Sprintf(format, args...)}
}

// filesOf are the files that a path names: itself, or those in a folder whose names end as files of results do.
func filesOf(path string) (files []string, folder bool, err error) {
	if path == "-" {
		return []string{path}, false, nil
	}
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, false, fmt.Errorf("there is no file or folder %s", path)
	}
	if err != nil || !info.IsDir() {
		return []string{path}, false, err
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, true, err
	}
	for _, e := range entries {
		name := strings.TrimSuffix(strings.TrimSuffix(e.Name(), ".gz"), ".zst")
		if slices.Contains([]string{".csv", ".json", ".jsonl"}, filepath.Ext(name)) && e.Type().IsRegular() {
			files = append(files, filepath.Join(path, e.Name()))
		}
	}
	if len(files) == 0 {
		return nil, true, fmt.Errorf("%s: the folder has no .csv, .json or .jsonl file (nor packed ones)", path)
	}
	return files, true, nil
}

func (c *collector) readFile(path, name string, stdin io.Reader) error {
	in := stdin
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	} else if path = "stdin"; in == nil {
		return errors.New("standard input: not available here; give a file")
	}
	r, _, done, err := problem.Unpack(in, path)
	if err != nil {
		return unused(path, "%s", strings.TrimPrefix(err.Error(), path+": "))
	}
	defer done()
	switch first, err := firstByte(r); {
	case err != nil:
		return unused(path, "the file is blank")
	case first == '{' || first == '[':
		return c.readJSON(r, path, name)
	}
	return c.readCSV(r, path, name)
}

// firstByte is the first byte that is no white space, which is left to be read.
func firstByte(r *bufio.Reader) (byte, error) {
	for {
		b, err := r.ReadByte()
		if err != nil {
			return 0, err
		}
		if !strings.ContainsRune(" \t\r\n", rune(b)) {
			return b, r.UnreadByte()
		}
	}
}

// result reads a cell: a word or a number. Numbers above 1 are percent. known is false for a blank, ok for what is no result.
func result(s string) (rate float64, known, ok bool) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "", "nan", "null", "none", "n/a", "na", "-", "infrastructure":
		return 0, false, true
	case "passed", "pass", "true", "yes", "success", "correct", "ok":
		return 1, true, true
	case "failed", "fail", "false", "no", "failure", "incorrect", "error",
		"wrong_answer", "exception", "syntax_error", "timeout", "memory_limit", "output_limit", "forbidden", "protocol_error", "robot_error":
		return 0, true, true
	}
	x, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(s), "%"), 64)
	if err != nil || math.IsNaN(x) || x < 0 || x > 100 {
		return 0, false, false
	}
	return x, true, true
}

// readDate reads a date: RFC 3339, a day, or milliseconds or seconds since 1970; what is none is the zero time.
func readDate(s string) time.Time {
	s = strings.TrimSpace(s)
	for _, layout := range []string{time.DateOnly, time.RFC3339, "2006-01-02T15:04:05", time.DateTime} {
		if t, err := time.Parse(layout, s); err == nil {
			return t
		}
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && n > 1e8 {
		if n > 1e11 {
			return time.UnixMilli(n).UTC()
		}
		return time.Unix(n, 0).UTC()
	}
	return time.Time{}
}
