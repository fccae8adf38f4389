package judge_test

import (
	"bufio"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"hone/judge"
	"hone/problem"
	"hone/sandbox"

	"golang.org/x/sys/unix"
)

// The attack suite: hostile programs, none of which solves its problem, in every
// tier and as every kind of user. A program must not pass a single test, must not
// leave the denominator, must not hurt the program judged next, and must leave no
// trace outside; the last is checked from outside. A program that finds out by
// itself that something was possible raises "LEAK: …".

//go:embed testdata/attacks/*.py
var attackFiles embed.FS

// ordinaryUID is whom the suite runs as when root has it run as an ordinary user.
const ordinaryUID = 54321

// mark is part of the name of every file an attack tries to leave.
const mark = "hone-attack-mark-"

// attack is one file of testdata/attacks, or one of its variants.
type attack struct {
	name, class string
	modes       []string
	source      string
}

func readAttacks(t *testing.T) []attack {
	t.Helper()
	names, err := fs.Glob(attackFiles, "testdata/attacks/*.py")
	if err != nil {
		t.Fatal(err)
	}
	var out []attack
	for _, name := range names {
		b, err := attackFiles.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		a := attack{name: strings.TrimSuffix(path.Base(name), ".py"), source: string(b)}
		for line := range strings.Lines(a.source) {
			if c, ok := strings.CutPrefix(line, "# class: "); ok {
				a.class = strings.TrimSpace(c)
			}
			if m, ok := strings.CutPrefix(line, "# against: "); ok {
				a.modes = strings.Fields(m)
			}
		}
		if a.class == "" || len(a.modes) == 0 {
			t.Fatalf("%s: its header names no class or no mode", name)
		}
		if !strings.Contains(a.source, "@SIGNAL@") {
			out = append(out, a)
			continue
		}
		for sig := 1; sig <= 64; sig++ {
			v := a
			v.name = fmt.Sprintf("%s_%d", a.name, sig)
			v.source = strings.ReplaceAll(a.source, "@SIGNAL@", strconv.Itoa(sig))
			out = append(out, v)
		}
	}
	return out
}

// The secret function. No attack contains its formula, so none can pass a test by luck.
const solution = `
def f(kind, n):
    s = (n * 7919 + 104729) % 65537
    return {'int': s, 'float': s / 7, 'str': 'v%d' % s, 'list': [s, s + 1], 'tuple': (s, str(s)), 'dict': {s: [s / 2]}, 'set': {s, s * 2}}[kind]
`

func secret(n int) int { return (n*7919 + 104729) % 65537 }

// innocent solves every problem, and only where no earlier program left anything.
const innocent = solution + `
import os, sys, threading, signal, resource
assert 1 + 1 == 2 and 3 * 7 == 21 and str(5) == '5' and not False
assert 'ATTACK' not in os.environ and 'attack' not in sys.modules
assert os.umask(0o22) != 0o777 and signal.pthread_sigmask(signal.SIG_BLOCK, []) == set()
assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 16
done = []
t = threading.Thread(target=done.append, args=(1,)); t.start(); t.join()
assert done == [1]
if os.path.isdir('/scratch'):
    st = os.stat('/scratch')
    assert st.st_mode & 0o7777 == 0o1777 and st.st_mtime > 10**6 and os.listdir('/scratch') == [] and os.getcwd() == '/scratch', 'scratch'
    open('x', 'w').write('y' * 100000)
if __name__ == '__main__':
    kind, n = input().split()
    print(f(kind, int(n)))
`

