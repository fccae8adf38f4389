package security

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hone/source"
	"hone/source/python"
)

func check(t testing.TB, text string, o Options) []Issue {
	t.Helper()
	m, err := python.Parse([]byte(text))
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return o.Inspect(m)
}

// TestSpans: findings are about what is wrong, not about the whole statement.
func TestSpans(t *testing.T) {
	for _, c := range []struct{ text, rule, span string }{
		{"import os, pickle", "B403", "pickle"},
		{"from pickle import loads as l", "B403", "loads as l"},
		{"x = eval(y) + 1", "B307", "eval"},
		{"import subprocess as s\ns.run(\n    c, shell=True)", "B602", "shell=True"},
		{"import subprocess\nsubprocess.run(['ls'])", "B607", "'ls'"},
		{"f(password='x', y=1)", "B106", "password='x'"},
		{"def f(a, token='x'): pass", "B107", "'x'"},
		{"password = 'x'", "B105", "'x'"},
		{"q = 'select a from b ' + x", "B608", "'select a from b '"},
		{"requests.get(u, verify=False)", "B501", "verify=False"},
		{"os.chmod(f, 0o777)", "B103", "0o777"},
		{"hashlib.new('md5')", "B324", "hashlib.new"},
		{"def f(v=ssl.PROTOCOL_SSLv2): pass", "B503", "ssl.PROTOCOL_SSLv2"},
		{"assert x, y", "B101", "assert x, y"},
		{"é = '日本'; exec(x)", "B102", "exec"},
	} {
		issues := check(t, c.text, Options{})
		found := false
		for _, i := range issues {
			found = found || i.Rule == c.rule && c.text[i.Span.Start:i.Span.End] == c.span
		}
		if !found {
			t.Errorf("%q: no %s about %q in %+v", c.text, c.rule, c.span, issues)
		}
	}
}

// TestAliases: what the alignment recipes name by flake8-bandit's ids is found.
func TestAliases(t *testing.T) {
	ids := map[string][]string{}
	for _, r := range Rules() {
		for _, a := range r.Aliases() {
			ids[a] = append(ids[a], r.ID)
		}
	}
	for _, s := range []string{"S102", "S307", "S301", "S602", "S605", "S324", "S608"} {
		if len(ids[s]) == 0 {
			t.Errorf("no rule is %s", s)
		}
	}
	if got := fmt.Sprint(ids["S324"]); got != "[B303 B324]" {
		t.Errorf("S324 is %s", got)
	}
}

func TestUsual(t *testing.T) {
	var usual []string
	for _, r := range Rules() {
		if r.Usual() {
			usual = append(usual, r.ID)
		}
	}
	if got := strings.Join(usual, " "); got != "B101 B309 B322 B325" {
		t.Errorf("rules that rewards leave out: %s", got)
	}
}

// TestRules: ids are sorted and unique, and every rule is complete.
func TestRules(t *testing.T) {
	before := ""
	for _, r := range Rules() {
		if r.ID <= before || r.Name == "" || r.Message == "" || r.Help == "" || r.Severity == source.Undefined || r.Confidence == source.Undefined {
			t.Errorf("after %s: %+v", before, r)
		}
		before = r.ID
	}
}

// FuzzCheck: no program makes the rules fail, and every finding is in its text.
func FuzzCheck(f *testing.F) {
	paths, _ := filepath.Glob("testdata/cases/*.py")
	for _, p := range paths {
		text, err := os.ReadFile(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		m, _ := python.ParseTolerant(text)
		for _, o := range []Options{{}, {Edition: Current}} {
			for _, i := range o.Inspect(m) {
				if i.Span.Start < 0 || i.Span.End < i.Span.Start || i.Span.End > len(m.Text) ||
					i.Reported < 0 || i.Reported > len(m.Text) {
					t.Errorf("%+v in %d bytes", i, len(m.Text))
				}
			}
		}
	})
}

// function30 is a function of 30 lines as models write them.
const function30 = `import os
import subprocess
import hashlib


def archive(paths, target, password="changeme"):
    """Pack files whose names end in .txt and remember their hashes."""
    hashes = {}
    total = 0
    for path in paths:
        if not path.endswith(".txt"):
            continue
        try:
            with open(path, "rb") as f:
                data = f.read()
        except Exception:
            continue
        digest = hashlib.md5(data).hexdigest()
        if digest in hashes:
            print("%s is a copy of %s" % (path, hashes[digest]))
        hashes[digest] = path
        total += len(data)
    command = "tar cf " + target + " " + " ".join(hashes.values())
    subprocess.call(command, shell=True)
    query = "select name from files where size > " + str(total)
    rows = [row for row in run(query) if row[0] not in hashes]
    for i, row in enumerate(rows):
        print(f"{i}: {row[0]:>20}")
    assert total >= 0
    return {k: v for k, v in hashes.items() if os.path.exists(v)}
`

func BenchmarkCheck(b *testing.B) {
	m, err := python.Parse([]byte(function30))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		Check(m)
	}
}

func ExampleCheck() {
	m, err := python.Parse([]byte("import subprocess as sp\n\ndef run(command):\n    return sp.run(command, shell=True)\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range Check(m) {
		fmt.Println(f.Rule, f.Severity, f.Confidence, string(m.Text[f.Span.Start:f.Span.End]))
	}
	// Output:
	// B404 low high subprocess as sp
	// B602 high high shell=True
}
