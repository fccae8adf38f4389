package check_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hone/source/check"
)

const program = `import os
import pickle


def total(values, seen=[]):
    sum = 0
    for value in values:
        if value == None:
            continue
        sum += value
    return pickle.loads(b"") , totl
`

// shown is a report's findings as rule@line:column-line:column.
func shown(r check.Report) []string {
	out := []string{}
	for _, f := range r.Findings {
		out = append(out, fmt.Sprintf("%s@%d:%d-%d:%d", f.Rule, f.Line, f.Column, f.EndLine, f.EndColumn))
	}
	return out
}

func rules(r check.Report) string {
	var out []string
	for _, f := range r.Findings {
		out = append(out, f.Rule)
	}
	return strings.Join(out, " ")
}

func TestFile(t *testing.T) {
	r := check.File("a.py", []byte(program), check.Options{Metrics: true, DataFlow: true})
	want := []string{
		"F401@1:8-1:10", "B403@2:8-2:14", "B006@5:24-5:26", "E711@8:18-8:20",
		"B301@11:12-11:24", "E203@11:29-11:30", "F821@11:32-11:36",
	}
	if got := shown(r); !slices.Equal(got, want) {
		t.Errorf("findings %v, want %v", got, want)
	}
	if !r.Valid || r.Lines != 11 || len(r.Faults) > 0 {
		t.Errorf("valid %v, %d lines, faults %v", r.Valid, r.Lines, r.Faults)
	}
	if r.Metrics == nil || len(r.Metrics.Functions) != 1 || r.Metrics.Functions[0].Name != "total" {
		t.Errorf("metrics %+v", r.Metrics)
	}
	if f := r.DataFlow; f == nil || f.Variables != len(f.Graph.Nodes) || f.ComesFrom+f.ComputedFrom != len(f.Graph.Edges) || f.LoopCarried == 0 {
		t.Errorf("data flow %+v", r.DataFlow)
	}
}

func TestSelect(t *testing.T) {
	for _, c := range []struct {
		selected, ignored, want string
	}{
		{"E", "", "E711 E203"},
		{"S", "", "B403 B301"},
		{"s301,F4", "", "F401 B301"},
		{"", "B,E", "F401 F821"},
		{"E", "E7", "E203"},
		{"B,E711", "E,B00", "B403 E711 B301"},
		{"F", "F", ""},
	} {
		o := check.Options{}
		if c.selected != "" {
			o.Select = strings.Split(c.selected, ",")
		}
		if c.ignored != "" {
			o.Ignore = strings.Split(c.ignored, ",")
		}
		if got := rules(check.File("a.py", []byte(program), o)); got != c.want {
			t.Errorf("select %q, ignore %q: %s, want %s", c.selected, c.ignored, got, c.want)
		}
	}
	for prefix, want := range map[string]bool{"E": true, "e501": true, "S602": true, "F99": false, "X": false, "B60": true} {
		if check.Known(prefix) != want {
			t.Errorf("Known(%q) is %v", prefix, !want)
		}
	}
}

func TestNoqa(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"import os  # noqa\n", ""},
		{"import os  # NOQA: F401\n", ""},
		{"import os  # noqa: E501\n", "F401"},
		{"import os  # noqa:E501,F4 since it is so\n", ""},
		{"import os  # type: ignore # noqa\n", ""},
		{"import os  # see noqa\n", "F401"},
		{"x = '# noqa'; y = '''\n'''\n", "E702"},
		{"x = '''\n''', undefined  # noqa\n", ""},
		{"x = 1 + \\\n    undefined  # noqa\n", ""},
		{"x = (undefined,\n     2)  # noqa\n", "F821"},
		{"x = (  # noqa\n", "E901"},
	} {
		if got := rules(check.File("a.py", []byte(c.src), check.Options{})); got != c.want {
			t.Errorf("%q: %s, want %s", c.src, got, c.want)
		}
	}
	long := "x = '" + strings.Repeat("x", 80) + "'  # noqa\nimport os  # noqa\n"
	if got := rules(check.File("a.py", []byte(long), check.Options{Strict: true})); got != "E501 E402 F401" {
		t.Errorf("strict: %s", got)
	}
}

