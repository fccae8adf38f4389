package problem

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

const (
	mbppRow   = `{"task_id": 7, "text": "Add.", "code": "def add(a, b):\n  return a + b", "test_list": ["assert add(1, 2) == 3"], "test_setup_code": "", "challenge_test_list": ["assert add(0, 0) == 0"]}`
	cleanRow  = `{"task_id": 7, "prompt": "Add.", "code": "import numpy as np\ndef add(a, b):\n  return a + b", "test_list": ["assert math.isclose(add(1, 2), 3)"], "test_imports": ["import math"]}`
	heRow     = `{"task_id": "HumanEval/0", "prompt": "def f(x):\n    \"\"\"doc\"\"\"\n", "entry_point": "f", "canonical_solution": "    return x\n", "test": "def check(candidate):\n    assert candidate(1) == 1\n"}`
	hePlusRow = `{"task_id": "HumanEval/0", "prompt": "def f(x):\n", "entry_point": "f", "canonical_solution": "    return x\n", "base_input": [[1]], "plus_input": [[NaN], ["\ud800"], [{"b": 1, "a": 123456789012345678901234567890}]], "atol": 0.001}`
	mpRow     = `{"task_id": "Mbpp/2", "prompt": "'''doc'''", "entry_point": "similar_elements", "canonical_solution": "\ndef similar_elements(a, b): return a\n", "base_input": [[[1], [1]]], "plus_input": {}, "assertion": "", "atol": 0}`
	bcbRow    = `{"task_id": "BigCodeBench/0", "complete_prompt": "import os\ndef task_func():\n", "canonical_solution": "    return 1\n", "test": "import unittest\nimport pandas as pd, numpy.linalg\nclass T(unittest.TestCase): pass\n", "entry_point": "task_func", "libs": "['os', 'sklearn.svm']"}`
	appsRow   = `{"problem_id": 3, "question": "Q", "solutions": "[\"print(1)\"]", "input_output": "{\"inputs\": [\"1\\n\"], \"outputs\": [\"1\\n\"]}", "starter_code": ""}`
	appsCall  = `{"problem_id": 4, "question": "Q", "input_output": {"fn_name": "f", "inputs": [[{"k": 1}]], "outputs": [[5]]}, "starter_code": "class Solution:\n    def f(self, d):"}`
	ccRow     = `{"name": "1_A. X", "description": "D", "public_tests": {"input": ["1"], "output": ["2"]}, "private_tests": {"input": [], "output": []}, "generated_tests": {"input": ["3"], "output": ["4"]}, "time_limit": {"seconds": 2, "nanos": 500000000}, "solutions": {"language": [2, 3], "solution": ["c++", "py"]}}`
	honeRow   = `{"schema": "hone.problem/1", "benchmark": "own", "task_id": "a/1", "prompt": "def f(x):\n", "entry_point": "f", "tests": [{"name": "t", "kind": "call", "spec": {"function": "f", "args": [{"tuple": [1]}], "expected": {"float": "nan"}}}]}`
)

func lcbRow(private string) string {
	public, _ := json.Marshal(`[{"input": "[1, 2]\n3", "output": "6", "testtype": "functional"}]`)
	p, _ := json.Marshal(private)
	return fmt.Sprintf(`{"question_id": "3487", "question_content": "Q", "starter_code": "class Solution:\n    def go(self, a, b):", "public_test_cases": %s, "private_test_cases": %s, "metadata": "{\"func_name\": \"go\"}"}`, public, p)
}

// packed is base64(zlib(pickle(text))) as Python 3.8 to 3.13 write it (protocol 4).
func packed(text string) string {
	n := len(text)
	pickle := append([]byte{0x80, 4, 0x95, 0, 0, 0, 0, 0, 0, 0, 0, 'X', byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24)}, text...)
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, _ = z.Write(append(pickle, 0x94, '.'))
	_ = z.Close()
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