// attackProblems are problems judged in each of the modes that hold untrusted programs.
func attackProblems(t *testing.T) map[string]*problem.Problem {
	assert := func(i int, code string) problem.Test {
		return test(t, fmt.Sprintf("assert %d", i), problem.KindAssert, problem.AssertSpec{Code: code})
	}
	call := func(name, kind string, cmp problem.Comparison, atol float64, n int, expected problem.Value) problem.Test {
		return test(t, name, problem.KindCall, problem.CallSpec{
			Function: "f", Args: json.RawMessage(fmt.Sprintf(`[%q,%d]`, kind, n)), Compare: cmp, Atol: atol,
			Expected: problem.EncodeValue(expected),
		})
	}
	s := func(n int) int64 { return int64(secret(n)) }
	return map[string]*problem.Problem{
		"data": {Benchmark: "attack", TaskID: "data", Tests: []problem.Test{
			assert(1, fmt.Sprintf(`assert f("int", 3) == %d`, secret(3))),
			assert(2, fmt.Sprintf(`assert %d == f("int", 4)`, secret(4))),
			assert(3, fmt.Sprintf(`assert abs(f("float", 5) - %d / 7) < 1e-6`, secret(5))),
			assert(4, fmt.Sprintf(`assert f("tuple", 6) == (%d, "%d")`, secret(6), secret(6))),
			assert(5, fmt.Sprintf(`assert f("dict", 7) == {%d: [%d / 2]}`, secret(7), secret(7))),
			call("call 1", "list", problem.CompareEqual, 0, 8, problem.List{s(8), s(8) + 1}),
			call("call 2", "list", problem.CompareEvalPlus, 1e-6, 9, problem.List{s(9), s(9) + 1}),
			call("call 3", "set", problem.CompareSet, 0, 10, problem.Set{s(10), s(10) * 2}),
			call("call 4", "str", "", 0, 11, fmt.Sprintf("v%d", secret(11))),
		}},
		"split": {Benchmark: "attack", TaskID: "split", Tests: []problem.Test{
			test(t, "check", problem.KindCheck, problem.CheckSpec{EntryPoint: "f", Code: `
def expected(n): return (n * 7919 + 104729) % 65537

def check(candidate):
    for n in range(3):
        assert candidate('int', n) == expected(n)
    assert sum(candidate('list', 4)) == 2 * expected(4) + 1
    assert len(candidate('str', 5)) and candidate('str', 5)[1:] == str(expected(5))
    assert candidate('dict', 6).get(expected(6)) == [expected(6) / 2]
    assert sorted(candidate('set', 7)) == sorted({expected(7), 2 * expected(7)})
    assert abs(candidate('float', 8) - expected(8) / 7) < 1e-6
`}),
			assert(1, fmt.Sprintf(`assert sorted([f("int", 1), f("int", 2)]) == %s`, strings.ReplaceAll(fmt.Sprint(sortedInts(secret(1), secret(2))), " ", ", "))),
		}},
		"stdio": {Benchmark: "attack", TaskID: "stdio", Tests: []problem.Test{
			test(t, "in 1", problem.KindStdio, problem.StdioSpec{Input: "int 3\n", Outputs: []string{fmt.Sprintln(secret(3))}}),
			test(t, "in 2", problem.KindStdio, problem.StdioSpec{Input: "int 4\n", Outputs: []string{fmt.Sprintln(secret(4))}, Compare: "lines"}),
		}},
	}
}

func sortedInts(xs ...int) []int { slices.Sort(xs); return xs }

func attackConfig(py sandbox.Interpreter, tier sandbox.Tier, workers int) judge.Config {
	return judge.Config{Python: py, Tier: tier, Workers: workers, Limits: judge.Limits{
		PerTest: 300 * time.Millisecond, Total: 700 * time.Millisecond, Memory: 384 << 20, Output: 4 << 20,
	}}
}

// patience tells a judge that hangs from one that is slow: no program may keep a
// verdict from coming. It is no measure of speed.
const patience = 90 * time.Second

func TestAttacks(t *testing.T) {
	if testing.Short() {
		t.Skip("slow")
	}
	asEachUser(t, func(t *testing.T) {
		for _, tier := range []sandbox.Tier{sandbox.TierFull, sandbox.TierLandlock} {
			t.Run(string(tier), func(t *testing.T) { attackTier(t, tier) })
		}
	})
}