// TestBadInput: whatever comes, there is a report that says what is wrong.
func TestBadInput(t *testing.T) {
	deep := strings.Repeat("(", 10_000) + "1" + strings.Repeat(")", 10_000)
	var blocks strings.Builder
	for i := range 3000 {
		blocks.WriteString(strings.Repeat(" ", i) + "if x:\n")
	}
	for _, c := range []struct{ name, src, rule, message string }{
		{"python 2", "print 'a'\n", "E901", "Missing parentheses"},
		{"unclosed", "def f(a:\n    return a\n", "E901", "was never closed"},
		{"deep", "x = " + deep, "E901", "too many"},
		{"deep blocks", blocks.String(), "E901", "too many levels of indentation"},
		{"not UTF-8", "x = '\xff'\n", "E901", "Non-UTF-8"},
		{"unknown encoding", "# coding: klingon\nx = 1\n", "E901", "unknown encoding: klingon"},
		{"zero byte", "x = 1\x00\n", "E901", "null bytes"},
		{"tabs and spaces", "if x:\n        a = 1\n\tb = 2\n", "E901", "inconsistent use of tabs"},
		{"too large", strings.Repeat("#\n", 9<<20), "E902", "18 MiB"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := check.File("a.py", []byte(c.src), check.Options{Metrics: true, DataFlow: true})
			if r.Valid || len(r.Faults) > 0 || r.Metrics != nil {
				t.Errorf("valid %v, faults %v", r.Valid, r.Faults)
			}
			i := slices.IndexFunc(r.Findings, func(f check.Finding) bool { return f.Rule[:2] == "E9" })
			if i < 0 || r.Findings[i].Rule != c.rule || !strings.Contains(r.Findings[i].Message, c.message) {
				t.Errorf("no %s with %q in %.300v", c.rule, c.message, r.Findings)
			}
		})
	}
}

// TestBroken: a fault in one function leaves the findings of the others, but says nothing
// of names.
func TestBroken(t *testing.T) {
	r := check.File("a.py", []byte("import os\n\n\ndef f(:\n    return os.x\n\n\ndef g(a):\n    return eval(a) is 'x' , b\n"), check.Options{})
	if got := rules(r); got != "E901 B307 F632 E203" {
		t.Errorf("findings %v", shown(r))
	}
}

func TestEncodings(t *testing.T) {
	for _, c := range []struct{ src, encoding, want string }{
		{"\xef\xbb\xbfé = 'é'; x\n", "utf-8-sig", "E702@1:8-1:9"},
		{"# coding: latin-1\n\xe9 = '\xe9'; y = 1\n", "iso-8859-1", "E702@2:8-2:9"},
		{"x = '𝒳'; y = 1\n", "utf-8", "E702@1:8-1:9"},
		{"# coding: koi8-r\nx = '\xd0\xd2'; y = 1\n", "koi8-r", "E702@2:9-2:10"},
	} {
		r := check.File("a.py", []byte(c.src), check.Options{Select: []string{"E"}})
		if got := strings.Join(shown(r), " "); got != c.want || r.Encoding != c.encoding {
			t.Errorf("%q: %s of %s, want %s of %s", c.src, got, r.Encoding, c.want, c.encoding)
		}
	}
}

func TestGrammars(t *testing.T) {
	for _, c := range []struct{ name, src, want string }{
		{"a.c", "int main(void) { return 0; }\n", ""},
		{"a.c", "int main(void) { return 0 }\n", "MISSING"},
		{"a.java", "class A { int f( { return 1; } }\n", "MISSING"},
		{"a.c", "int main(void) { @@ return 0; }\n", "ERROR"},
		{"a.java", "class A { int f() { return 1; } }\n", ""},
	} {
		r := check.File(c.name, []byte(c.src), check.Options{})
		if got := rules(r); got != c.want || r.Leaves == 0 || r.Valid != (c.want == "") {
			t.Errorf("%s %q: %v, valid %v, %d leaves", c.name, c.src, shown(r), r.Valid, r.Leaves)
		}
	}
}

func TestJSON(t *testing.T) {
	b, err := json.Marshal(check.File("a.py", []byte("import os\n"), check.Options{Metrics: true, DataFlow: true}))
	if err != nil {
		t.Fatal(err)
	}
	var r struct {
		File, Language, Encoding string
		Valid                    bool
		Findings                 []map[string]any
		Metrics                  map[string]any
		DataFlow                 map[string]any `json:"data_flow"`
	}
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"tool": "pyflakes", "rule": "F401", "message": "'os' imported but unused", "severity": "low",
		"line": 1., "column": 8., "end_line": 1., "end_column": 10., "span": map[string]any{"start": 7., "end": 9.}, "confidence": "undefined",
	}
	if len(r.Findings) != 1 || fmt.Sprint(r.Findings[0]) != fmt.Sprint(want) || r.Language != "python" || r.Metrics == nil || r.DataFlow == nil {
		t.Errorf("%s", b)
	}
}