func read(t *testing.T, text string, format Format, opts ...Option) *Suite {
	t.Helper()
	s, err := Read(strings.NewReader(text), "f.jsonl", format, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestReadFormats(t *testing.T) {
	private := packed(`[{"input": "[]\n0", "output": "0", "testtype": "functional"}]`)
	for _, c := range []struct {
		row    string
		format Format
		want   string // the problem as JSON
	}{
		{mbppRow, FormatMBPP, `{"benchmark":"MBPP","task_id":"7","prompt":"Add.","entry_point":"add","reference":"def add(a, b):\n  return a + b","split":"prompt","tests":[{"name":"test_list[0]","kind":"assert","visibility":"public","spec":{"code":"assert add(1, 2) == 3"}}]}`},
		{cleanRow, FormatMBPPSanitized, `{"benchmark":"MBPP-sanitized","task_id":"7","prompt":"Add.","entry_point":"add","reference":"import numpy as np\ndef add(a, b):\n  return a + b","split":"prompt","tests":[{"name":"test_list[0]","kind":"assert","visibility":"public","spec":{"code":"assert math.isclose(add(1, 2), 3)","setup":"import math"}}],"libraries":["numpy"]}`},
		{heRow, FormatHumanEval, `{"benchmark":"HumanEval","task_id":"HumanEval/0","prompt":"def f(x):\n    \"\"\"doc\"\"\"\n","entry_point":"f","reference":"def f(x):\n    \"\"\"doc\"\"\"\n    return x\n","tests":[{"name":"check","kind":"check","visibility":"hidden","spec":{"code":"def check(candidate):\n    assert candidate(1) == 1\n","entry_point":"f","prelude":"def f(x):\n    \"\"\"doc\"\"\"\n"}}],"prefix":"def f(x):\n    \"\"\"doc\"\"\"\n"}`},
		{hePlusRow, FormatHumanEvalPlus, `{"benchmark":"HumanEval+","task_id":"HumanEval/0","prompt":"def f(x):\n","entry_point":"f","reference":"def f(x):\n    return x\n","tests":[{"name":"base[0]","kind":"call","visibility":"hidden","spec":{"function":"f","args":[1],"compare":"evalplus","atol":0.001}},{"name":"plus[0]","kind":"call","visibility":"hidden","spec":{"function":"f","args":[{"float":"nan"}],"compare":"evalplus","atol":0.001}},{"name":"plus[1]","kind":"call","visibility":"hidden","spec":{"function":"f","args":[{"str":"7aCA"}],"compare":"evalplus","atol":0.001}},{"name":"plus[2]","kind":"call","visibility":"hidden","spec":{"function":"f","args":[{"dict":[["b",1],["a",{"int":"0x18ee90ff6c373e0ee4e3f0ad2"}]]}],"compare":"evalplus","atol":0.001}}],"prefix":"def f(x):\n"}`},
		{mpRow, FormatMBPPPlus, `{"benchmark":"MBPP+","task_id":"Mbpp/2","prompt":"'''doc'''","entry_point":"similar_elements","reference":"'''doc'''\ndef similar_elements(a, b): return a\n","split":"prompt","tests":[{"name":"base[0]","kind":"call","visibility":"hidden","spec":{"function":"similar_elements","args":[{"tuple":[1]},{"tuple":[1]}],"compare":"set"}}],"prefix":"'''doc'''\n"}`},
		{bcbRow, FormatBigCodeBench, `{"benchmark":"BigCodeBench","task_id":"BigCodeBench/0","prompt":"import os\ndef task_func():\n","entry_point":"task_func","reference":"import os\ndef task_func():\n    return 1\n","tests":[{"name":"unittest","kind":"unittest","visibility":"hidden","spec":{"code":"import unittest\nimport pandas as pd, numpy.linalg\nclass T(unittest.TestCase): pass\n"}}],"prefix":"import os\ndef task_func():\n","libraries":["numpy","pandas","sklearn"]}`},
		{appsRow, FormatAPPS, `{"benchmark":"APPS","task_id":"3","prompt":"Q","reference":"print(1)","tests":[{"name":"io[0]","kind":"stdio","visibility":"hidden","spec":{"input":"1\n","outputs":["1\n"]}}]}`},
		{appsCall, FormatAPPS, `{"benchmark":"APPS","task_id":"4","prompt":"Q","entry_point":"f","tests":[{"name":"call[0]","kind":"call","visibility":"hidden","spec":{"function":"Solution.f","args":[{"dict":[["k",1]]}],"expected":5}}]}`},
		{ccRow, FormatCodeContests, `{"benchmark":"CodeContests","task_id":"1_A. X","prompt":"D","reference":"py","tests":[{"name":"public[0]","kind":"stdio","visibility":"public","spec":{"input":"1","outputs":["2"]}},{"name":"generated[0]","kind":"stdio","visibility":"hidden","spec":{"input":"3","outputs":["4"]}}],"seconds":2.5}`},
		{lcbRow(private), FormatLiveCodeBench, `{"benchmark":"LiveCodeBench","task_id":"3487","prompt":"Q\n\nclass Solution:\n    def go(self, a, b):","entry_point":"go","tests":[{"name":"public[0]","kind":"call","visibility":"public","spec":{"function":"Solution.go","args":[[1,2],3],"expected":6}},{"name":"private[0]","kind":"call","visibility":"hidden","spec":{"function":"Solution.go","args":[[],0],"expected":0}}]}`},
		{lcbRow(`[{"input": "1 2\n", "output": "3", "testtype": "stdin"}]`), FormatLiveCodeBench, `{"benchmark":"LiveCodeBench","task_id":"3487","prompt":"Q\n\nclass Solution:\n    def go(self, a, b):","entry_point":"go","tests":[{"name":"public[0]","kind":"call","visibility":"public","spec":{"function":"Solution.go","args":[[1,2],3],"expected":6}},{"name":"private[0]","kind":"stdio","visibility":"hidden","spec":{"input":"1 2\n","outputs":["3"]}}]}`},
		{honeRow, FormatHone, `{"schema":"hone.problem/1","benchmark":"own","task_id":"a/1","prompt":"def f(x):\n","entry_point":"f","tests":[{"name":"t","kind":"call","spec":{"function":"f","args":[{"tuple":[1]}],"expected":{"float":"nan"}}}],"prefix":"def f(x):\n"}`},
	} {
		s := read(t, c.row, FormatAuto)
		if s.Format != c.format || len(s.Problems) != 1 || len(s.Issues) != 0 {
			t.Errorf("%s: %d problems, %v; want %s", s.Format, len(s.Problems), s.Issues, c.format)
			continue
		}
		got, err := json.Marshal(s.Problems[0])
		if err != nil || string(got) != c.want {
			t.Errorf("%s (%v):\n got %s\nwant %s", c.format, err, got, c.want)
		}
	}
}

func TestReadShapes(t *testing.T) {
	two := strings.Replace(mbppRow, "7", "8", 1)
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, []byte("["+mbppRow+","+two+"]"), "", "  "); err != nil {
		t.Fatal(err)
	}
	enc, _ := zstd.NewWriter(nil)
	for name, text := range map[string]string{
		"lines":            mbppRow + "\n" + two,
		"blank lines":      "\n\n" + mbppRow + "\n  \n\n" + two + "\n\n",
		"byte order mark":  "\ufeff" + mbppRow + "\n" + two,
		"CRLF":             mbppRow + "\r\n" + two + "\r\n",
		"CR":               mbppRow + "\r" + two + "\r",
		"mixed":            mbppRow + "\r\n\n\r" + two,
		"array":            "[" + mbppRow + "," + two + "]",
		"pretty array":     pretty.String(),
		"array, then more": "[" + mbppRow + "]\n" + two,
		"gzip":             gzipped(t, mbppRow+"\n"+two),
		"gzip array":       gzipped(t, pretty.String()),
		"zstd":             string(enc.EncodeAll([]byte(mbppRow+"\n"+two), nil)),
	} {
		s := read(t, text, FormatAuto)
		if len(s.Problems) != 2 || s.Problems[1].TaskID != "8" || len(s.Issues) != 0 {
			t.Errorf("%s: %d problems, issues %v", name, len(s.Problems), s.Issues)
		}
	}
}

func gzipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestReadBadRows checks that a bad row is named and the good one after it is read.
func TestReadBadRows(t *testing.T) {
	good := strings.Replace(mbppRow, "7", "9", 1)
	edit := func(old, with string) string { return strings.Replace(mbppRow, old, with, 1) }
	for _, c := range []struct {
		name, row, want string
		format          Format
	}{
		{"not an object", `[1]`, `the row is a list, a JSON object is wanted`, FormatMBPP},
		{"a string", `"x"`, `the row is a string`, FormatMBPP},
		{"no JSON", `{"task_id": oops}`, `'o' at column 13 where a value is wanted`, FormatMBPP},
		{"cut off", mbppRow[:60], `the row ends where`, FormatMBPP},
		{"two rows on a line", mbppRow + mbppRow, `'{' after the end of the row`, FormatMBPP},
		{"NUL", "{\x00}", `NUL byte at column 2`, FormatMBPP},
		{"control character", "{\"a\x01\": 1}", `control character 0x01`, FormatMBPP},
		{"invalid UTF-8", "{\"a\": \"\xff\"}", `invalid UTF-8 at column 8`, FormatMBPP},
		{"deep", strings.Repeat(`{"a":`, 2000) + "1" + strings.Repeat("}", 2000), `nested deeper`, FormatMBPP},
		{"missing field", edit(`"test_list"`, `"tests_list"`), `field "test_list" is missing`, FormatMBPP},
		{"other format", cleanRow, `field "text" is missing (is this sanitized-mbpp.json? use --format mbpp-sanitized)`, FormatMBPP},
		{"wrong type", edit(`["assert add(1, 2) == 3"]`, `"assert"`), `field "test_list" is a string, a list is wanted`, FormatMBPP},
		{"wrong item", edit(`["assert add(1, 2) == 3"]`, `["a", 3]`), `field "test_list[1]" is an integer, a string is wanted`, FormatMBPP},
		{"id null", edit(`7`, `null`), `field "task_id" is null, a string or an integer is wanted`, FormatMBPP},
		{"id float", edit(`7`, `7.5`), `field "task_id" is a float`, FormatMBPP},
		{"id empty", edit(`7`, `""`), `field "task_id" is empty`, FormatMBPP},
		{"no tests", edit(`["assert add(1, 2) == 3"]`, `[]`), `nothing to judge with`, FormatMBPP},
		{"same row twice", good, `is there twice, identically; the second one is ignored`, FormatMBPP},
		{"same id, other content", strings.Replace(good, "Add.", "Subtract.", 1), `is there twice with different content; the first one is used`, FormatMBPP},
	} {
		s := read(t, good+"\n"+c.row+"\n"+strings.Replace(mbppRow, "7", "11", 1), c.format)
		if len(s.Problems) != 2 || len(s.Issues) != 1 || !strings.Contains(s.Issues[0].Error(), c.want) || s.Issues[0].Where != "f.jsonl:2" {
			t.Errorf("%s: %d problems, issues %v; want %q", c.name, len(s.Problems), s.Issues, c.want)
		}
	}
}

func TestReadBadFields(t *testing.T) {
	edit := func(row, old, with string) string {
		if !strings.Contains(row, old) {
			t.Fatalf("%q is not in %s", old, row)
		}
		return strings.Replace(row, old, with, 1)
	}
	for _, c := range []struct {
		row, want string
		format    Format
	}{
		{edit(heRow, `def check(candidate):\n    assert candidate(1) == 1\n`, ""), `field "test" is empty`, FormatHumanEval},
		{edit(heRow, `"entry_point": "f"`, `"entry_point": ""`), `field "entry_point" is empty`, FormatHumanEval},
		{edit(hePlusRow, `[[1]]`, `[1]`), `field "base_input[0]" is an integer, a list of arguments is wanted`, FormatHumanEvalPlus},
		{edit(hePlusRow, `"    return x\n"`, `""`), `field "canonical_solution" is missing or empty`, FormatHumanEvalPlus},
		{edit(hePlusRow, `0.001`, `"x"`), `field "atol" is a string, a number is wanted`, FormatHumanEvalPlus},
		{edit(appsRow, `[\"1\\n\"], \"outputs\"`, `[], \"outputs\"`), `equally long`, FormatAPPS},
		{edit(appsRow, `{\"inputs\"`, `{{`), `JSON in a string that cannot be read`, FormatAPPS},
		{edit(ccRow, `"output": ["2"]`, `"output": []`), `has 1 inputs and 0 outputs`, FormatCodeContests},
		{lcbRow("!!"), `neither JSON nor`, FormatLiveCodeBench},
		{lcbRow(base64.StdEncoding.EncodeToString([]byte("no zlib"))), `neither JSON nor`, FormatLiveCodeBench},
		{edit(lcbRow(""), `functional`, `other`), `testtype other`, FormatLiveCodeBench},
		{edit(lcbRow(""), `func_name`, `name`), `no func_name`, FormatLiveCodeBench},
		{edit(honeRow, `"prompt"`, `"promt"`), `field "promt" is unknown (nearest: "prompt"`, FormatHone},
		{edit(honeRow, `"call"`, `"cal"`), `field "tests[0].kind" is "cal"`, FormatHone},
		{edit(honeRow, `"function"`, `"functoin"`), `field "tests[0].spec.functoin" is unknown (nearest: "function"`, FormatHone},
		{edit(honeRow, `{"tuple": [1]}`, `{"tupel": [1]}`), `unknown tag "tupel"`, FormatHone},
		{edit(honeRow, `[{"tuple": [1]}]`, `{"tuple": [1]}`), `a list of arguments is wanted`, FormatHone},
		{edit(honeRow, `{"float": "nan"}`, `NaN`), `plain JSON`, FormatHone},
		{edit(honeRow, `"a/1"`, `1`), `field "task_id" is a JSON number, a string is wanted`, FormatHone},
		{edit(honeRow, `problem/1`, `problem/9`), `this version reads "hone.problem/1"`, FormatHone},
		{edit(honeRow, `, "expected": {"float": "nan"}`, ``), `no reference to compute it from`, FormatHone},
		{edit(honeRow, `"kind": "call"`, `"visibility": "secret", "kind": "call"`), `is "secret"`, FormatHone},
		{edit(honeRow, `"expected"`, `"compare": "equals", "expected"`), `nearest: "equal"`, FormatHone},
	} {
		_, err := Read(strings.NewReader(c.row), "f.jsonl", c.format)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "f.jsonl:1:") {
			t.Errorf("%s: %v; want %q", c.format, err, c.want)
		}
	}
}