func attackTier(t *testing.T, tier sandbox.Tier) {
	py := attackPython(t, tier)
	attacks := readAttacks(t)
	problems := attackProblems(t)
	w := newWorld(t)
	type job struct {
		attack
		mode string
	}
	jobs := make(chan job)
	var wg sync.WaitGroup
	var mu sync.Mutex
	verdicts := map[string]map[problem.Outcome]int{}
	programs := map[string]map[string]bool{}
	var times []string
	adopt(t)
	var ru syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &ru); err != nil {
		t.Fatal(err)
	}
	cpu := time.Duration(ru.Utime.Nano() + ru.Stime.Nano())
	var uids []int
	var own []int // processes of the suite itself
	var judges []*judge.Judge
	var total atomic.Int64
	started := time.Now()
	for range 2 { // lanes: a judge with one worker each, so that the innocent follows on the same one
		j, err := judge.New(t.Context(), attackConfig(py, tier, 1))
		if err != nil {
			t.Fatal(err)
		}
		defer j.Close()
		judges = append(judges, j)
		uid := processUID(t, j.PIDs()[0])
		uids = append(uids, uid)
		v := newVictim(t, uid)
		own = append(own, v.cmd.Process.Pid)
		fill := w.filler(v.cmd.Process.Pid)
		wg.Go(func() {
			for jb := range jobs {
				t0 := time.Now()
				verdict := try(t, j, problems[jb.mode], jb.name+"/"+jb.mode, fill.Replace(jb.source))
				took := time.Since(t0)
				if good, err := j.Verify(t.Context(), problems[jb.mode], innocent); err != nil || good.Verdict != problem.Pass {
					t.Errorf("after %s/%s an innocent program got %q (%v): %+v", jb.name, jb.mode, good.Verdict, err, good.Tests)
				}
				total.Add(1)
				mu.Lock()
				if verdicts[jb.class] == nil {
					verdicts[jb.class], programs[jb.class] = map[problem.Outcome]int{}, map[string]bool{}
				}
				verdicts[jb.class][verdict]++
				programs[jb.class][jb.name] = true
				times = append(times, fmt.Sprintf("%5d ms %s/%s", took.Milliseconds(), jb.name, jb.mode))
				mu.Unlock()
			}
			v.check(t)
		})
	}
	for _, a := range attacks {
		if only := os.Getenv("HONE_ATTACK"); only != "" && !strings.Contains(a.name, only) {
			continue
		}
		for _, mode := range a.modes {
			jobs <- job{a, mode}
		}
	}
	close(jobs)
	wg.Wait()
	w.check(t, uids)
	// A zygote and the child that waits are all that may live, and nothing after Close.
	idle := slices.Clone(own)
	for _, j := range judges {
		for _, pid := range j.PIDs() {
			c := children(pid)
			idle = append(append(idle, pid), c[:min(1, len(c))]...)
		}
	}
	checkProcesses(t, idle)
	for _, j := range judges {
		j.Close()
	}
	checkProcesses(t, own)
	slices.Sort(times)
	t.Logf("slowest:\n%s", strings.Join(times[max(0, len(times)-36):], "\n"))
	n := 0
	for class, ps := range programs {
		n += len(ps)
		t.Logf("%-24s %3d programs: %v", class, len(ps), verdicts[class])
	}
	t.Logf("%s as uid %d: %d programs, %d verdicts, %.1f s", tier, os.Geteuid(), n, total.Load(), time.Since(started).Seconds())
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &ru); err != nil || ru.Maxrss > 700<<10 {
		t.Errorf("the judge's own memory grew to %d MiB (%v)", ru.Maxrss>>10, err)
	}
	// What programs can make the judge itself do is bounded, too; unlike time on the
	// clock this says little about what else the machine was doing.
	used := time.Duration(ru.Utime.Nano()+ru.Stime.Nano()) - cpu
	if used > 20*time.Second {
		t.Errorf("the judge itself used %s of CPU time", used)
	}
	t.Logf("the judge itself: %d MiB, %s of CPU time", ru.Maxrss>>10, used.Round(time.Millisecond))
}

