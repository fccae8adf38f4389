package problem

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// publicData returns the path of a public data file, or skips the test.
func publicData(t testing.TB, name string) string {
	t.Helper()
	dir := os.Getenv("HONE_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "data")
	}
	path := filepath.Join(dir, filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		t.Skipf("NOT RUN: %s is not there; set HONE_DATA (docs/data.md)", path)
	}
	return path
}

func TestPublicFiles(t *testing.T) {
	for _, c := range []struct {
		file            string
		format          Format
		problems, tests int
	}{
		{"mbpp/mbpp.jsonl.gz", FormatMBPP, 974, 2922},
		{"mbpp/sanitized-mbpp.json.gz", FormatMBPPSanitized, 427, 1324},
		{"mbppplus/MbppPlus.v0-767efcc.jsonl.gz", FormatMBPPPlus, 399, 43318},
		{"mbppplus/MbppBase.v0-767efcc.jsonl.gz", FormatMBPPPlus, 409, 1266},
		{"humaneval/HumanEval.jsonl.gz", FormatHumanEval, 164, 164},
		{"humanevalplus/HumanEvalPlus.jsonl.gz", FormatHumanEvalPlus, 164, 124253},
		{"humanevalplus/HumanEvalPlus-Mini.jsonl.gz", FormatHumanEvalPlus, 164, 2677},
		{"humanevalplus/HumanEvalPlus-OriginFmt.jsonl.gz", FormatHumanEval, 164, 164},
		{"bigcodebench/BigCodeBench.hf.jsonl.gz", FormatBigCodeBench, 1140, 1140},
	} {
		t.Run(c.file, func(t *testing.T) {
			s, err := Load(publicData(t, c.file), FormatAuto, nil)
			if err != nil {
				t.Fatal(err)
			}
			tests := 0
			for _, p := range s.Problems {
				tests += len(p.Tests)
				if p.EntryPoint == "" || p.Reference == "" || p.Prompt == "" {
					t.Errorf("%s: entry point %q, reference of %d bytes, prompt of %d bytes", p.TaskID, p.EntryPoint, len(p.Reference), len(p.Prompt))
				}
				for _, test := range p.Tests {
					checkSpec(t, p, test)
				}
			}
			if s.Format != c.format || len(s.Problems) != c.problems || tests != c.tests || len(s.Issues) != 0 {
				t.Errorf("%s with %d problems, %d tests, issues %v; want %s, %d, %d, none",
					s.Format, len(s.Problems), tests, s.Issues, c.format, c.problems, c.tests)
			}
		})
	}
}

// checkSpec decodes a call's arguments as the judge will.
func checkSpec(t *testing.T, p *Problem, test Test) {
	if test.Kind != KindCall {
		return
	}
	var s CallSpec
	if err := json.Unmarshal(test.Spec, &s); err != nil {
		t.Errorf("%s %s: %v", p.TaskID, test.Name, err)
	} else if v, err := DecodeValue(s.Args); err != nil {
		t.Errorf("%s %s: %v", p.TaskID, test.Name, err)
	} else if _, ok := v.(List); !ok {
		t.Errorf("%s %s: args are %T", p.TaskID, test.Name, v)
	}
}

