//go:build linux

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/spf13/cobra"
)

// TestUsage: mistakes in how a command is called are exit status 2, and say what is right.
func TestUsage(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.write("p.jsonl", addition())
	u.write("s.jsonl", right("own/0"))
	good := []string{"judge", "--problems", "p.jsonl", "--samples", "s.jsonl"}
	for _, c := range []struct {
		args string // after good where it starts with +
		says string
	}{
		{"jugde", `"jugde" is no command or flag of hone, judge is (see: hone --help)`},
		{"frobnicate", `"frobnicate" is no command or flag of hone (see: hone --help)`},
		{"judge", "--problems is missing: name a file with problems (see: hone judge --help)"},
		{"judge --problems p.jsonl", "name programs with --samples FILE, or judge the problems' own solutions with --reference"},
		{"judge --bogus", "unknown flag: --bogus (see: hone judge --help)"},
		{"judge --problems", "flag needs an argument: --problems (see: hone judge --help)"},
		{"+ extra", `"extra" is no command or flag of hone judge`},
		{"+ --reference", "--samples and --reference exclude each other"},
		{"+ --format nope", `--format "nope": it is one of auto, mbpp, `},
		{"+ --tier none", "say --unsafe-no-isolation if that is meant"},
		{"+ --tier best", `--tier "best": it is one of auto, full, landlock`},
		{"+ --workers -1", "cannot be negative"},
		{"+ --timeout -2s", "cannot be negative"},
		{"+ --memory -1", "cannot be negative"},
		{"+ --memory 1", "a Python needs at least 64 MiB"},
		{"+ --workers many", `invalid argument "many" for "--workers"`},
		{"+ --timeout 5", `missing unit in duration "5"`},
		{"+ --out - --json", "both write to standard output"},
		{"judge --problems - --samples -", "standard input cannot hold both"},
		{"doctor everything", `"everything" is no command or flag of hone doctor`},
		{"doctor --tier full", "unknown flag: --tier (see: hone doctor --help)"},
		{"demo 3", `"3" is no command or flag of hone demo`},
		{"demo --workers -1", "cannot be negative"},
		{"demo --iterations 0", "--iterations must be at least 1"},
		{"demo --problems 63", "--problems must be at least 64"},
		{"improve r.yaml --json", "--json is for --dry-run"},
		{"demo --held-out 0", "--held-out must be at least 1"},
		{"completion tcsh", `"tcsh" is no command or flag of hone completion`},
	} {
		args := strings.Fields(c.args)
		if args[0] == "+" {
			args = append(append([]string{}, good...), args[1:]...)
		}
		if r := u.hone(args...).exits(2).says("hone: ", c.says); r.out != "" {
			t.Errorf("hone %s prints\n%s", c.args, r.out)
		}
	}
}

// TestHelp: every command explains itself with an example.
func TestHelp(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.hone().exits(0).prints("hone demo", "hone judge", "Usage:")
	u.hone("--version").exits(0).prints("hone version")
	u.hone("help", "judge").exits(0).prints("Examples:")
	var visit func(c *cobra.Command, path []string)
	visit = func(c *cobra.Command, path []string) {
		r := u.hone(append(path, "--help")...).exits(0)
		if len(path) < 2 { // the shells of hone completion have theirs in the text
			r.prints("Examples:\n  ")
		}
		if c.Short == "" {
			t.Errorf("hone %s has no short description", strings.Join(path, " "))
		}
		for _, sub := range c.Commands() {
			if sub.Name() != "help" {
				visit(sub, append(append([]string{}, path...), sub.Name()))
			}
		}
	}
	visit(newRoot(&interrupts{}), nil)
}

func TestCompletion(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		r := u.hone("completion", shell).exits(0).prints("hone")
		if shell != "bash" {
			continue
		}
		if _, err := exec.LookPath("bash"); err != nil {
			t.Log("NOT RUN: bash is missing, its completion script is not parsed")
			continue
		}
		check := exec.Command("bash", "-n")
		check.Stdin = strings.NewReader(r.out)
		if out, err := check.CombinedOutput(); err != nil {
			t.Errorf("bash does not parse its completion script: %v\n%s", err, out)
		}
	}
	u.hone("__complete", "judge", "--format", "human").exits(0).prints("humaneval\n", "humanevalplus\n")
	u.hone("__complete", "judge", "--tier", "").exits(0).prints("full\n", "landlock\n")
}