// try judges one attack and reports what must not happen.
func try(t *testing.T, j *judge.Judge, p *problem.Problem, name, source string) problem.Outcome {
	before := j.PIDs()
	t0 := time.Now()
	v, err := j.Verify(t.Context(), p, source)
	took := time.Since(t0)
	// A program that ends by SIGKILL may be a victim of the kernel's, and is run again elsewhere.
	if killed := len(v.Tests) > 0 && strings.Contains(v.Tests[0].Error, "SIGKILL"); !killed {
		for _, pid := range before {
			if !slices.Contains(j.PIDs(), pid) {
				t.Errorf("%s: took a sandbox down", name)
			}
		}
	}
	switch {
	case err != nil:
		t.Errorf("%s: ended the run: %v", name, err)
	case v.Verdict == problem.Pass || v.Verdict == problem.Infrastructure || v.Passed == nil || *v.Passed:
		t.Errorf("%s: %s: %+v", name, v.Verdict, v.Tests)
	}
	for _, r := range v.Tests {
		if r.Verdict == problem.Pass {
			t.Errorf("%s: passed test %q", name, r.Name)
		}
		if strings.Contains(r.Error+r.Got, "LEAK") {
			t.Errorf("%s: %s: %s", name, v.Verdict, r.Error+r.Got)
			break
		}
	}
	if took > patience {
		t.Errorf("%s: took %s", name, took)
	}
	if testing.Verbose() && os.Getenv("HONE_ATTACK") != "" {
		t.Logf("%s: %s in %s %+v", name, v.Verdict, took.Round(time.Millisecond), v.Tests)
	}
	return v.Verdict
}

// attackPython returns the interpreter, or skips where the tier does not work.
func attackPython(t *testing.T, tier sandbox.Tier) sandbox.Interpreter {
	t.Helper()
	py, err := sandbox.FindPython(t.Context(), "", false)
	if err != nil {
		t.Fatal(err)
	}
	if err := sandbox.Probe(t.Context(), py, tier); err != nil {
		t.Skipf("NOT RUN: %v", err)
	}
	return py
}

// ---------- users ----------

// asEachUser runs the calling top-level test's body as root and as an ordinary
// user, as far as the suite's own user can.
func asEachUser(t *testing.T, body func(t *testing.T)) {
	if os.Geteuid() != 0 {
		t.Run("root", func(t *testing.T) { t.Skip("NOT RUN: needs root") })
		t.Run("ordinary", body)
		return
	}
	t.Run("root", body)
	name := t.Name()
	t.Run("ordinary", func(t *testing.T) {
		dir := publicDir(t)
		home := filepath.Join(dir, "home")
		if err := os.Mkdir(home, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(home, ordinaryUID, ordinaryUID); err != nil {
			t.Fatal(err)
		}
		args := []string{"-test.run=^" + name + "$", "-test.timeout=5m"}
		if testing.Verbose() {
			args = append(args, "-test.v")
		}
		cmd := exec.Command(copyOfTest(t, dir), args...)
		cmd.Dir = home
		cmd.Env = []string{"PATH=/usr/bin:/bin", "HOME=" + home, "TMPDIR=" + home, "HONE_ATTACK=" + os.Getenv("HONE_ATTACK"), repoVar + "=" + repoDir(t)}
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: ordinaryUID, Gid: ordinaryUID}}
		out, err := cmd.CombinedOutput()
		t.Logf("as uid %d:\n%s", ordinaryUID, out)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(out), "PASS") {
			t.Fatal("the run as an ordinary user did not say that it passed")
		}
	})
}

const repoVar = "HONE_ATTACK_REPO"

func repoDir(t *testing.T) string {
	if d := os.Getenv(repoVar); d != "" {
		return d
	}
	d, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// publicDir is a temporary directory that every user can reach.
func publicDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "hone-attack")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// copyOfTest copies the running test binary to where every user can start it.
func copyOfTest(t *testing.T, dir string) string {
	t.Helper()
	in, err := os.Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	name := filepath.Join(dir, "judge.test")
	out, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(out.Chmod(0o755), out.Close()); err != nil {
		t.Fatal(err)
	}
	return name
}

// ---------- what attacks aim at ----------