func TestPublicDetails(t *testing.T) {
	loaded := map[string]*Index{}
	byID := func(file, id string) *Problem {
		t.Helper()
		if loaded[file] == nil {
			s, err := Load(publicData(t, file), FormatAuto, nil)
			if err != nil {
				t.Fatal(err)
			}
			loaded[file] = NewIndex(s.Problems)
		}
		p, err := loaded[file].Find(id)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p := byID("mbpp/mbpp.jsonl.gz", "Mbpp/2")
	if p.TaskID != "2" || p.EntryPoint != "similar_elements" || p.Prefix != "" || p.Split != "prompt" || p.Tests[0].Name != "test_list[0]" || p.Tests[0].Visibility != Public {
		t.Errorf("MBPP 2: %+v", p)
	}
	challenges := 0
	s, err := Load(publicData(t, "mbpp/mbpp.jsonl.gz"), FormatMBPP, nil, WithChallenge())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range s.Problems {
		for _, test := range p.Tests {
			if strings.HasPrefix(test.Name, "challenge[") && test.Visibility == Hidden {
				challenges++
			}
		}
	}
	if challenges != 16 {
		t.Errorf("%d challenge tests, want 16", challenges)
	}
	plus := "mbppplus/MbppPlus.v0-767efcc.jsonl.gz"
	for _, c := range []struct {
		id, test, spec string
	}{
		{"Mbpp/2", "base[0]", `{"function":"similar_elements","args":[{"tuple":[3,4,5,6]},{"tuple":[5,7,4,10]}],"compare":"set"}`},
		{"Mbpp/252", "base[0]", `{"function":"convert","args":[{"complex":[1.0,0.0]}],"compare":"evalplus"}`},
		{"Mbpp/124", "base[1]", `{"function":"angle_complex","args":[2.0,{"complex":[0.0,1.0]}],"compare":"evalplus","atol":0.0001}`},
		{"Mbpp/115", "base[1]", `{"function":"empty_dit","args":[[{"set":[1,2]},{"dict":[]},{"dict":[]}]],"compare":"evalplus"}`},
		{"Mbpp/164", "base[1]", `{"function":"are_equivalent","args":[2,4],"compare":"any"}`},
		{"Mbpp/222", "base[0]", `{"function":"check_type","args":[{"tuple":[5,6,7,3,5,6]}],"compare":"evalplus"}`},
	} {
		p := byID(plus, c.id)
		found := false
		for _, test := range p.Tests {
			if test.Name == c.test {
				found = true
				if string(test.Spec) != c.spec {
					t.Errorf("%s %s:\n got %s\nwant %s", c.id, c.test, test.Spec, c.spec)
				}
			}
		}
		if !found {
			t.Errorf("%s has no test %s", c.id, c.test)
		}
	}
	for _, id := range []string{"Mbpp/295", "Mbpp/558", "Mbpp/581"} {
		if p := byID(plus, id); p.Tests[0].Kind != KindAssert || !strings.Contains(string(p.Tests[0].Spec), "_hone_accepts") {
			t.Errorf("%s: %+v", id, p.Tests[0])
		}
	}
	zero := byID("humanevalplus/HumanEvalPlus.jsonl.gz", "humaneval/32")
	var a AssertSpec
	if err := json.Unmarshal(zero.Tests[0].Spec, &a); err != nil || a.Code != "assert _hone_accepts(find_zero([-10, -2]), [-10, -2])" {
		t.Errorf("HumanEval/32: %q %v", a.Code, err)
	}
	bcb := byID("bigcodebench/BigCodeBench.hf.jsonl.gz", "bigcodebench_6")
	if bcb.Prefix != bcb.Prompt || bcb.Tests[0].Kind != KindUnittest || slices.Contains(bcb.Libraries, "os") {
		t.Errorf("BigCodeBench/6: libraries %v, tests %v", bcb.Libraries, bcb.Tests[0].Kind)
	}
}

func TestPromptsWithoutTests(t *testing.T) {
	s, err := Load(publicData(t, "codet/CodeContests_zeroshot_for_test_case_generation.jsonl.gz"), FormatAuto, nil)
	if err != nil || len(s.Problems) != 0 || len(s.Issues) != 1 || !strings.Contains(s.Issues[0].Message, "nothing to judge with") {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestPublicSamples(t *testing.T) {
	for _, c := range []struct {
		file string
		n    int
		form Form
	}{
		{"codet/HumanEval_codegen16B_T0.8_x100_labelled.jsonl.gz", 16400, FormCompletion},
		{"failurebench/generations.jsonl.gz", 5190, FormSolution},
		{"livecodebench/O1-Mini-2024-09-12_codegeneration_eval_all.json.gz", 880, FormSolution},
		{"evalplus/evalperf_correct_solutions.jsonl.gz", 72861, FormSolution},
	} {
		t.Run(c.file, func(t *testing.T) {
			n := 0
			for p, err := range Samples(publicData(t, c.file), nil) {
				if err != nil {
					t.Fatal(err)
				}
				if p.Form != c.form || p.TaskID == "" {
					t.Fatalf("%+v", p)
				}
				n++
			}
			if n != c.n {
				t.Errorf("%d samples, want %d", n, c.n)
			}
		})
	}
}
