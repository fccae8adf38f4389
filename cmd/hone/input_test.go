//go:build linux

package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// badRow is one unusable row and what hone says about it.
type badRow struct {
	name string
	row  string
	says string // after "file:line: "
	help string // what to do about it
}

var badSamples = []badRow{
	{"NUL byte", "{\"task_id\":\"own/3\",\"completion\":\"x\x00y\"}", "NUL byte at column 35", "cut while writing?"},
	{"no code", `{"task_id":"own/3"}`, "no program", `one of the fields "completion"`},
	{"null code", `{"task_id":"own/3","completion":null}`, `field "completion" is null`, "has no program"},
	{"code that is no text", `{"task_id":"own/3","completion":5}`, `field "completion" is an integer`, "a string is wanted"},
	{"two programs", `{"task_id":"own/3","completion":"x","solution":"y"}`, `field "solution" is there as well as "completion"`, "exactly one"},
	{"unknown id", `{"task_id":"owm/3","completion":"x"}`, `task id "owm/3" is unknown`, `nearest of 5: "own/3"`},
	{"no id", `{"completion":"x"}`, `field "task_id" is missing`, "a sample has task_id and one of"},
	{"id that is no id", `{"task_id":[1],"completion":"x"}`, `field "task_id" is a list`, "a string or an integer is wanted"},
	{"negative number", `{"task_id":"own/3","sample":-1,"completion":"x"}`, `field "sample" is -1`, "from 0"},
	{"duplicate", `{"task_id":"own/0","sample":0,"completion":"x"}`, `field "sample" 0 of task "own/0" is there twice`, "the first one is used"},
	{"cut row", `{"task_id":"own/3","completion":"x`, "no valid JSON", "is the file pretty-printed or cut off?"},
	{"no JSON", "hello", "no valid JSON", "'h' at column 1"},
	{"no object", `["own/3"]`, "the row is a list", "a JSON object is wanted"},
	{"not UTF-8", "{\"task_id\":\"own/3\",\"completion\":\"\xff\xfe\"}", "invalid UTF-8 at column 34", "iconv"},
}

var badProblems = []badRow{
	{"NUL byte", "{\"benchmark\":\"own\x00\"}", "NUL byte at column 18", "cut while writing?"},
	{"no tests", `{"benchmark":"own","task_id":"own/9","prompt":"p","tests":[]}`, `field "tests" is missing or empty`, "nothing to judge with"},
	{"no id", `{"benchmark":"own","prompt":"p","tests":[]}`, `field "task_id" is missing`, ""},
	{"unknown key", `{"benchmark":"own","task_id":"own/9","promt":"p","tests":[]}`, `field "promt" is unknown`, `nearest: "prompt"`},
	{"unknown kind", `{"benchmark":"own","task_id":"own/9","prompt":"p","tests":[{"name":"t","kind":"cal","spec":{}}]}`, `field "tests[0].kind" is "cal"`, `nearest: "call"`},
	{"no value", `{"benchmark":"own","task_id":"own/9","prompt":"p","tests":[{"name":"t","kind":"call","spec":{"function":"f","args":[{"tupel":[1]}],"expected":1}}]}`, `field "tests[0].spec.args"`, "tuple"},
	{"duplicate", strings.SplitN(addition(), "\n", 2)[0], `field "task_id" "own/0" is there twice, identically`, "the second one is ignored"},
	{"other duplicate", strings.Replace(strings.SplitN(addition(), "\n", 2)[0], "return a + b", "return b + a", 1), `field "task_id" "own/0" is there twice with different content`, "the first one is used"},
	{"cut row", `{"benchmark":"own","task_id":`, "no valid JSON", "is the file pretty-printed or cut off?"},
	{"no object", `[1]`, "the row is a list", "a JSON object is wanted"},
	{"not UTF-8", "{\"benchmark\":\"\xff\"}", "invalid UTF-8 at column 15", "iconv"},
	{"another format", `{"task_id":"own/9","prompt":"p","test":"def check(candidate): pass","entry_point":"f"}`, `field "test" is unknown`, `nearest: "tests"`},
}