// world is the outside: files to change, secrets to read, listeners to reach.
type world struct {
	sentinel, home, repo string
	tcp                  net.Listener
	udp                  net.PacketConn
	reached              chan string
	abstract             string
	before               map[string]string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	dir := publicDir(t)
	w := &world{sentinel: filepath.Join(dir, "sentinel"), home: filepath.Join(dir, "home"), repo: repoDir(t), reached: make(chan string, 1000), abstract: fmt.Sprintf("hone-attack-%d", os.Getpid())}
	must := func(errs ...error) {
		t.Helper()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
	}
	open := filepath.Join(w.sentinel, "open")
	must(
		os.MkdirAll(filepath.Join(open, "empty"), 0o755), os.MkdirAll(filepath.Join(w.home, ".ssh"), 0o755),
		os.WriteFile(filepath.Join(w.sentinel, "victim"), []byte("secret"), 0o644), os.WriteFile(filepath.Join(open, "victim"), []byte("secret"), 0o644),
		os.WriteFile(filepath.Join(w.home, ".ssh", "id_rsa"), []byte("secret"), 0o644),
		// Nothing but the sandbox protects these.
		os.Chmod(open, 0o777), os.Chmod(filepath.Join(open, "empty"), 0o777), os.Chmod(filepath.Join(open, "victim"), 0o666),
	)
	t.Setenv("HOME", w.home)
	t.Setenv("HONE_TEST_SECRET", "SECRET")
	// A descriptor that is inherited by every process started from here, as a careless parent of Hone leaves it.
	fd, err := syscall.Open(w.sentinel, syscall.O_RDONLY|syscall.O_DIRECTORY, 0)
	must(err)
	t.Cleanup(func() { syscall.Close(fd) })

	listen := func(network, addr string) {
		l, err := net.Listen(network, addr)
		must(err)
		t.Cleanup(func() { l.Close() })
		if w.tcp == nil {
			w.tcp = l
		}
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				w.reached <- network + " " + addr
				c.Close()
			}
		}()
	}
	packets := func(network, addr string) {
		c, err := net.ListenPacket(network, addr)
		must(err)
		t.Cleanup(func() { c.Close() })
		if w.udp == nil {
			w.udp = c
		}
		go func() {
			b := make([]byte, 100)
			for {
				if _, _, err := c.ReadFrom(b); err != nil {
					return
				}
				w.reached <- network + " " + addr
			}
		}()
	}
	listen("tcp", "127.0.0.1:0")
	packets("udp", "127.0.0.1:0")
	for _, n := range []string{w.unix(), "@" + w.abstract} {
		listen("unix", n)
	}
	for _, n := range []string{w.unix() + "gram", "@" + w.abstract + "gram"} {
		packets("unixgram", n)
	}
	must(os.Chmod(w.unix(), 0o777), os.Chmod(w.unix()+"gram", 0o777))
	w.before = w.snapshot(t)
	return w
}

func (w *world) unix() string { return filepath.Join(w.sentinel, "socket") }

// filler puts the targets into an attack's source.
func (w *world) filler(victim int) *strings.Replacer {
	_, tcp, _ := net.SplitHostPort(w.tcp.Addr().String())
	_, udp, _ := net.SplitHostPort(w.udp.LocalAddr().String())
	return strings.NewReplacer("@VICTIM@", strconv.Itoa(victim), "@SUPERVISOR@", strconv.Itoa(os.Getpid()), "@TCP@", tcp, "@UDP@", udp,
		"@UNIX@", w.unix(), "@UNIXGRAM@", w.unix()+"gram", "@ABSTRACT@", w.abstract, "@SENTINEL@", w.sentinel, "@HOME@", w.home, "@REPO@", w.repo, "@MARK@", mark)
}

// snapshot describes everything below the attacked directories, and some system files.
func (w *world) snapshot(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	note := func(p string) {
		var st syscall.Stat_t
		if err := syscall.Lstat(p, &st); err == nil {
			out[p] = fmt.Sprintf("mode %o uid %d gid %d links %d", st.Mode, st.Uid, st.Gid, st.Nlink)
			if strings.HasPrefix(p, w.sentinel) || strings.HasPrefix(p, w.home) {
				out[p] += fmt.Sprintf(" inode %d size %d modified %v changed %v", st.Ino, st.Size, st.Mtim, st.Ctim)
			}
		}
	}
	for _, root := range []string{w.sentinel, w.home} {
		if err := filepath.WalkDir(root, func(p string, _ fs.DirEntry, err error) error { note(p); return err }); err != nil {
			t.Errorf("an attacked directory: %v", err)
		}
	}
	for _, p := range []string{"/dev/null", "/dev/zero", "/dev/random", "/dev/urandom", "/usr", "/bin/sh", "/etc/passwd"} {
		note(p)
	}
	return out
}

