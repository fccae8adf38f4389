package problem

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
)

// samplesText lists what ReadSamples yields, one line each.
func samplesText(text string) string {
	var b strings.Builder
	for p, err := range ReadSamples(strings.NewReader(text), "s") {
		var issue *Issue
		switch {
		case errors.As(err, &issue):
			fmt.Fprintln(&b, "issue", issue)
		case err != nil:
			fmt.Fprintln(&b, "stop", err)
		default:
			fmt.Fprintf(&b, "%s %s#%d %s %q\n", p.Where, p.TaskID, p.Sample, p.Form, p.Text)
		}
	}
	return b.String()
}

func TestReadSamples(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{
			"plain", `{"task_id": "HumanEval/0", "completion": "a"}` + "\r\n\n" + `{"task_id": 2, "solution": "b", "_identifier": "x", "extra": [1]}` + "\n" + `{"task_id": "HumanEval/0", "response": "c"}`,
			"s:1 HumanEval/0#0 completion \"a\"\ns:3 2#0 solution \"b\"\ns:4 HumanEval/0#1 response \"c\"\n",
		},
		{
			"numbered", `{"task_id": "a", "sample": 1, "code": "x"}` + "\n" + `{"task_id": "a", "sample": 0, "code": ""}` + "\n" + `{"task_id": "a", "completion_id": 1, "code": "z"}` + "\n" + `{"task_id": "a", "code": "w"}`,
			"s:1 a#1 solution \"x\"\ns:2 a#0 solution \"\"\nissue s:3: field \"completion_id\" 1 of task \"a\" is there twice; the first one is used\ns:4 a#2 solution \"w\"\n",
		},
		{
			"LiveCodeBench", "\ufeff[\n {\"question_id\": \"q\", \"code_list\": [\"a\", null, \"b\"]},\n {\"question_id\": \"r\", \"code_list\": 3}\n]",
			"s:2 q#0 solution \"a\"\nissue s:2: field \"code_list[1]\" is null, a string is wanted\ns:2 q#2 solution \"b\"\nissue s:3: field \"code_list\" is an integer, a list is wanted\n",
		},
		{"null beside a program", `{"task_id": "a", "completion": null, "solution": "x"}`, "s:1 a#0 solution \"x\"\n"},
		{"null", `{"task_id": "a", "completion": null}` + "\n" + `{"task_id": "a", "completion": "x"}`, "issue s:1: field \"completion\" is null: the sample has no program\ns:2 a#1 completion \"x\"\n"},
		{"two programs", `{"task_id": "a", "completion": "x", "solution": "x"}`, "issue s:1: field \"solution\" is there as well as \"completion\"; a sample has exactly one of them\n"},
		{"no program", `{"task_id": "a"}`, "issue s:1: no program: one of the fields \"completion\" (continues the prompt), \"solution\" (whole program), \"response\" (chat text) is wanted\n"},
		{"no id", `{"completion": "a"}`, "issue s:1: field \"task_id\" is missing (a sample has task_id and one of completion, solution, response)\n"},
		{"empty id", `{"task_id": "", "completion": "a"}`, "issue s:1: field \"task_id\" is empty\n"},
		{"null id", `{"task_id": null, "completion": "a"}`, "issue s:1: field \"task_id\" is null, a string or an integer is wanted\n"},
		{"wrong types", `{"task_id": "a", "completion": ["x"]}` + "\n" + `{"task_id": "a", "sample": "0", "completion": "x"}` + "\n" + `{"task_id": "a", "sample": -1, "completion": "x"}`, "issue s:1: field \"completion\" is a list, a string is wanted\nissue s:2: field \"sample\" is a string, an integer is wanted\nissue s:3: field \"sample\" is -1, a number from 0 to 2147483647 is wanted\n"},
		{"garbage", "hello\n{\x00}\n[1]", "issue s:1: no valid JSON: 'h' at column 1 where a value is wanted\nissue s:2: NUL byte at column 2 (is the file binary, or was it cut while writing?)\nissue s:3: the row is a list, a JSON object is wanted\n"},
		{"empty", "", "stop s: the file is empty\n"},
	} {
		if got := samplesText(c.text); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
	if got := samplesText(gzipped(t, `{"task_id": "a", "completion": "x"}`+"\n")[:40]); !strings.Contains(got, "issue s:1: the gzip data is truncated after line 0") {
		t.Errorf("truncated gzip: %s", got)
	}
}

func TestSamplesStopEarly(t *testing.T) {
	for range ReadSamples(strings.NewReader(strings.Repeat("x\n", 100)), "s") {
		break
	}
	for range ReadSamples(strings.NewReader(`{"question_id": 1, "code_list": ["a", "b"]}`), "s") {
		break
	}
	for _, err := range Samples("/no/such/file", nil) {
		if err == nil {
			t.Error("a missing file is no error")
		}
	}
}

// manySamples is a file of n rows that is never whole in memory.
type manySamples struct {
	n, next int
	pad     string
	rest    []byte
}

func (m *manySamples) Read(b []byte) (int, error) {
	if len(m.rest) == 0 {
		if m.next == m.n {
			return 0, io.EOF
		}
		m.rest = fmt.Appendf(nil, `{"task_id": "T/%d", "completion": "%s"}`+"\n", m.next%10, m.pad)
		m.next++
	}
	n := copy(b, m.rest)
	m.rest = m.rest[n:]
	return n, nil
}

func TestSamplesStream(t *testing.T) {
	count, peak := 0, uint64(0)
	for _, err := range ReadSamples(&manySamples{n: 1000, pad: strings.Repeat("x", 100_000)}, "s") {
		if err != nil {
			t.Fatal(err)
		}
		if count++; count%200 == 0 {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapAlloc)
		}
	}
	if count != 1000 || peak > 64<<20 {
		t.Errorf("%d samples, %d MB held of a 100 MB file", count, peak>>20)
	}
}

func TestLongSample(t *testing.T) {
	n := 0
	for p, err := range ReadSamples(&manySamples{n: 2, pad: strings.Repeat("x", 10<<20)}, "s") {
		if err != nil || len(p.Text) != 10<<20 {
			t.Errorf("%d bytes, %v", len(p.Text), err)
		}
		n++
	}
	if n != 2 {
		t.Errorf("%d samples", n)
	}
}