// TestBadRows: each bad row is reported with its place and what would help, and the
// others are judged; with --strict nothing is.
func TestBadRows(t *testing.T) {
	t.Parallel()
	check := func(t *testing.T, flag, good string, rows []badRow, run func(u *user, extra ...string) result) {
		u := newUser(t)
		file := good
		for _, r := range rows {
			file += r.row + "\n"
		}
		name := u.write("rows.jsonl", file)
		first := strings.Count(good, "\n") + 1
		res := run(u, flag, name).exits(0)
		for i, r := range rows {
			line := fmt.Sprintf("%s:%d: ", name, first+i)
			at := strings.Index(res.err, line)
			if at < 0 {
				t.Errorf("%s: nothing about %s in\n%s", r.name, line, res.err)
				continue
			}
			msg, _, _ := strings.Cut(res.err[at+len(line):], "\n")
			if !strings.Contains(msg, r.says) || !strings.Contains(msg, r.help) {
				t.Errorf("%s: %q, want %q and %q", r.name, msg, r.says, r.help)
			}
		}
		res.prints(fmt.Sprintf("%d input rows were skipped", len(rows)))
		for _, r := range rows {
			name := u.write("one.jsonl", good+r.row+"\n")
			run(u, flag, name, "--strict", "--out", "strict.jsonl").exits(1).says(r.says, "--strict: nothing was run")
			if u.exists("strict.jsonl") || u.exists("strict.jsonl.part") {
				t.Errorf("%s: --strict wrote verdicts", r.name)
			}
		}
	}
	t.Run("samples", func(t *testing.T) {
		t.Parallel()
		good := right("own/0") + "\n" + right("own/1") + "\n"
		check(t, "--samples", good, badSamples, func(u *user, extra ...string) result {
			p := u.write("p.jsonl", addition())
			return u.hone(append([]string{"judge", "--problems", p, "--cache", "off"}, extra...)...)
		})
	})
	t.Run("problems", func(t *testing.T) {
		t.Parallel()
		check(t, "--problems", addition(), badProblems, func(u *user, extra ...string) result {
			return u.hone(append([]string{"judge", "--reference", "--cache", "off"}, extra...)...)
		})
	})
}

// TestLineEnds: byte order mark, every kind of line end, empty lines, no last line
// end, rows of ten megabytes; files of problems and of samples.
func TestLineEnds(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	long := `{"task_id":"own/4","solution":"x = '` + strings.Repeat("y", 10_000_000) + `'\ndef add(a, b): return a + b\n"}`
	p := strings.Split(strings.TrimSpace(addition()), "\n")
	huge := strings.Replace(p[4], `"prompt":"`, `"prompt":"`+strings.Repeat("# ", 5_000_000)+`\n`, 1)
	problems := u.write("p.jsonl", "\ufeff"+p[0]+"\r\n\r\n"+p[1]+"\r"+p[2]+"\n\n"+p[3]+"\n"+huge)
	samples := u.write("s.jsonl", "\ufeff"+right("own/0")+"\r\n \t\r\n"+right("own/1")+"\r"+right("own/2")+"\n\n"+long+"\n"+right("own/3"))
	u.hone("judge", "--problems", problems, "--samples", samples, "--out", "v.jsonl").exits(0).prints("pass  5  100.0 %")
	wantOutcomes(t, u.verdicts("v.jsonl"), "own/0 0 pass", "own/1 0 pass", "own/2 0 pass", "own/4 0 pass", "own/3 0 pass")

	array := u.write("p.json", "[\n"+strings.Join(p, ",\n")+"\n]")
	pretty := u.write("s.json", "[\n  "+strings.ReplaceAll(right("own/0"), ",", ",\n    ")+"\n]\n")
	u.hone("judge", "--problems", array, "--samples", pretty).exits(0).prints("pass  1  100.0 %")
}

func packed(t *testing.T, how, text string) string {
	t.Helper()
	var b bytes.Buffer
	switch how {
	case "gz":
		z := gzip.NewWriter(&b)
		z.Write([]byte(text))
		z.Close()
	case "zst":
		z, err := zstd.NewWriter(&b, zstd.WithEncoderConcurrency(1))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(text) { // a block a line, so that a cut file has whole ones
			z.Write([]byte(line))
			z.Flush()
		}
		z.Close()
	}
	return b.String()
}