func TestDoctor(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.hone("doctor").exits(0).prints("✓ python", "✓ cores", "✓ memory", "✓ engine")
	var checks []condition
	r := u.hone("doctor", "--json").exits(0)
	if err := json.Unmarshal([]byte(r.out), &checks); err != nil {
		t.Fatalf("%v in\n%s", err, r.out)
	}
	works := ""
	for _, c := range checks {
		if c.Name == "" || c.Found == "" || c.Status == "missing" && c.Help == "" {
			t.Errorf("%+v says too little", c)
		}
		if strings.HasPrefix(c.Name, "tier ") && c.Status == "ok" {
			works += c.Name
		}
	}
	if works == "" {
		t.Error("no tier works, and hone doctor is content")
	}
	r = u.hone("doctor", "--json", "--python", "/nonexistent").exits(1).says("programs cannot be judged here: python is broken")
	if err := json.Unmarshal([]byte(r.out), &checks); err != nil {
		t.Errorf("of a broken machine: %v in\n%s", err, r.out)
	}
}

// TestInterpreters: what is not a CPython 3.8 or later is refused, and why.
func TestInterpreters(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.write("p.jsonl", addition())
	u.write("s.jsonl", right("own/0"))
	script := func(name, text string) string {
		if err := os.WriteFile(u.path(name), []byte("#!/bin/sh\n"+text), 0o755); err != nil {
			t.Fatal(err)
		}
		return u.path(name)
	}
	answer := func(name, impl, info, missing string) string {
		return script(name, `echo '{"path":"/x","version":"v","info":[`+info+`],"roots":[],"site":[],"packages":[],"missing":[`+missing+`],"impl":"`+impl+`"}'`+"\n")
	}
	if err := os.Mkdir(u.path("folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ python, says string }{
		{"/nonexistent/python3", "/nonexistent/python3: no such file or directory: Hone needs CPython 3.8 or later"},
		{"python9", "python9 is not on PATH: Hone needs CPython 3.8 or later"},
		{answer("old", "cpython", "3,6,15", ""), "old is CPython 3.6.15: too old; Hone needs CPython 3.8 or later"},
		{script("two", "case $1 in --version) echo Python 2.7.18 >&2;; *) echo Unknown option: -I >&2; exit 2;; esac\n"), "two is Python 2.7.18: too old; Hone needs CPython 3.8 or later"},
		{answer("pypy", "pypy", "3,10,1", ""), "pypy is pypy, and Hone needs CPython"},
		{answer("bare", "cpython", "3,11,2", `"ctypes","unittest"`), "bare lacks the standard modules ctypes, unittest; Hone needs"},
		{script("garbage", "echo hello\n"), `garbage answered "hello\n", which is no description of an interpreter`},
		{script("crash", "echo no libpython >&2; exit 3\n"), "crash did not answer: exit status 3: no libpython; Hone needs"},
		{u.write("text", "no program"), "Hone needs CPython"},
		{u.path("folder"), "is no virtual environment: it has no bin/python (make one with: python3 -m venv "},
	} {
		u.hone("judge", "--problems", "p.jsonl", "--samples", "s.jsonl", "--python", c.python).exits(1).says(c.says)
		u.hone("doctor", "--python", c.python).exits(1).prints("✗ python", c.says)
		u.with("HONE_PYTHON="+c.python).hone("judge", "--problems", "p.jsonl", "--samples", "s.jsonl").exits(1).says("HONE_PYTHON", c.says)
	}
}

// TestHangingInterpreter: it is given up, and Ctrl-C does not wait for it.
func TestHangingInterpreter(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	if err := os.WriteFile(u.path("hang"), []byte("#!/bin/sh\n: > \"$0.$PPID\"\nexec sleep 60\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	left := u.start("doctor", "--python", u.path("hang"))
	stopped := u.start("doctor", "--python", u.path("hang"))
	until(t, "the interpreter runs", time.Minute, func() bool { return u.exists(fmt.Sprint("hang.", stopped.cmd.Process.Pid)) })
	stopped.signal(syscall.SIGINT)
	if r := stopped.wait(); strings.Contains(r.out, "did not answer within") {
		t.Errorf("Ctrl-C waits for the interpreter:\n%s", r.out)
	}
	if r := left.wait().exits(1).prints("did not answer within 20s; Hone needs CPython"); r.took > 55*time.Second {
		t.Errorf("given up after %v", r.took)
	}
}

// TestDemo: the labels that came with the data agree with every verdict, and the loop runs to its report.
func TestDemo(t *testing.T) {
	if testing.Short() {
		t.Skip("judges 3,280 programs and runs the loop once")
	}
	t.Parallel()
	u := newUser(t)
	u.hone("demo", "--iterations", "1", "--problems", "128", "--held-out", "20").exits(0).prints(
		"Verifying 3280 programs", "3280 programs for 164 of 164 tasks", "pass@1 ", "pass@10 ",
		"\n3280 of 3280 verdicts agree with the labels that came with the data\n", "A verdict says why",
		"those of 512 programs that pass", "1 iteration of 512 programs", "graded: 20 problems held out", "over base", "Next: hone improve --help")
	if page := u.read("runs/demo/report.html"); !strings.Contains(page, "Programs, before and after") {
		t.Error("the report does not show programs")
	}
}

// TestDemoFolder: a folder with files of somebody else's is left as it is.
func TestDemoFolder(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	if err := os.MkdirAll(u.path("mine"), 0o755); err != nil {
		t.Fatal(err)
	}
	u.write("mine/report.html", "mine")
	u.hone("demo", "--out", "mine").exits(2).says("did not make")
	if u.read("mine/report.html") != "mine" {
		t.Error("another's report is gone")
	}
}

// TestReaderGone: a reader that has enough (as head) ends the run without noise.
func TestReaderGone(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.write("p.jsonl", addition())
	// The pipe cannot take the rows before the last: hone waits for us to read, however slow we are.
	u.write("s.jsonl", strings.Repeat(right("own/0")+"\n", 1000)+asleep("own/1", 60))
	r := u.command("judge", "--problems", "p.jsonl", "--samples", "s.jsonl", "--out", "-", "--timeout", "100s", "--workers", "1")
	pr, pw, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r.cmd.Stdout = pw
	r.start()
	pw.Close()
	first, err := bufio.NewReader(pr).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	wantOutcomes(t, parseVerdicts(t, first), "own/0 0 pass") // long before the run ends
	pr.Close()
	res := r.wait()
	if res.took > 50*time.Second {
		t.Errorf("went on for %v", res.took)
	}
	if res.signal != syscall.SIGPIPE && res.code != 1 {
		t.Errorf("ended with status %d, signal %v\n%s", res.code, res.signal, res.err)
	}
}

// TestJSON: --json prints one object and nothing else.
func TestJSON(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.write("p.jsonl", addition())
	u.write("s.jsonl", right("own/0")+"\n"+`{"task_id":"own/0","solution":"def add(a, b): return 4"}`+"\nbad\n")
	var sum struct {
		Programs, Tasks int
		TasksTotal      int            `json:"tasks_total"`
		Skipped         int            `json:"skipped_rows"`
		Outcomes        map[string]int `json:"outcomes"`
		PassAt          []struct{ Mean float64 }
		Tier, Python    string
	}
	for _, out := range []string{"", "v.jsonl", "v.jsonl"} { // the second finds it complete
		args := []string{"judge", "--problems", "p.jsonl", "--samples", "s.jsonl", "--json"}
		if out != "" {
			args = append(args, "--out", out)
		}
		r := u.hone(args...).exits(0)
		if err := json.Unmarshal([]byte(r.out), &sum); err != nil {
			t.Fatalf("%v in\n%s", err, r.out)
		}
		if sum.Programs != 2 || sum.Tasks != 1 || sum.TasksTotal != 5 || sum.Skipped != 1 || sum.Outcomes["pass"] != 1 || sum.Outcomes["wrong_answer"] != 1 {
			t.Errorf("summary %+v", sum)
		}
	}
}

// TestReference: problems' own solutions, those without one reported.
func TestReference(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.write("p.jsonl", addition()+`{"benchmark":"own","task_id":"own/5","prompt":"p","tests":[{"name":"t","kind":"stdio","spec":{"input":"","outputs":["1"]}}]}`+"\n")
	u.hone("judge", "--problems", "p.jsonl", "--reference", "--out", "v.jsonl").exits(0).
		says("skipped: own/5: the problem has no reference solution").prints("5 programs for 5 of 6 tasks", "pass  5  100.0 %", "1 input row was skipped")
	wantOutcomes(t, u.verdicts("v.jsonl"), "own/0 0 pass", "own/1 0 pass", "own/2 0 pass", "own/3 0 pass", "own/4 0 pass")
}
