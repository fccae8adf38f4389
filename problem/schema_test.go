package problem

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"
)

func compileSchema(t testing.TB, url string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	for id, raw := range map[string][]byte{"urn:hone:value:1": ValueSchema, "urn:hone:problem:1": ProblemSchema} {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource(id, doc); err != nil {
			t.Fatal(err)
		}
	}
	s, err := c.Compile(url)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validate(s *jsonschema.Schema, raw []byte) error {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	return s.Validate(doc)
}

func TestValueSchema(t *testing.T) {
	s := compileSchema(t, "urn:hone:value:1")
	rows, _ := readGolden(t)
	for i, g := range rows {
		if err := validate(s, g.Raw); err != nil {
			t.Errorf("line %d: %.100s: %v", i+1, g.Raw, err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		raw := EncodeValue(values(2).Draw(t, "v"))
		if err := validate(s, raw); err != nil {
			t.Fatalf("%s: %v", raw, err)
		}
	})
	// The schema refuses what DecodeValue refuses.
	for _, bad := range []string{
		`{}`, `{"x":1}`, `{"int":"x"}`, `{"int":1}`, `{"float":"1"}`, `{"complex":[1.0]}`, `{"str":"?"}`, `{"tuple":{}}`, `{"dict":[[1]]}`,
		`{"dict":{}}`, `{"bytes":1}`, `{"range":[0,1]}`, `{"range":[0,1,0]}`, `{"range":[0,0.5,1]}`, `{"decimal":"x"}`, `{"fraction":["1"]}`,
		`{"tuple":[],"set":[]}`, `[{"tuple":[{"set":[{"no":1}]}]}]`,
	} {
		if validate(s, []byte(bad)) == nil {
			t.Errorf("the schema accepts %s", bad)
		}
		if _, err := DecodeValue([]byte(bad)); err == nil {
			t.Errorf("DecodeValue accepts %s", bad)
		}
	}
}

func TestProblemSchema(t *testing.T) {
	s := compileSchema(t, "urn:hone:problem:1")
	p := Problem{
		Schema: SchemaVersion, Benchmark: "own", TaskID: "own/1", Prompt: "Add.", EntryPoint: "add", Language: "python",
		Reference: "def add(a, b): return a + b", Split: "test", Prefix: "", Libraries: []string{"numpy"}, Seconds: 2.5,
	}
	for _, c := range []struct {
		kind Kind
		spec any
	}{
		{KindCall, CallSpec{Function: "add", Args: EncodeValue(List{int64(1), Tuple{}}), Expected: EncodeValue(Tuple{1.5}), Compare: CompareEvalPlus, Atol: 1e-6}},
		{KindCall, CallSpec{Function: "add", Args: EncodeValue(List{}), Kwargs: map[string]json.RawMessage{"a": EncodeValue(nil)}}},
		{KindAssert, AssertSpec{Code: "assert add(1, 2) == 3", Setup: "import math"}},
		{KindCheck, CheckSpec{Code: "def check(c): pass", EntryPoint: "add", Prelude: "x = 1"}},
		{KindUnittest, UnittestSpec{Code: "import unittest"}},
		{KindStdio, StdioSpec{Input: "1 2\n", Outputs: []string{"3\n"}, Compare: "lines"}},
		{KindRobot, RobotSpec{Robot: "service", World: json.RawMessage(`{}`), Check: json.RawMessage(`{"op":"and"}`), MayNotEnd: true}},
	} {
		test, err := NewTest("t", c.kind, Hidden, c.spec)
		if err != nil {
			t.Fatal(err)
		}
		test.Name = fmt.Sprint("t", len(p.Tests))
		p.Tests = append(p.Tests, test)
	}
	good, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate(s, good); err != nil {
		t.Errorf("%s\n%v", good, err)
	}
	if set, err := Read(bytes.NewReader(good), "good", FormatHone); err != nil || len(set.Issues) > 0 {
		t.Errorf("%v, %v", set, err)
	}
	// The schema refuses what the importer refuses.
	for name, change := range map[string]func(*Problem){
		"no task id":      func(p *Problem) { p.TaskID = "" },
		"no benchmark":    func(p *Problem) { p.Benchmark = "" },
		"no prompt":       func(p *Problem) { p.Prompt = "" },
		"no tests":        func(p *Problem) { p.Tests = nil },
		"no test name":    func(p *Problem) { p.Tests[0].Name = "" },
		"language":        func(p *Problem) { p.Language = "cobol" },
		"seconds":         func(p *Problem) { p.Seconds = -1 },
		"no code":         func(p *Problem) { p.Tests[2].Spec = json.RawMessage(`{"code":""}`) },
		"no outputs":      func(p *Problem) { p.Tests[5].Spec = json.RawMessage(`{"input":"","outputs":[]}`) },
		"comparison":      func(p *Problem) { p.Tests[5].Spec = json.RawMessage(`{"input":"","outputs":[""],"compare":"equal"}`) },
		"no robot":        func(p *Problem) { p.Tests[6].Spec = json.RawMessage(`{"robot":"","world":{},"check":{}}`) },
		"no world":        func(p *Problem) { p.Tests[6].Spec = json.RawMessage(`{"robot":"x","check":{}}`) },
		"check no object": func(p *Problem) { p.Tests[6].Spec = json.RawMessage(`{"robot":"x","world":{},"check":[]}`) },
		"unknown kind":    func(p *Problem) { p.Tests[0].Kind = "x" },
		"spec of other":   func(p *Problem) { p.Tests[0].Kind = KindAssert },
		"untagged value":  func(p *Problem) { p.Tests[0].Spec = json.RawMessage(`{"function":"f","args":[{"a":1}]}`) },
		"args no list":    func(p *Problem) { p.Tests[0].Spec = json.RawMessage(`{"function":"f","args":1}`) },
		"unknown key":     func(p *Problem) { p.Tests[0].Spec = json.RawMessage(`{"function":"f","args":[],"arg":1}`) },
		"visibility":      func(p *Problem) { p.Tests[0].Visibility = "secret" },
		"schema":          func(p *Problem) { p.Schema = "hone.problem/2" },
	} {
		q := p
		q.Tests = append([]Test(nil), p.Tests...)
		change(&q)
		raw, err := json.Marshal(q)
		if err != nil {
			t.Fatal(err)
		}
		if validate(s, raw) == nil {
			t.Errorf("%s: the schema accepts %s", name, raw)
		}
		if set, err := Read(bytes.NewReader(raw), "bad", FormatHone); err == nil && len(set.Issues) == 0 {
			t.Errorf("%s: the importer accepts %s", name, raw)
		}
	}
}

// TestProblemSchemaPublic writes public problems as rows of our own.
func TestProblemSchemaPublic(t *testing.T) {
	s := compileSchema(t, "urn:hone:problem:1")
	for _, file := range []string{
		"mbpp/mbpp.jsonl.gz", "mbppplus/MbppBase.v0-767efcc.jsonl.gz", "humaneval/HumanEval.jsonl.gz",
		"humanevalplus/HumanEvalPlus-Mini.jsonl.gz", "bigcodebench/BigCodeBench.hf.jsonl.gz",
	} {
		t.Run(file, func(t *testing.T) {
			set, err := Load(publicData(t, file), FormatAuto, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range set.Problems {
				row, err := json.Marshal(p)
				if err != nil {
					t.Fatal(err)
				}
				if err := validate(s, row); err != nil {
					t.Errorf("%s: %v", p.TaskID, err)
				}
			}
		})
	}
}
