// Package offline holds data sets for reinforcement learning without generation in the
// loop: programs of any origin, judged once, each with its reward. A set is only worth
// something where programs of one problem can be compared, so rows are read with suspicion
// ([Check]) and dealt out in groups that hold at least one correct and one incorrect
// program ([Set.Groups]; arXiv 2605.28409).
//
// The rows are JSON Lines. Programs come from other policies than the one that is trained,
// and the executions that judged them are part of what a method costs.
package offline

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"hone/internal/words"
	"hone/problem"
)

// Row is one judged program.
type Row struct {
	Benchmark string `json:"benchmark"`
	TaskID    string `json:"task_id"`
	Prompt    string `json:"prompt"`
	// Program is what a model is to write after the prompt.
	Program string          `json:"program"`
	Reward  float64         `json:"reward"`
	Verdict problem.Outcome `json:"verdict"`
	// Components are the values that Reward was made of, for people and reports.
	Components map[string]float64 `json:"components,omitempty"`
	Source     string             `json:"source,omitempty"` // the data set it was taken from
	Model      string             `json:"model,omitempty"`  // what wrote it
	Licence    string             `json:"licence,omitempty"`
	// BehaviourLogProb is the natural logarithm of the probability with which Model wrote
	// the whole program, where it is known.
	BehaviourLogProb *float64 `json:"behaviour_logprob,omitempty"`

	// Where is "file:line".
	Where string `json:"-"`
}

// Correct reports whether the program passed all tests.
func (r *Row) Correct() bool { return r.Verdict == problem.Pass }

// name is the row in messages.
func (r *Row) name() string { return fmt.Sprintf("%s (%s)", r.Where, r.TaskID) }

// maxRow is the longest line that is read.
const maxRow = 64 << 20

// Read reads all rows of a JSON Lines file, plain or .gz; * and ? in the path match names.
// The first malformed row is an error that names its line.
func Read(pattern string) ([]Row, error) {
	rows, bad, err := ReadAll(pattern)
	if err == nil && len(bad) > 0 {
		err = bad[0]
	}
	if err != nil {
		return nil, err
	}
	return rows, nil
}

// ReadAll is [Read] that leaves malformed rows out and says what is wrong with each.
func ReadAll(pattern string) (rows []Row, bad []error, err error) {
	paths, err := filepath.Glob(pattern)
	if err == nil && len(paths) == 0 {
		err = errors.New("there is no such file")
	}
	if err != nil {
		return nil, nil, fmt.Errorf("offline rows %s: %w", pattern, err)
	}
	slices.Sort(paths)
	for _, path := range paths {
		r, b, err := readFile(path)
		if err != nil {
			return nil, nil, err
		}
		rows, bad = append(rows, r...), append(bad, b...)
	}
	return rows, bad, nil
}

func readFile(path string) (rows []Row, bad []error, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("offline rows: %w", err)
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		z, err := gzip.NewReader(f)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", path, err)
		}
		defer z.Close()
		r = z
	}
	return parse(r, path)
}

// Parse reads rows; name stands for the file in messages.
func Parse(r io.Reader, name string) ([]Row, error) {
	rows, bad, err := parse(r, name)
	if err == nil && len(bad) > 0 {
		err = bad[0]
	}
	if err != nil {
		return nil, err
	}
	return rows, nil
}

func parse(r io.Reader, name string) (rows []Row, bad []error, err error) {
	s := bufio.NewScanner(r)
	s.Buffer(nil, maxRow)
	line := 0
	for s.Scan() {
		line++
		raw := bytes.TrimSpace(s.Bytes())
		if len(raw) == 0 {
			continue
		}
		row, err := parseRow(raw)
		if err != nil {
			bad = append(bad, fmt.Errorf("%s:%d: %w", name, line, err))
			continue
		}
		row.Where = fmt.Sprintf("%s:%d", name, line)
		rows = append(rows, row)
	}
	if err := s.Err(); err != nil {
		return nil, nil, fmt.Errorf("%s:%d: %w", name, line+1, err)
	}
	return rows, bad, nil
}

// fields are the keys of a row.
var fields = []string{"benchmark", "task_id", "prompt", "program", "reward", "components", "verdict", "source", "model", "licence", "behaviour_logprob"}

// notANumber finds what Python writes for numbers that JSON does not have.
var notANumber = regexp.MustCompile(`"(\w+)"\s*:\s*(-?Infinity|NaN)\b`)

func parseRow(raw []byte) (Row, error) {
	var row Row
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(raw, &keys); err != nil {
		if m := notANumber.FindSubmatch(raw); m != nil {
			return row, fmt.Errorf("field %q is %s: a program without a number for it cannot be learned from (leave the row out)", m[1], m[2])
		}
		return row, fmt.Errorf("no JSON object: %w", err)
	}
	for key := range keys {
		if !slices.Contains(fields, key) {
			return row, fmt.Errorf("field %q is unknown (did you mean %q?)", key, words.Nearest(key, fields))
		}
	}
	for _, key := range []string{"task_id", "prompt", "program", "reward", "verdict"} {
		if v, ok := keys[key]; !ok || string(v) == "null" {
			return row, fmt.Errorf("field %q is missing", key)
		}
	}
	if err := json.Unmarshal(raw, &row); err != nil {
		return row, err
	}
	return row, row.check()
}

func (r *Row) check() error {
	switch {
	case r.TaskID == "":
		return errors.New(`field "task_id" is empty`)
	case r.Prompt == "":
		return errors.New(`field "prompt" is empty`)
	case strings.TrimSpace(r.Program) == "":
		return errors.New(`field "program" is empty: there is nothing to learn from it`)
	case math.IsNaN(r.Reward) || math.IsInf(r.Reward, 0):
		return fmt.Errorf("field %q is %v", "reward", r.Reward)
	case !slices.Contains(problem.Outcomes, r.Verdict):
		names := make([]string, len(problem.Outcomes))
		for i, o := range problem.Outcomes {
			names[i] = string(o)
		}
		return fmt.Errorf("field %q is %q (did you mean %q?)", "verdict", r.Verdict, words.Nearest(string(r.Verdict), names))
	case r.BehaviourLogProb != nil && !(*r.BehaviourLogProb <= 0 && *r.BehaviourLogProb >= -math.MaxFloat32):
		return fmt.Errorf("field %q is %v: the logarithm of a probability is at most 0", "behaviour_logprob", *r.BehaviourLogProb)
	}
	return nil
}

// Encode is the row as a line of JSON, without its end.
func (r *Row) Encode() ([]byte, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(r)
	return bytes.TrimSuffix(b.Bytes(), []byte{'\n'}), err
}

// Write writes rows as [Parse] reads them.
func Write(w io.Writer, rows []Row) error {
	for i := range rows {
		raw, err := rows[i].Encode()
		if err == nil {
			_, err = w.Write(append(raw, '\n'))
		}
		if err != nil {
			return fmt.Errorf("row %d: %w", i+1, err)
		}
	}
	return nil
}
