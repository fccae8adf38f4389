package failures

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// write makes a folder with files and returns their sources in the order given, names and texts alternating.
func write(t *testing.T, files ...string) []Source {
	t.Helper()
	dir := t.TempDir()
	var out []Source
	for i := 0; i < len(files); i += 2 {
		name, path, ok := strings.Cut(files[i], "=")
		if !ok {
			name, path = "", name
		}
		path = filepath.Join(dir, path)
		if err := os.WriteFile(path, []byte(files[i+1]), 0o644); err != nil {
			t.Fatal(err)
		}
		out = append(out, Source{path, name})
	}
	return out
}

// show prints results: a line a task, a field a model.
func show(r *Results) string {
	var b strings.Builder
	for i := range r.Tasks {
		t := &r.Tasks[i]
		fmt.Fprintf(&b, "%s:", t.Name())
		for _, c := range t.Cells {
			fmt.Fprintf(&b, " %s=%g/%d", r.Models[c.Model], c.Rate, c.N)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestForms(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	fmt.Fprint(z, "task_id,a\n1,passed\n")
	z.Close()
	for name, c := range map[string]struct {
		files []string
		want  string
	}{
		"percent, n inferred": {[]string{"lcb.csv", "question_id,difficulty,m,k (N=1)\n9,easy,70,100\n10,hard,0,0\n"}, "LiveCodeBench 9: k=1/1 m=0.7/10\nLiveCodeBench 10: k=0/1 m=0/10\n"},
		"fractions":           {[]string{"B=x.csv", "task_id,m\na,0.5\nb,1\n"}, "B a: m=0.5/2\nB b: m=1/2\n"},
		"rows":                {[]string{"x.csv", "benchmark,task_id,model,passed,n\nB,a,m,true,3\nB,a,k,false,3\n"}, "B a: k=0/3 m=1/3\n"},
		"tabs, crlf, bom":     {[]string{"x.csv", "\ufefftask_id\tm\r\nHumanEval/1\tpassed\r\n"}, "HumanEval HumanEval/1: m=1/1\n"},
		"JSON lines":          {[]string{"x.jsonl", `{"benchmark":"B","task_id":7,"model":"m","rate":0.5,"n":4}`}, "B 7: m=0.5/4\n"},
		"JSON array":          {[]string{"x.json", "[\n{\"benchmark\":\"B\",\"task_id\":\"7\",\"model\":\"m\",\"passed\":true}\n]"}, "B 7: m=1/1\n"},
		"verdicts": {
			[]string{"tiny=v.jsonl", `{"benchmark":"B","task_id":"a","sample":0,"verdict":"pass","passed":true,"tests":[]}
{"benchmark":"B","task_id":"a","sample":1,"verdict":"timeout","passed":false,"tests":[]}
{"benchmark":"B","task_id":"b","sample":0,"verdict":"infrastructure","passed":null,"tests":[]}`}, "B a: tiny=0.5/2\nB b:\n",
		},
		"LiveCodeBench's site": {[]string{"x.json", `{"performances":[{"question_id":"q","model":"m","date":1692662400000,"difficulty":"easy","pass@1":40.0}],
"models":[]}`}, "LiveCodeBench q: m=0.4/5\n"},
		"LiveCodeBench's evaluation": {[]string{"m=x.json", `[{"question_id":"q","graded_list":[true,false],"code_list":["a=1","b=2"]}]`}, "LiveCodeBench q: m=0.5/2\n"},
		"EvalPlus":                   {[]string{"m=x.json", `{"date":"","eval":{"HumanEval/0":[{"base_status":"pass","plus_status":"fail"}]}}`}, "HumanEval+ HumanEval/0: m=0/1\n"},
		"EvalPerf":                   {[]string{"m=x.json", `{"eval":{"HumanEval/0":{"pass@1":50.0},"Mbpp/0":{"pass@1":100.0}}}`}, "EvalPerf HumanEval/0: m=0.5/2\nEvalPerf Mbpp/0: m=1/2\n"},
		"gzip":                       {[]string{"B=x.csv.gz", packed.String()}, "B 1: a=1/1\n"},
	} {
		r, err := Read(write(t, c.files...), nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if d := cmp.Diff(c.want, show(r)); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

// What is wrong is said, counted and survived.
func TestDefects(t *testing.T) {
	for name, c := range map[string]struct {
		files []string
		want  string // results
		kinds map[DefectKind]int
		says  string
	}{
		"a missing cell": {
			[]string{"B=x.csv", "task_id,m,k\na,passed,\n"}, "B a: m=1/1\n", map[DefectKind]int{BlankCell: 1}, "x.csv:2: a by k is blank",
		},
		"a row against its own count": {
			[]string{"B=x.csv", "task_id,m,k,category,num_failed\na,passed,passed,all_failed,2\n"},
			"B a: k=1/1 m=1/1\n",
			map[DefectKind]int{Contradiction: 2},
			"x.csv:2: a: num_failed is 2, but 0 of 2 results are failures",
		},
		"two rows against each other": {
			[]string{"B=x.csv", "task_id,m\na,passed\na,failed\n"}, "B a: m=1/1\n", map[DefectKind]int{Contradiction: 1}, "x.csv:3: a by m has pass rate 0 here and 1 in",
		},
		"mixed ids": {
			[]string{"MBPP=x.csv", "task_id,m\nMbpp/2,passed\n", "MBPP=y.csv", "task_id,k\nmbpp_2,failed\n3,passed\n", "MBPP=z.csv", "task_id,k\nMBPP/3,passed\n"},
			"MBPP 3: k=1/1\nMBPP Mbpp/2: k=0/1 m=1/1\n",
			map[DefectKind]int{MixedIDs: 2},
			`task "mbpp_2" is "Mbpp/2" in an earlier row`,
		},
		"two names of a model": {
			[]string{"B=x.csv", "task_id,GPT-4o,gpt-41,gpt-4.1\na,passed,passed,failed\n", "B=y.csv", "task_id,gpt_4O\nb,failed\n"},
			"B a: GPT-4o=1/1 gpt-4.1=0/1 gpt-41=1/1\nB b: GPT-4o=0/1\n",
			map[DefectKind]int{ModelNames: 1},
			`model "gpt_4O" differs from "GPT-4o" only in case or punctuation`,
		},
		"results without programs, programs without results": {
			[]string{"B=x.csv", "task_id,m\na,passed\nb,failed\n", "B=y.jsonl", `{"task_id":"a","model":"m","code":"x = 1"}
{"task_id":"c","model":"m","code":"x = 1"}
{"task_id":"b","model":"m","code":""}`},
			"B a: m=1/1\nB b: m=0/1\nB c:\n",
			map[DefectKind]int{NoProgram: 1, NoResult: 1, EmptyProgram: 1},
			"B b: m has a result but no program",
		},
		"what is no result": {
			[]string{"B=x.csv", "task_id,m,k\na,maybe,passed\nb,-5,120\n"}, "B a: k=1/1\nB b:\n", map[DefectKind]int{BadValue: 3}, `x.csv:2: a by m is "maybe", no result`,
		},
		"rows that cannot be read": {
			[]string{"B=x.jsonl", "{\"task_id\":\"a\",\"model\":\"m\",\"passed\":true}\n{\"task_id\n\n{\"model\":\"m\",\"passed\":true}\n"},
			"B a: m=1/1\n",
			map[DefectKind]int{BadRow: 2},
			"x.jsonl:2: not a row of results",
		},
		"short and long rows": {
			[]string{"B=x.csv", "task_id,m,k\na,passed\nb,passed,failed,passed\n,passed,passed\n"},
			"B a: m=1/1\nB b: k=0/1 m=1/1\n",
			map[DefectKind]int{BadRow: 3, BlankCell: 1},
			"x.csv:2: 2 fields, the first line has 3",
		},
	} {
		r, err := Read(write(t, c.files...), nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if d := cmp.Diff(c.want, show(r)); d != "" {
			t.Errorf("%s: results (-want +got):\n%s", name, d)
		}
		if d := cmp.Diff(c.kinds, r.DefectCounts); d != "" {
			t.Errorf("%s: defects (-want +got):\n%s", name, d)
		}
		said := ""
		for _, d := range r.Defects {
			said += fmt.Sprintf("%s: %s\n", filepath.Base(d.Where), d.Message)
		}
		if !strings.Contains(said, c.says) {
			t.Errorf("%s: %q is not among\n%s", name, c.says, said)
		}
	}
}

// Programs without tests, and programs that are not Python.
func TestProgramsWithoutTests(t *testing.T) {
	r, err := Read(write(t, "B=y.jsonl", `{"task_id":"a","model":"m","code":"def f(:","passed":false}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := Analyze(r, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if r.DefectCounts[NoParse] != 1 || len(a.Complexity) != 0 {
		t.Errorf("defects %v, %d relations", r.DefectCounts, len(a.Complexity))
	}
}

func TestRefused(t *testing.T) {
	for name, c := range map[string]struct{ file, text, says string }{
		"labels":         {"x.csv", "task_id,failure_analysis,category\na,because,Formatting\n", "it holds labels of failures"},
		"no ids":         {"x.csv", "name,m\na,passed\n", "no column is called task_id"},
		"a leaderboard":  {"x.json", "{\n\"m\": {\"pass@1\": 4}\n}", "it is one object without results of tasks"},
		"empty":          {"x.csv", "", "the file is empty"},
		"blank":          {"x.csv", " \n\n", "the file is blank"},
		"no results":     {"x.csv", "task_id,text\na,hello\n", "none of its columns holds results"},
		"only a header":  {"x.csv", "task_id,m\n", "none of its columns holds results"},
		"rows of others": {"x.jsonl", `{"task_id":"a","colour":"red"}`, "none of 1 rows has a task_id with a result"},
	} {
		_, err := Read(write(t, c.file, c.text), nil)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
	if _, err := Read([]Source{{Path: "nowhere.csv"}}, nil); err == nil || !strings.Contains(err.Error(), "there is no file or folder nowhere.csv") {
		t.Errorf("a missing file: %v", err)
	}
}

func TestConsistentFailuresAndAgreement(t *testing.T) {
	r, err := Read(write(t, "B=x.csv", "task_id,difficulty,m,k,l\na,easy,failed,failed,failed\nb,easy,passed,passed,passed\nc,hard,failed,failed,\nd,hard,failed,,\ne,hard,passed,failed,failed\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	a := Count(r)
	if d := cmp.Diff([]string{"a", "c"}, a.ConsistentFailures); d != "" {
		t.Errorf("consistent failures (-want +got):\n%s", d)
	}
	b := a.PerBenchmark[0]
	if b.AlwaysPassed != 1 || b.Mixed != 2 || b.Missing != 3 || fmt.Sprint(b.ByFailures) != "[1 1 2 1]" {
		t.Errorf("%+v", b)
	}
	for _, m := range a.PerModel {
		if m.Model == "m" && (m.Failed != 3 || m.Passed != 2 || m.AloneSolved != 1 || m.Tasks != 5) {
			t.Errorf("%+v", m)
		}
	}
	// k and l: of a, b, e both fail two and pass one.
	for _, g := range a.Agreement {
		if g.A == "k" && g.B == "l" && (g.Kappa == nil || *g.Kappa != 1 || g.Both != 2) {
			t.Errorf("%+v", g)
		}
	}
	if g := a.PerDifficulty; len(g) != 2 || g[0].Group != "easy" || g[0].ConsistentFailures != 1 || g[1].Tasks != 3 {
		t.Errorf("%+v", g)
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{
		"task_id,m\na,passed\n", "{\"task_id\":1,\"model\":\"m\",\"rate\":0.5}\n", "{\"eval\":{\"a\":[{}]}}", "[{\"graded_list\":[true]}]",
		"task_id\tm\na\t\"x", "{\"performances\":[1]}", "task_id,model,status\n,,\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "x.csv")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		r, err := Read([]Source{{Path: path}}, nil)
		if err != nil {
			return
		}
		for i := range r.Tasks {
			for _, c := range r.Tasks[i].Cells {
				if !(c.Rate >= 0 && c.Rate <= 1) || c.N < 1 || c.Model >= len(r.Models) {
					t.Fatalf("%q: %+v", text, c)
				}
			}
		}
	})
}

// BenchmarkRead reads 200,000 rows and analyses them: docs/failures.md has what it takes.
func BenchmarkRead(b *testing.B) {
	path := filepath.Join(b.TempDir(), "x.csv")
	var text strings.Builder
	text.WriteString("benchmark,task_id,model,status\n")
	for i := range 10000 {
		for j := range 20 {
			fmt.Fprintf(&text, "B,t/%d,model-%d,%s\n", i, j, map[bool]string{true: "passed", false: "failed"}[(i*7+j*13)%11 < j])
		}
	}
	if err := os.WriteFile(path, []byte(text.String()), 0o644); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		r, err := Read([]Source{{Path: path}}, nil)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := Analyze(r, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