// TestSARIF checks what the schema of SARIF 2.1.0 requires of the parts that are written.
func TestSARIF(t *testing.T) {
	reports := []check.Report{
		check.File("dir/a b.py", []byte("x = '𝒳é' ; y = [1,2]\nimport os\n"), check.Options{}),
		check.File("c.java", []byte("class A {\n"), check.Options{}),
	}
	var buf bytes.Buffer
	if err := check.WriteSARIF(&buf, "1.2.3", reports); err != nil {
		t.Fatal(err)
	}
	var log map[string]any
	if err := json.Unmarshal(buf.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	run := log["runs"].([]any)[0].(map[string]any)
	driver := run["tool"].(map[string]any)["driver"].(map[string]any)
	if log["version"] != "2.1.0" || driver["name"] == "" || run["columnKind"] != "utf16CodeUnits" {
		t.Errorf("header: %s", buf.String())
	}
	ruleList, artifacts := driver["rules"].([]any), run["artifacts"].([]any)
	uris := []string{}
	for _, a := range artifacts {
		uris = append(uris, a.(map[string]any)["location"].(map[string]any)["uri"].(string))
	}
	if !slices.Equal(uris, []string{"dir/a%20b.py", "c.java"}) {
		t.Errorf("artifacts %v", uris)
	}
	for _, r := range ruleList {
		m := r.(map[string]any)
		for _, field := range []string{"shortDescription", "help"} {
			if m[field].(map[string]any)["text"] == "" {
				t.Errorf("rule %v has no %s", m["id"], field)
			}
		}
	}
	results := run["results"].([]any)
	if len(results) != len(reports[0].Findings)+len(reports[1].Findings) {
		t.Errorf("%d results", len(results))
	}
	for _, r := range results {
		m := r.(map[string]any)
		rule := ruleList[int(m["ruleIndex"].(float64))].(map[string]any)
		if rule["id"] != m["ruleId"] || m["message"].(map[string]any)["text"] == "" || !slices.Contains([]string{"none", "note", "warning", "error"}, m["level"].(string)) {
			t.Errorf("result %v of rule %v", m, rule)
		}
		place := m["locations"].([]any)[0].(map[string]any)["physicalLocation"].(map[string]any)
		artifact := place["artifactLocation"].(map[string]any)
		if uris[int(artifact["index"].(float64))] != artifact["uri"] {
			t.Errorf("location %v", place)
		}
		region := place["region"].(map[string]any)
		if region["startLine"].(float64) < 1 || region["startColumn"].(float64) < 1 || region["endLine"].(float64) < region["startLine"].(float64) {
			t.Errorf("region %v", region)
		}
		if m["ruleId"] == "E203" && fmt.Sprint(region) != "map[endColumn:11 endLine:1 startColumn:10 startLine:1]" {
			t.Errorf("in UTF-16, E203 is at %v", region)
		}
	}
}

func TestRules(t *testing.T) {
	seen := map[string]string{}
	for _, r := range check.Rules() {
		if r.ID == "" || r.Tool == "" || r.Message == "" {
			t.Errorf("rule %+v", r)
		}
		if seen[r.ID] != "" {
			t.Errorf("%s is a rule of %s and %s", r.ID, seen[r.ID], r.Tool)
		}
		seen[r.ID] = r.Tool
	}
}

// excerpt are functions of about 30 lines.
func excerpt(b *testing.B) []byte {
	src, err := os.ReadFile(filepath.Join("testdata", "thirty.py"))
	if err != nil {
		b.Fatal(err)
	}
	return src
}

func BenchmarkFile(b *testing.B) {
	src := excerpt(b)
	for name, opts := range map[string]check.Options{"findings": {}, "everything": {Metrics: true, DataFlow: true}} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				check.File("a.py", src, opts)
			}
		})
	}
}

func ExampleFile() {
	r := check.File("sum.py", []byte("def add(a, b = 0):\n    return a + c\n"), check.Options{})
	for _, f := range r.Findings {
		fmt.Printf("%s:%d:%d %s %s\n", r.File, f.Line, f.Column, f.Rule, f.Message)
	}
	// Output:
	// sum.py:1:13 E251 unexpected spaces around keyword / parameter equals
	// sum.py:1:15 E251 unexpected spaces around keyword / parameter equals
	// sum.py:2:16 F821 undefined name 'c'
}

func FuzzFile(f *testing.F) {
	f.Add([]byte(program))
	f.Add([]byte("x = '''\\\n'''  # noqa: E5\n\tif y:\x0c\r\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		r := check.File("a.py", src, check.Options{Metrics: true, DataFlow: true, Select: []string{""}})
		if len(r.Faults) > 0 {
			t.Fatal(r.Faults)
		}
		for _, f := range r.Findings {
			if f.Span.Start < 0 || f.Span.End < f.Span.Start || f.Span.End > len(r.Text) {
				t.Fatalf("%v of %d bytes", f, len(r.Text))
			}
		}
		if _, err := json.Marshal(r); err != nil {
			t.Fatal(err)
		}
	})
}