// TestPacked: gzip and zstd are told by content; of a cut file the rows before the cut are used.
func TestPacked(t *testing.T) {
	t.Parallel()
	var many strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&many, `{"task_id":"own/%d","sample":%d,"completion":"    return a + b # %x\n"}`+"\n", i%5, i/5, i*i*7919)
	}
	for _, how := range []string{"gz", "zst"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			u := newUser(t)
			u.write("p.jsonl", packed(t, how, addition())) // the name says nothing
			u.write("s.jsonl", packed(t, how, right("own/0")+"\n"))
			u.hone("judge", "--problems", "p.jsonl", "--samples", "s.jsonl").exits(0).prints("pass  1  100.0 %")

			whole := packed(t, how, many.String())
			u.write("cut", whole[:len(whole)/20])
			res := u.hone("judge", "--problems", "p.jsonl", "--samples", "cut", "--out", "v.jsonl").exits(0)
			n := len(u.verdicts("v.jsonl"))
			if n == 0 {
				t.Fatal("no row before the cut was judged")
			}
			kind := map[string]string{"gz": "gzip", "zst": "zstd"}[how]
			res.says(fmt.Sprintf("cut:%d: the %s data is truncated after line %d (%d rows)", n+1, kind, n, n), "download or write the file again")
			u.hone("judge", "--problems", "p.jsonl", "--samples", "cut", "--strict").exits(1).says("truncated")

			problems := addition()
			for i := range 500 {
				problems += fmt.Sprintf(`{"benchmark":"own","task_id":"more/%d","prompt":"%x","tests":[{"name":"t","kind":"stdio","spec":{"input":"","outputs":["%x"]}}]}`+"\n", i, i*i*7919, i*i*104729)
			}
			all := packed(t, how, problems)
			u.write("pcut", all[:len(all)-len(all)/4])
			u.hone("judge", "--problems", "pcut", "--samples", "s.jsonl").exits(0).says("pcut:", "truncated", "download or write the file again").prints("pass  1  100.0 %")
		})
	}
}

// TestFiles: what is no usable file at all.
func TestFiles(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.write("p.jsonl", addition())
	u.write("s.jsonl", right("own/0"))
	u.write("empty", "")
	u.write("blank", " \n\n")
	u.write("utf16", "\xff\xfe{\x00")
	u.write("zip", "PK\x03\x04rest")
	u.write("parquet", "PAR1rest")
	u.write("text", "hello\nworld\n")
	u.write("other", `{"question":"?"}`+"\n")
	if err := os.Mkdir(u.path("folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ problems, samples, says string }{
		{"missing", "s.jsonl", "--problems: there is no file missing"},
		{"p.jsonl", "missing", "--samples: there is no file missing"},
		{"folder", "s.jsonl", "--problems: folder is a folder; name a file in it"},
		{"p.jsonl", "folder", "--samples: folder is a folder; name a file in it"},
		{"p.jsonl/x", "s.jsonl", "--problems: open p.jsonl/x: not a directory"},
		{"empty", "s.jsonl", "empty: the file is empty"},
		{"p.jsonl", "empty", "empty: the file is empty"},
		{"p.jsonl", "blank", "blank holds no programs: rows need task_id"},
		{"utf16", "s.jsonl", "UTF-16; convert it: iconv"},
		{"p.jsonl", "utf16", "UTF-16; convert it: iconv"},
		{"zip", "s.jsonl", "zip archive; unpack it"},
		{"parquet", "s.jsonl", "Parquet file; convert it"},
		{"text", "s.jsonl", "no row is a JSON object; the first: text:1: no valid JSON"},
		{"p.jsonl", "text", "no row of text can be judged; the first: text:1: no valid JSON"},
		{"s.jsonl", "s.jsonl", "this looks like a file of samples, not of problems"},
		{"other", "s.jsonl", "no known problem format has the fields question"},
		{"p.jsonl", "p.jsonl", "the first: p.jsonl:1: no program"},
	} {
		u.hone("judge", "--problems", c.problems, "--samples", c.samples).exits(1).says(c.says)
	}
	u.hone("judge", "--problems", "p.jsonl", "--problems", "p.jsonl", "--samples", "s.jsonl").exits(0).
		says("p.jsonl: 5 problems are in an earlier file too").prints("pass  1  100.0 %")
}

func TestUnreadable(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.write("p.jsonl", addition())
	u.write("secret", right("own/0"))
	if err := errors.Join(os.Chmod(u.path("secret"), 0), os.Chmod(filepath.Dir(u.dir), 0o755)); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"--problems", "secret", "--samples", "p.jsonl"}, {"--problems", "p.jsonl", "--samples", "secret"}} {
		r := u.command(append([]string{"judge"}, args...)...)
		if os.Geteuid() == 0 {
			r.cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		}
		r.start()
		r.wait().exits(1).says("secret may not be read by this user")
	}
}

