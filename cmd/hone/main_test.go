//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"hone/problem"
)

// binary is hone as a user has it, built once.
var binary string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "hone-test-")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		if err := os.Chmod(dir, 0o755); err != nil { // for tests as another user
			panic(err)
		}
		binary = filepath.Join(dir, "hone")
		build := exec.Command("go", "build", "-o", binary, ".")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
			return 1
		}
		// What a killed hone leaves behind becomes our child, where leftovers finds it.
		if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
			panic(err)
		}
		return m.Run()
	}())
}

// user is somebody with a folder, who runs commands in it.
type user struct {
	t   *testing.T
	dir string
	env []string
}

func newUser(t *testing.T) *user {
	t.Helper()
	dir := t.TempDir()
	env := slices.DeleteFunc(os.Environ(), func(s string) bool {
		return strings.HasPrefix(s, "XDG_CACHE_HOME=") || strings.HasPrefix(s, "HONE_")
	})
	return &user{t, dir, append(env, "XDG_CACHE_HOME="+filepath.Join(dir, ".cache"))}
}

// with is the same user with another environment variable.
func (u *user) with(env string) *user { return &user{u.t, u.dir, append(slices.Clone(u.env), env)} }

func (u *user) path(name string) string { return filepath.Join(u.dir, name) }

func (u *user) write(name, content string) string {
	u.t.Helper()
	if err := os.WriteFile(u.path(name), []byte(content), 0o644); err != nil {
		u.t.Fatal(err)
	}
	return name
}

func (u *user) read(name string) string {
	u.t.Helper()
	b, err := os.ReadFile(u.path(name))
	if err != nil {
		u.t.Fatal(err)
	}
	return string(b)
}

func (u *user) remove(names ...string) {
	u.t.Helper()
	for _, name := range names {
		if err := os.RemoveAll(u.path(name)); err != nil {
			u.t.Fatal(err)
		}
	}
}

func (u *user) exists(name string) bool {
	_, err := os.Stat(u.path(name))
	return err == nil
}

// size is 0 for a file that is not there.
func (u *user) size(name string) int64 {
	info, err := os.Stat(u.path(name))
	if err != nil {
		return 0
	}
	return info.Size()
}

// result is what a command left.
type result struct {
	t        *testing.T
	args     []string
	code     int // -1 after a signal
	signal   syscall.Signal
	out, err string
	took     time.Duration
}

// hone runs a command to its end.
func (u *user) hone(args ...string) result {
	u.t.Helper()
	return u.start(args...).wait()
}

// running is a command under way.
type running struct {
	*user
	cmd      *exec.Cmd
	out, err screen
	began    time.Time
}

// screen keeps what is written to it, and can be read meanwhile.
type screen struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// said waits until the command has said this. Another signal that comes earlier may be lost in
// the first one.
func (r *running) said(what string) {
	r.t.Helper()
	until(r.t, "it says "+what, time.Minute, func() bool { return strings.Contains(r.err.String(), what) })
}

// lives reports whether the process has not ended, as one that nobody has waited for yet has, too.
func (r *running) lives() bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", r.cmd.Process.Pid))
	at := bytes.LastIndexByte(b, ')')
	return err == nil && at >= 0 && at+2 < len(b) && b[at+2] != 'Z'
}

func (u *user) command(args ...string) *running {
	r := &running{user: u, cmd: exec.Command(binary, args...)}
	r.cmd.Dir, r.cmd.Env = u.dir, u.env
	r.cmd.Stdout, r.cmd.Stderr = &r.out, &r.err
	r.cmd.WaitDelay = 10 * time.Second
	return r
}

func (u *user) start(args ...string) *running {
	u.t.Helper()
	r := u.command(args...)
	r.start()
	return r
}

func (r *running) start() {
	r.t.Helper()
	r.began = time.Now()
	if err := r.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	overdue := time.AfterFunc(6*time.Minute, func() { r.cmd.Process.Kill() })
	r.t.Cleanup(func() { overdue.Stop(); r.cmd.Process.Kill() })
}

func (r *running) signal(s syscall.Signal) {
	r.t.Helper()
	if err := r.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		r.t.Fatal(err)
	}
}