func TestReadStops(t *testing.T) {
	utf16 := "\xff\xfe{\x00}\x00"
	for _, c := range []struct {
		text, want string
		format     Format
	}{
		{"", "the file is empty", FormatAuto},
		{"\n \n", "the file has no rows", FormatAuto},
		{"hello\nworld\n", "no row is a JSON object", FormatAuto},
		{`{"a": 1}`, "no known problem format has the fields a", FormatAuto},
		{`{"task_id": "x", "completion": "y"}`, "a file of samples, not of problems", FormatAuto},
		{"PK\x03\x04xxxx", "zip archive", FormatAuto},
		{"PAR1xxxx", "Parquet", FormatAuto},
		{utf16, "UTF-16", FormatAuto},
		{"\x1f\x8b\x08", "gzip", FormatAuto},
		{mbppRow, `unknown problem format "mpbb" (nearest: mbpp;`, "mpbb"},
	} {
		if _, err := Read(strings.NewReader(c.text), "f", c.format); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.20q: %v; want %q", c.text, err, c.want)
		}
	}
	if _, err := Load("/no/such/file", FormatAuto, nil); err == nil {
		t.Error("a missing file is no error")
	}
	if _, err := Load(t.TempDir(), FormatAuto, nil); err == nil {
		t.Error("a directory is no error")
	}
	if s, err := Load("-", FormatAuto, strings.NewReader(mbppRow)); err != nil || len(s.Problems) != 1 {
		t.Errorf("standard input: %v", err)
	}
}

