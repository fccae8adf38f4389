package robot

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const recordedRow = `{"model": "m", "task": "T", "prompt": 1, "completion": 2, "test": 0, "is_sat": true, "error_message": "", "trace": ["GoTo /$@!/ it's here /$@!/ None", "Ask /$@!/ q? /$@!/ ['a', \"it's\", 1]"], "program": "x"}`

func TestReadRecorded(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write([]byte(recordedRow + "\n"))
	_ = z.Close()
	for name, text := range map[string]string{"plain": recordedRow + "\n\n", "gzip": packed.String()} {
		n := 0
		for row, err := range ReadRecorded(strings.NewReader(text), "r") {
			if err != nil {
				t.Fatal(name, err)
			}
			trace, err := row.Trace()
			if got := fmt.Sprint(trace); err != nil || got != `[GoTo("it's here") Ask("q?", ["a", "it's", 1])]` {
				t.Errorf("%s: %s, %v", name, got, err)
			}
			if row.Where != "r:1" || row.Sat == nil || !*row.Sat || row.Ended() != Success {
				t.Errorf("%s: %+v", name, row)
			}
			n++
		}
		if n != 1 {
			t.Errorf("%s: %d rows", name, n)
		}
	}
}

func TestReadRecordedFaults(t *testing.T) {
	for text, want := range map[string]string{
		"{":                                 "r:1: no JSON object",
		"[]":                                "r:1: no JSON object",
		`{"task": "x"}`:                     `r:1: field "test" is missing`,
		`{"task":"x","test":-1,"trace":[]}`: "r:1: prompt and test count from 0",
		"\x1f\x8b\x01":                      "r: gzip",
	} {
		for _, err := range ReadRecorded(strings.NewReader(text), "r") {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%q: %v, want %s", text, err, want)
			}
		}
	}
	for line, want := range map[string]string{
		"GoTo x":                              "trace[0] has 1 parts",
		"GoTo /$@!/ x /$@!/ [":                "trace[0]: a value is wanted",
		"GoTo /$@!/ x /$@!/ __import__('os')": "trace[0]: a text, a number",
	} {
		r := Recorded{Where: "r:1", Lines: []string{line}}
		if _, err := r.Trace(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", line, err, want)
		}
	}
}

func TestEnded(t *testing.T) {
	for message, want := range map[string]Class{
		"": Success, "SIM: Exception: RobotGoToError: update_robot_location failed": ExecutionError,
		"SIM: TypeError: RobotSayError: message must be a string": ExecutionError,
		"SIM: TypeError: can only concatenate str":                PythonError, "EVAL: x": CompletionError,
	} {
		if got := (&Recorded{Error: message}).Ended(); got != want {
			t.Errorf("%q: %s, want %s", message, got, want)
		}
	}
}

// TestPythonValues: what Python's repr writes is read back.
func TestPythonValues(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("NOT RUN: needs python3")
	}
	var values []any
	gen := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) any {
		return rapid.SliceOfN(rapid.String(), 0, 4).Draw(t, "texts")
	}), 200, 200)
	values = append(values, gen.Example(1), []any{nil, true, false, 1, -2.5, "it's \"x\"\n\t\\", []any{[]any{}}, "\x00\x7f\u00e9\U0001F600"})
	in, err := json.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, "-I", "-c", "import json,sys\nfor v in json.load(sys.stdin): print(json.dumps([repr(v), v]))")
	cmd.Stdin = bytes.NewReader(in)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		var pair [2]json.RawMessage
		var text string
		if json.Unmarshal([]byte(line), &pair) != nil || json.Unmarshal(pair[0], &text) != nil {
			t.Fatal(line)
		}
		v, err := parsePython(text)
		if err != nil {
			t.Fatalf("%s: %v", clip(text), err)
		}
		var want any
		if err := json.Unmarshal(pair[1], &want); err != nil {
			t.Fatal(err)
		}
		a, _ := json.Marshal(v)
		b, _ := json.Marshal(want)
		if string(a) != string(b) {
			t.Errorf("%s: %s, want %s", clip(text), clip(string(a)), clip(string(b)))
		}
	}
}