func (r *running) wait() result {
	r.t.Helper()
	_ = r.cmd.Wait()
	ws := r.cmd.ProcessState.Sys().(syscall.WaitStatus)
	res := result{r.t, r.cmd.Args[1:], r.cmd.ProcessState.ExitCode(), ws.Signal(), r.out.String(), r.err.String(), time.Since(r.began)}
	for _, trace := range []string{"goroutine ", "panic:", "Traceback"} {
		if strings.Contains(res.err, trace) {
			r.t.Errorf("hone %s left a trace:\n%s", strings.Join(res.args, " "), res.err)
		}
	}
	return res
}

// exits checks the exit status.
func (r result) exits(code int) result {
	r.t.Helper()
	if r.code != code {
		r.t.Fatalf("hone %s: exit status %d (signal %v), want %d\n%s%s", strings.Join(r.args, " "), r.code, r.signal, code, r.out, r.err)
	}
	return r
}

// says checks that standard error has each of the texts.
func (r result) says(texts ...string) result {
	r.t.Helper()
	for _, s := range texts {
		if !strings.Contains(r.err, s) {
			r.t.Errorf("hone %s does not say %q, but:\n%s", strings.Join(r.args, " "), s, r.err)
		}
	}
	return r
}

// prints checks that standard output has each of the texts.
func (r result) prints(texts ...string) result {
	r.t.Helper()
	for _, s := range texts {
		if !strings.Contains(r.out, s) {
			r.t.Errorf("hone %s does not print %q, but:\n%s", strings.Join(r.args, " "), s, r.out)
		}
	}
	return r
}

func (u *user) verdicts(name string) []problem.Verdict {
	u.t.Helper()
	return parseVerdicts(u.t, u.read(name))
}

func parseVerdicts(t *testing.T, text string) []problem.Verdict {
	t.Helper()
	var out []problem.Verdict
	for line := range strings.Lines(text) {
		var v problem.Verdict
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("verdict %d: %v in %q", len(out)+1, err, line)
		}
		out = append(out, v)
	}
	return out
}

// outcomes is "task sample verdict" for each row.
func outcomes(vs []problem.Verdict) []string {
	out := make([]string, len(vs))
	for i, v := range vs {
		out[i] = fmt.Sprintf("%s %d %s", v.TaskID, v.Sample, v.Verdict)
	}
	return out
}

func wantOutcomes(t *testing.T, vs []problem.Verdict, want ...string) {
	t.Helper()
	if got := outcomes(vs); !slices.Equal(got, want) {
		t.Errorf("verdicts:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// timeless is a verdict file without what differs from run to run.
func (u *user) timeless(name string) string {
	u.t.Helper()
	var b strings.Builder
	for _, v := range u.verdicts(name) {
		v.CPUMillis, v.WallMillis, v.Cached = 0, 0, false
		row, err := json.Marshal(v)
		if err != nil {
			u.t.Fatal(err)
		}
		b.Write(append(row, '\n'))
	}
	return b.String()
}

// sameRows compares two files of timeless rows.
func sameRows(t *testing.T, got, want string) {
	t.Helper()
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		switch {
		case i >= len(g) || i >= len(w):
			t.Fatalf("%d rows, want %d", len(g)-1, len(w)-1)
		case g[i] != w[i]:
			t.Fatalf("row %d is\n%s\nwant\n%s", i+1, g[i], w[i])
		}
	}
}

// until waits for something to become true.
func until(t *testing.T, what string, limit time.Duration, is func() bool) {
	t.Helper()
	for start := time.Now(); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Since(start) > limit {
			t.Fatalf("not within %v: %s", limit, what)
		}
	}
}

// addition is a problem file with five tasks own/0 … own/4, all to add two numbers.
func addition() string {
	var b strings.Builder
	for i := range 5 {
		fmt.Fprintf(&b, `{"benchmark":"own","task_id":"own/%d","entry_point":"add","prompt":"def add(a, b):\n","reference":"def add(a, b):\n    return a + b\n","tests":[{"name":"small","kind":"call","spec":{"function":"add","args":[1,2],"expected":3}}]}`+"\n", i)
	}
	return b.String()
}

// right is a sample that passes.
func right(task string) string { return `{"task_id":"` + task + `","completion":"    return a + b\n"}` }

// asleep is a sample that sleeps before it passes.
func asleep(task string, seconds int) string {
	return fmt.Sprintf(`{"task_id":"%s","solution":"import time\ntime.sleep(%d)\ndef add(a, b): return a + b\n"}`, task, seconds)
}