// TestStandardInput: problems or samples from a pipe, and samples from a named one
// (as bash's <(…)), which can be read only once.
func TestStandardInput(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.write("p.jsonl", addition())
	u.write("s.jsonl", right("own/0")+"\nbad\n")
	pipe := func(text string, args ...string) *running {
		r := u.command(args...)
		r.cmd.Stdin = strings.NewReader(text)
		r.start()
		return r
	}
	pipe(addition(), "judge", "--problems", "-", "--samples", "s.jsonl").wait().exits(0).prints("pass  1  100.0 %")
	pipe(packed(t, "gz", u.read("s.jsonl")), "judge", "--problems", "p.jsonl", "--samples", "-", "--out", "v.jsonl").wait().
		exits(0).prints("pass  1  100.0 %").says("skipped: stdin:2: no valid JSON")
	pipe(packed(t, "gz", u.read("s.jsonl")), "judge", "--problems", "p.jsonl", "--samples", "-", "--out", "v.jsonl").wait().
		exits(0).prints("it was complete: nothing was run")
	pipe("", "judge", "--problems", "p.jsonl", "--samples", "-").wait().exits(1).says("stdin: the file is empty")

	if err := syscall.Mkfifo(u.path("fifo"), 0o644); err != nil {
		t.Fatal(err)
	}
	go os.WriteFile(u.path("fifo"), []byte(right("own/1")), 0o644)
	u.hone("judge", "--problems", "p.jsonl", "--samples", "fifo", "--out", "f.jsonl").exits(0)
	wantOutcomes(t, u.verdicts("f.jsonl"), "own/1 0 pass")
}

// TestForms: completions, solutions and chat answers; ids in other spellings are echoed.
func TestForms(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.write("p.jsonl", addition())
	rows := ""
	for _, r := range []map[string]any{
		{"task_id": "own/0", "completion": "    return a + b\n"},
		{"task_id": "OWN/1", "solution": "def add(a, b):\n    return a + b\n"},
		{"task_id": "own_2", "code": "def add(a, b):\n    return a + b\n"},
		{"task_id": 3, "response": "Here you are:\n```python\ndef add(a, b):\n    return a + b\n```\nIt adds."},
		{"task_id": "own/4", "response": "def add(a, b):\n    return a + b\n"},
		{"task_id": "own/4", "response": "<think>what if…</think>\n```python\ndef add(a, b):\n    return a - b\n```"},
		{"task_id": "own/4", "solution": "def add(a, b):\n    print 'adding'\n    return a + b\n"}, // Python 2
		{"task_id": "own/4", "completion": ""},
		{"task_id": "own/4", "solution": "def add(a, b):\n\treturn a\x00 + b"},
	} {
		b, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		rows += string(b) + "\n"
	}
	u.write("s.jsonl", rows)
	u.hone("judge", "--problems", "p.jsonl", "--samples", "s.jsonl", "--out", "v.jsonl").exits(0).prints("strict")
	vs := u.verdicts("v.jsonl")
	wantOutcomes(t, vs, "own/0 0 pass", "OWN/1 0 pass", "own_2 0 pass", "3 0 pass", "own/4 0 pass",
		"own/4 1 wrong_answer", "own/4 2 syntax_error", "own/4 3 syntax_error", "own/4 4 syntax_error")
	for i, want := range map[int]string{0: "", 3: "syntax_error", 4: "pass", 5: "syntax_error"} {
		if got := string(vs[i].Strict); got != want {
			t.Errorf("row %d: strict %q, want %q", i+1, got, want)
		}
	}
	if e := vs[6].Tests[0].Error; !strings.Contains(e, "Missing parentheses in call to 'print'") {
		t.Errorf("Python 2: %q", e)
	}
}

// TestOutPlaces: where verdicts cannot go is said before anything is run.
func TestOutPlaces(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.write("p.jsonl", addition())
	u.write("s.jsonl", right("own/0"))
	if err := os.Symlink("s.jsonl", u.path("link")); err != nil {
		t.Fatal(err)
	}
	judge := func(out string, more ...string) result {
		return u.hone(append([]string{"judge", "--problems", "p.jsonl", "--samples", "s.jsonl", "--out", out}, more...)...)
	}
	judge("no/v.jsonl").exits(1).says("there is no folder no (make it: mkdir -p no)")
	judge(".").exits(1).says("not a regular file")
	judge("s.jsonl", "--force").exits(2).says("--out s.jsonl is an input")
	judge("link", "--force").exits(2).says("--out link is an input")
	u.write("notes.txt", "mine")
	judge("notes.txt").exits(1).says("notes.txt.run.json", "use --force to replace it, or another --out")
	if u.read("notes.txt") != "mine" || u.read("s.jsonl") != right("own/0") {
		t.Error("a refused --out was written")
	}
	judge(filepath.Join(u.dir, "v.jsonl")).exits(0)
	wantOutcomes(t, u.verdicts("v.jsonl"), "own/0 0 pass")
}