func (w *world) check(t *testing.T, uids []int) {
	t.Helper()
	after := w.snapshot(t)
	for p, s := range w.before {
		if after[p] != s {
			t.Errorf("%s was changed:\n  %s\n  %s", p, s, after[p])
		}
	}
	for p := range after {
		if w.before[p] == "" {
			t.Errorf("%s was made", p)
		}
	}
	wd, err := os.Getwd()
	if err != nil {
		t.Error(err)
	}
	for _, dir := range []string{"/", "/tmp", "/var/tmp", "/dev/shm", "/usr", "/etc", "/home", "/root", wd, w.repo, os.TempDir()} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue
		}
		for _, e := range entries {
			info, err := e.Info()
			if strings.Contains(e.Name(), mark) || err == nil && os.Geteuid() == 0 && slices.Contains(uids, int(info.Sys().(*syscall.Stat_t).Uid)) {
				t.Errorf("an attack left %s", filepath.Join(dir, e.Name()))
			}
		}
	}
	select {
	case what := <-w.reached:
		t.Errorf("an attack reached %s (and %d more)", what, len(w.reached))
	case <-time.After(50 * time.Millisecond):
	}
}

// victim is a process of the candidates' own user that notices signals and changed limits.
type victim struct {
	cmd   *exec.Cmd
	in    io.Writer
	out   *bufio.Reader
	first string
}

const victimProgram = `
import os, resource, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
for _ in sys.stdin:
    print(sorted(signal.sigpending()), [resource.getrlimit(i) for i in range(16)], os.getpriority(os.PRIO_PROCESS, 0), os.sched_getaffinity(0), os.sched_getscheduler(0), flush=True)
`

func newVictim(t *testing.T, uid int) *victim {
	t.Helper()
	cmd := exec.Command("/usr/bin/python3", "-c", victimProgram)
	cmd.Dir = "/"
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(uid)}}
	}
	in, err1 := cmd.StdinPipe()
	out, err2 := cmd.StdoutPipe()
	if err := errors.Join(err1, err2, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	v := &victim{cmd: cmd, in: in, out: bufio.NewReader(out)}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	v.first = v.ask(t)
	return v
}

func (v *victim) ask(t *testing.T) string {
	timer := time.AfterFunc(5*time.Second, func() { v.cmd.Process.Kill() }) // it was stopped
	defer timer.Stop()
	fmt.Fprintln(v.in, "?")
	s, err := v.out.ReadString('\n')
	if err != nil {
		t.Errorf("the victim process is gone: %v", err)
	}
	return s
}

func (v *victim) check(t *testing.T) {
	if now := v.ask(t); now != v.first {
		t.Errorf("the victim process was touched:\n  %s  %s", v.first, now)
	}
}

// ---------- processes ----------