func TestReadCutOff(t *testing.T) {
	var lines strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&lines, `{"task_id": %d, "text": "t%x", "code": "", "test_list": ["assert %d"]}`+"\n", i, i*i*7919, i*i)
	}
	whole := gzipped(t, lines.String())
	enc, _ := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest))
	damaged := []byte(whole)
	damaged[len(damaged)/2] ^= 0x55
	damaged[len(damaged)-6] ^= 0x55
	for name, c := range map[string]struct{ text, want string }{
		"gzip":         {whole[:len(whole)/2], "gzip data is truncated after line"},
		"gzip trailer": {whole[:len(whole)-4], "gzip data is truncated after line 2000 (2000 rows)"},
		"damaged gzip": {string(damaged), "gzip data is damaged after line"},
		"zstd":         {string(enc.EncodeAll([]byte(lines.String()), nil)[:500]), ""},
		"array":        {"[" + strings.ReplaceAll(strings.TrimSpace(lines.String()), "\n", ",\n"), "ends inside its JSON array, after 1999 rows"},
	} {
		s, err := Read(strings.NewReader(c.text), "f", FormatAuto)
		if name == "zstd" { // one block: nothing of it can be read
			if err == nil || !strings.Contains(err.Error(), "zstd data is") {
				t.Errorf("zstd: %v", err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		last := s.Issues[len(s.Issues)-1]
		if len(s.Problems) == 0 || !strings.Contains(last.Message, c.want) {
			t.Errorf("%s: %d problems, %v; want %q", name, len(s.Problems), last, c.want)
		}
	}
}

func TestLongRows(t *testing.T) {
	long := `{"task_id": 1, "text": "` + strings.Repeat("x", 5000) + `"}`
	for name, text := range map[string]string{
		"lines": mbppRow + "\n" + long + "\n" + strings.Replace(mbppRow, "7", "8", 1),
		"array": "[" + mbppRow + ",\n" + long + ",\n" + strings.Replace(mbppRow, "7", "8", 1) + "]",
	} {
		rr, err := newRowReader(strings.NewReader(text), "f")
		if err != nil {
			t.Fatal(err)
		}
		rr.max = 1000
		var rows, issues int
		for {
			raw, ok := rr.next()
			if !ok {
				break
			}
			rows++
			if raw.issue != nil {
				issues++
				if raw.where != "f:2" || !strings.Contains(raw.issue.Message, "skipped") {
					t.Errorf("%s: %v", name, raw.issue)
				}
			}
		}
		if rows != 3 || issues != 1 {
			t.Errorf("%s: %d rows, %d issues", name, rows, issues)
		}
	}
}

func TestUnpickleRefusesObjects(t *testing.T) {
	for _, b := range [][]byte{
		[]byte("cos\nsystem\n(S'x'\ntR."),
		{0x80, 4, '.'},
		{0x80},
		{0x80, 4, 0x8c, 200, 'x'},
		{0x80, 4, 0x8c, 1, 'a', 0x8c, 1, 'b', '.'},
		{0x8d, 255, 255, 255, 255, 255, 255, 255, 255, '.'},
		{0x8c, 1, 0xff, '.'},
	} {
		if s, err := unpickleString(b); err == nil {
			t.Errorf("%q reads as %q", b, s)
		}
	}
	if s, err := unpickleString([]byte("\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00\x8c\x01a\x94.")); err != nil || string(s) != "a" {
		t.Errorf("%q, %v", s, err)
	}
}

func TestParsePyJSON(t *testing.T) {
	for text, want := range map[string]string{
		`{"b": 1, "a": 2, "b": 3}`:                         `{"dict":[["b",3],["a",2]]}`,
		`[NaN, Infinity, -Infinity, -0, -0.0, 1e400, 1E2]`: `[{"float":"nan"},{"float":"inf"},{"float":"-inf"},0,-0.0,{"float":"inf"},100.0]`,
		`"\ud83d\ude00 \u00e9\n\/"`:                        `"😀 é\n/"`,
		`"\ud83d\u0041\udc00"`:                             `{"str":"7aC9Qe2wgA=="}`,
		`[9007199254740993, true, null]`:                   `[{"int":"0x20000000000001"},true,null]`,
	} {
		v, err := parsePyJSON([]byte(text))
		if err != nil || string(EncodeValue(v)) != want {
			t.Errorf("%s: %s, %v; want %s", text, EncodeValue(v), err, want)
		}
	}
	for _, text := range []string{``, `01`, `1.`, `.5`, `+1`, `1e`, `nul`, `"\x"`, `"\u12"`, `"`, `{a:1}`, `{"a" 1}`, `{"a":1,}`, `[1,]`, `[1 2]`, `'a'`, `-`, strings.Repeat("9", maxDigits+1)} {
		if v, err := parsePyJSON([]byte(text)); err == nil {
			t.Errorf("%.30s reads as %v", text, v)
		}
	}
}

func TestAPPSForms(t *testing.T) {
	lines := `{"problem_id": 1, "question": "Q", "input_output": {"inputs": [["1", "2"]], "outputs": [["3", "4"]]}}`
	mixed := `{"problem_id": 2, "question": "Q", "input_output": {"fn_name": "f", "inputs": [[1], []], "outputs": [[5], [5, 6]]}}`
	s := read(t, lines+"\n"+mixed, FormatAPPS)
	if len(s.Problems) != 2 || string(s.Problems[0].Tests[0].Spec) != `{"input":"1\n2","outputs":["3\n4"]}` ||
		string(s.Problems[1].Tests[0].Spec) != `{"function":"f","args":[1],"expected":[5]}` {
		t.Errorf("%+v %v", s.Problems, s.Issues)
	}
}

// TestHoneKinds reads a row with a test of every kind, then breaks each in turn.
func TestHoneKinds(t *testing.T) {
	row := `{"benchmark": "own", "task_id": "1", "prompt": "p", "reference": "def f(x): return x", "libraries": ["numpy"], "seconds": 2, "tests": [` +
		`{"name": "call", "kind": "call", "visibility": "mandatory", "spec": {"function": "f", "args": [1], "kwargs": {"k": {"set": []}}, "compare": "evalplus", "atol": 0.1}},` +
		`{"name": "assert", "kind": "assert", "visibility": "public", "spec": {"code": "assert f(1) == 1", "setup": "import math"}},` +
		`{"name": "check", "kind": "check", "spec": {"code": "def check(c):\n  pass", "entry_point": "f", "prelude": "x = 1"}},` +
		`{"name": "unittest", "kind": "unittest", "spec": {"code": "import unittest"}},` +
		`{"name": "stdio", "kind": "stdio", "spec": {"input": "1", "outputs": ["1", "2"], "compare": "lines"}}]}`
	if s := read(t, row, FormatAuto); len(s.Problems) != 1 || len(s.Problems[0].Tests) != 5 || s.Problems[0].Prefix != "" {
		t.Fatalf("%+v", s)
	}
	for _, c := range [][3]string{
		{`"assert f(1) == 1"`, `" "`, `field "tests[1].spec.code" is missing or empty`},
		{`"assert f(1) == 1"`, `3`, `field "tests[1].spec.code" is a JSON number, a string is wanted`},
		{`def check(c)`, `def chek(c)`, `does not define check(candidate)`},
		{`"entry_point": "f"`, `"entry_point": ""`, `field "tests[2].spec.entry_point" is missing or empty`},
		{`"import unittest"`, `""`, `field "tests[3].spec.code" is missing`},
		{`["1", "2"]`, `[]`, `field "tests[4].spec.outputs" is missing or empty`},
		{`["1", "2"]`, `"1"`, `field "tests[4].spec.outputs" is a JSON string, a list is wanted`},
		{`"input": "1", `, ``, `field "tests[4].spec.input" is missing`},
		{`"tests": [`, `"Tests": [{}], "tests": [`, `field "Tests" is unknown (nearest: "tests"`},
		{`"tests": [`, `"tests": [], "Tests": [`, `field "Tests" is unknown (nearest: "tests"`},
		{`"lines"`, `"line"`, `(nearest: "lines")`},
		{`0.1`, `-1`, `field "tests[0].spec.atol" is negative`},
		{`{"set": []}`, `{"set": 1}`, `field "tests[0].spec.kwargs.k" is no tagged value`},
		{`"args": [1], `, ``, `field "tests[0].spec.args" is missing`},
		{`"name": "stdio"`, `"name": "check"`, `"check" is there twice`},
		{`"name": "stdio", `, ``, `field "tests[4].name" is missing`},
		{`"spec": {"code": "import unittest"}`, `"spec": []`, `field "tests[3].spec" is a list, an object is wanted`},
		{`{"name": "unittest", "kind": "unittest", "spec": {"code": "import unittest"}}`, `null`, `field "tests[3]" is null`},
		{`["numpy"]`, `"numpy"`, `field "libraries" is a JSON string, a list is wanted`},
		{`"seconds": 2`, `"seconds": -2`, `field "seconds" is negative`},
		{`"prompt": "p"`, `"prompt": "p", "language": "c"`, `only "python" can be judged`},
		{`"benchmark": "own", `, ``, `field "benchmark" is missing`},
	} {
		if !strings.Contains(row, c[0]) {
			t.Errorf("%s is not in the row", c[0])
		}
		_, err := Read(strings.NewReader(strings.Replace(row, c[0], c[1], 1)), "f", FormatAuto)
		if err == nil || !strings.Contains(err.Error(), c[2]) {
			t.Errorf("%s: %v; want %s", c[1], err, c[2])
		}
	}
}
