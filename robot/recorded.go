package robot

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
)

// Recorded is a run that RoboEval's own simulator made: a row of owk_results_dev.jsonl.
type Recorded struct {
	Model      string   `json:"model"`
	Task       string   `json:"task"`
	Split      string   `json:"split,omitempty"`
	Prompt     int      `json:"prompt"`
	Completion int      `json:"completion"`
	Test       int      `json:"test"`
	Sat        *bool    `json:"is_sat"`        // nil: not recorded
	Error      string   `json:"error_message"` // of the run ("SIM: …") or of the check ("EVAL: …"), or ""
	Lines      []string `json:"trace"`
	Program    string   `json:"program"`

	// Where is file:line.
	Where string `json:"-"`
}

// maxRow bounds a row, in bytes.
const maxRow = 16 << 20

// ReadRecorded yields the rows of a file, plain or gzip, called name in errors. An error
// that belongs to one row comes with it, and reading goes on; any other is the last.
func ReadRecorded(r io.Reader, name string) iter.Seq2[Recorded, error] {
	return func(yield func(Recorded, error) bool) {
		in := bufio.NewReader(r)
		if head, _ := in.Peek(2); bytes.Equal(head, []byte{0x1f, 0x8b}) {
			z, err := gzip.NewReader(in)
			if err != nil {
				yield(Recorded{}, fmt.Errorf("%s: gzip: %w", name, err))
				return
			}
			in = bufio.NewReader(z)
		}
		rows := bufio.NewScanner(in)
		rows.Buffer(make([]byte, 0, 64<<10), maxRow)
		for line := 1; rows.Scan(); line++ {
			text := bytes.TrimSpace(rows.Bytes())
			if len(text) == 0 {
				continue
			}
			row, err := parseRecorded(text)
			row.Where = fmt.Sprintf("%s:%d", name, line)
			if err != nil {
				err = fmt.Errorf("%s: %w", row.Where, err)
			}
			if !yield(row, err) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(Recorded{}, fmt.Errorf("%s: %w", name, err))
		}
	}
}

func parseRecorded(text []byte) (Recorded, error) {
	var fields map[string]json.RawMessage
	var row Recorded
	if err := json.Unmarshal(text, &fields); err != nil {
		return row, fmt.Errorf("no JSON object: %w", err)
	}
	for _, f := range []string{"task", "test", "trace"} {
		if _, ok := fields[f]; !ok {
			return row, fmt.Errorf("field %q is missing (a recorded run has task, prompt, test, trace, error_message, is_sat)", f)
		}
	}
	if err := json.Unmarshal(text, &row); err != nil {
		return row, err
	}
	if row.Test < 0 || row.Prompt < 0 {
		return row, errors.New("prompt and test count from 0")
	}
	return row, nil
}

// delimiter stands between the parts of a recorded event.
const delimiter = "/$@!/"

// Trace parses the recorded events: "Ask /$@!/ question /$@!/ ['yes', 'no']".
func (r *Recorded) Trace() ([]Event, error) {
	var out []Event
	for i, line := range r.Lines {
		parts := strings.Split(line, delimiter)
		if len(parts) != 3 {
			return nil, fmt.Errorf("%s: trace[%d] has %d parts, not 3", r.Where, i, len(parts))
		}
		e := Event{Element: strings.TrimSpace(parts[0]), Values: []any{strings.TrimSpace(parts[1])}}
		v, err := parsePython(strings.TrimSpace(parts[2]))
		if err != nil {
			return nil, fmt.Errorf("%s: trace[%d]: %w", r.Where, i, err)
		}
		if v != nil {
			e.Values = append(e.Values, v)
		}
		out = append(out, e)
	}
	return out, nil
}

// Class is how a run failed, as RoboEval counts.
type Class string

const (
	Success         Class = "success"
	PythonError     Class = "python error"
	ExecutionError  Class = "robot execution error"
	CompletionError Class = "task completion error"
)

// Classes lists the classes in the order reports show them.
var Classes = []Class{Success, PythonError, ExecutionError, CompletionError}

// Ended is the class of the run by its error message alone, Success if it has none: then
// the check decides.
func (r *Recorded) Ended() Class {
	switch {
	case r.Error == "":
		return Success
	case strings.HasPrefix(r.Error, "EVAL:"):
		return CompletionError
	case strings.Contains(r.Error, "Exception: Robot"), strings.Contains(r.Error, "TypeError: Robot"):
		return ExecutionError
	}
	return PythonError
}