func statusLine(pid int, key string) string {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(b)) {
		if v, ok := strings.CutPrefix(line, key+":"); ok {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

func processUID(t *testing.T, pid int) int {
	t.Helper()
	var uid int
	if _, err := fmt.Sscan(statusLine(pid, "Uid"), &uid); err != nil {
		t.Fatal(err)
	}
	return uid
}

// alive is false for a process that is gone or only waits to be reaped by whoever inherited it.
func alive(pid int) bool {
	s := statusLine(pid, "State")
	return s != "" && !strings.HasPrefix(s, "Z") && !strings.HasPrefix(s, "X")
}

func children(pid int) []int {
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	var out []int
	for _, l := range lists {
		b, _ := os.ReadFile(l)
		for _, f := range strings.Fields(string(b)) {
			if n, err := strconv.Atoi(f); err == nil {
				out = append(out, n)
			}
		}
	}
	return out
}

func descendants(pid int) []int {
	var out []int
	for _, c := range children(pid) {
		out = append(append(out, c), descendants(c)...)
	}
	return out
}

// adopt makes this process the parent of every orphan among its descendants, so
// that none can hide from checkProcesses.
func adopt(t *testing.T) {
	t.Helper()
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		t.Fatal(err)
	}
}

// checkProcesses reports, and ends, processes other than expected that attacks left behind.
func checkProcesses(t *testing.T, expected []int) {
	t.Helper()
	for _, pid := range descendants(os.Getpid()) {
		if !slices.Contains(expected, pid) && alive(pid) {
			b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
			t.Errorf("process %d was left: %.60q", pid, b)
			syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}

// TestKilledJudge kills a judging process outright. Nothing of it may stay.
func TestKilledJudge(t *testing.T) {
	if testing.Short() {
		t.Skip("slow")
	}
	if tier := os.Getenv(helperVar); tier != "" {
		judgeUntilKilled(t, sandbox.Tier(tier))
		return
	}
	asEachUser(t, func(t *testing.T) {
		for _, tier := range []sandbox.Tier{sandbox.TierFull, sandbox.TierLandlock} {
			t.Run(string(tier), func(t *testing.T) {
				attackPython(t, tier)
				killJudge(t, tier)
			})
		}
	})
}

const helperVar = "HONE_ATTACK_HELPER"

var lingerers = []string{
	"while True: pass",
	"import time\nwhile True: time.sleep(100)",
	"import os, signal, time\nfor s in range(1, 65):\n  try: signal.signal(s, signal.SIG_IGN)\n  except (OSError, ValueError): pass\nos.closerange(0, 1024)\nwhile True:\n  try: os.setsid()\n  except OSError: pass\n  time.sleep(1)",
	"import ctypes, threading, time\nfor i in range(10): threading.Thread(target=time.sleep, args=(100,)).start()\nwhile True: ctypes.CDLL(None).vfork()",
}

// judgeUntilKilled is the judging process.
func judgeUntilKilled(t *testing.T, tier sandbox.Tier) {
	py := attackPython(t, tier)
	j, err := judge.New(t.Context(), judge.Config{Python: py, Tier: tier, Workers: len(lingerers), Limits: judge.Limits{PerTest: time.Minute}})
	if err != nil {
		t.Fatal(err)
	}
	p := attackProblems(t)["data"]
	var wg sync.WaitGroup
	for _, prog := range lingerers {
		wg.Go(func() {
			for {
				if _, err := j.Verify(context.Background(), p, prog); err != nil {
					return
				}
			}
		})
	}
	time.Sleep(700 * time.Millisecond)
	pids := j.PIDs()
	for _, pid := range j.PIDs() {
		pids = append(pids, children(pid)...)
	}
	fmt.Printf("PIDS %v\n", strings.Trim(fmt.Sprint(pids), "[]"))
	wg.Wait()
}

func killJudge(t *testing.T, tier sandbox.Tier) {
	cmd := exec.Command("/proc/self/exe", "-test.run=^TestKilledJudge$")
	cmd.Env = append(os.Environ(), helperVar+"="+string(tier))
	out, err := cmd.StdoutPipe()
	if err := errors.Join(err, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()
	var pids []int
	lines := bufio.NewScanner(out)
	for len(pids) == 0 && lines.Scan() {
		if s, ok := strings.CutPrefix(lines.Text(), "PIDS "); ok {
			for _, f := range strings.Fields(s) {
				n, err := strconv.Atoi(f)
				if err != nil {
					t.Fatal(err)
				}
				pids = append(pids, n)
			}
		}
	}
	if len(pids) < 2*len(lingerers)-1 {
		t.Fatalf("the judging process showed only processes %v", pids)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	t0 := time.Now()
	for left := pids; ; time.Sleep(5 * time.Millisecond) {
		left = slices.DeleteFunc(left, func(pid int) bool { return !alive(pid) })
		if len(left) == 0 {
			t.Logf("%d processes gone after %s", len(pids), time.Since(t0).Round(time.Millisecond))
			return
		}
		if time.Since(t0) > 3*time.Second {
			for _, pid := range left {
				syscall.Kill(pid, syscall.SIGKILL)
			}
			t.Fatalf("processes %v outlive their judge", left)
		}
	}
}

// TestNeighbours judges greedy programs and innocent ones at the same time: the
// latter must not notice.
func TestNeighbours(t *testing.T) {
	if testing.Short() {
		t.Skip("slow")
	}
	asEachUser(t, func(t *testing.T) {
		for _, tier := range []sandbox.Tier{sandbox.TierFull, sandbox.TierLandlock} {
			t.Run(string(tier), func(t *testing.T) {
				j, err := judge.New(t.Context(), attackConfig(attackPython(t, tier), tier, 2))
				if err != nil {
					t.Fatal(err)
				}
				defer j.Close()
				p := attackProblems(t)["data"]
				var wg sync.WaitGroup
				stop := make(chan struct{})
				wg.Go(func() {
					defer close(stop)
					for _, a := range readAttacks(t) {
						switch a.name {
						case "thread_bomb", "timers", "notify_flood", "memory_files", "kill_others", "scratch_fill":
							try(t, j, p, a.name, strings.NewReplacer("@VICTIM@", "999999", "@SUPERVISOR@", "999999", "@MARK@", mark).Replace(a.source))
						}
					}
				})
				n := 0
				for running := true; running; n++ {
					select {
					case <-stop:
						running = false
					default:
					}
					v, err := j.Verify(t.Context(), p, innocent)
					if err != nil || v.Verdict != problem.Pass {
						t.Fatalf("an innocent program got %q beside a greedy one (%v): %+v", v.Verdict, err, v.Tests)
					}
				}
				wg.Wait()
				t.Logf("%d innocent programs judged", n)
			})
		}
	})
}

// TestForbidden: a refused call is named in every mode and tier, also when the
// program has the right answers.
func TestForbidden(t *testing.T) {
	for _, tier := range []sandbox.Tier{sandbox.TierFull, sandbox.TierLandlock} {
		j, err := judge.New(t.Context(), attackConfig(attackPython(t, tier), tier, 1))
		if err != nil {
			t.Fatal(err)
		}
		defer j.Close()
		for mode, p := range attackProblems(t) {
			for call, want := range map[string]string{
				"import socket; socket.socket()": "socket", "import os; os.fork()": "fork", "import os; os.execv('/bin/true', ['true'])": "execve",
			} {
				v, err := j.Verify(t.Context(), p, innocent+"\ntry:\n  "+call+"\nexcept OSError: pass\n")
				if err != nil || v.Verdict != problem.Forbidden || !strings.Contains(v.Tests[0].Error, "refused system call: "+want) {
					t.Errorf("%s, %s: %q is %s (%v): %+v", tier, mode, call, v.Verdict, err, v.Tests)
				}
			}
		}
	}
}

// TestObjectsInArguments: objects that a program puts into the test's own list are
// believed as little as objects that it returns.
func TestObjectsInArguments(t *testing.T) {
	j := newJudge(t, judge.Config{Workers: 1})
	p := &problem.Problem{Benchmark: "attack", TaskID: "arguments", Tests: []problem.Test{
		test(t, "fills", problem.KindAssert, problem.AssertSpec{Code: "l = [1]\nfill(l)\nassert l[0] != 1"}),
	}}
	for program, want := range map[string]problem.Outcome{
		"def fill(l): l[0] = 2": problem.Pass,
		"def fill(l): l[0] = 1": problem.WrongAnswer,
		"class A:\n  def __ne__(s, o): return True\ndef fill(l): l[0] = A()": problem.WrongAnswer,
	} {
		v, err := j.Verify(t.Context(), p, program)
		if err != nil || v.Verdict != want || v.Judge != problem.ModeSplit {
			t.Errorf("%q: %s, want %s (%s, %v): %+v", program, v.Verdict, want, v.Judge, err, v.Tests)
		}
	}
}

// TestStageVariable: the variable that marks a sandbox stage does nothing in an ordinary run.
func TestStageVariable(t *testing.T) {
	if os.Getenv(helperVar) == "plain" {
		fmt.Println("an ordinary run")
		return
	}
	stage := `{"Tier":"landlock","Python":"/bin/echo","Binds":[],"ScratchOptions":"","UID":0}`
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	seq, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_SEQPACKET|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string]*os.File{
		"nothing": nil, "a file": null,
		"a stream socket": os.NewFile(uintptr(pair[0]), "stream"), "a packet socket": os.NewFile(uintptr(seq[0]), "packets"),
	} {
		cmd := exec.Command("/proc/self/exe", "-test.run=^TestStageVariable$", "-test.v")
		cmd.Env = append(os.Environ(), "HONE_SANDBOX_STAGE="+stage, helperVar+"=plain")
		if file != nil {
			cmd.ExtraFiles = []*os.File{file}
			defer file.Close()
		}
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), "an ordinary run") {
			t.Errorf("with %s on descriptor 3 the variable changed what ran (%v):\n%s", name, err, out)
		}
	}
	syscall.Close(pair[1])
	syscall.Close(seq[1])
}
