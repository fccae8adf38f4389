package judge_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"hone/internal/hostile"
	"hone/judge"
	"hone/problem"
	"hone/sandbox"
)

// The attack suite: hostile programs, none of which solves its problem, in every
// tier and as every kind of user. A program must not pass a single test, must not
// leave the denominator, must not hurt the program judged next, and must leave no
// trace outside; the last is checked from outside. A program that finds out by
// itself that something was possible raises "LEAK: …".

// ordinaryUID is whom the suite runs as when root has it run as an ordinary user.
const ordinaryUID = 54321

// readAttacks are the programs of package hostile, one that kills itself for each signal.
func readAttacks(t *testing.T) []hostile.Program {
	t.Helper()
	programs, err := hostile.Programs()
	if err != nil {
		t.Fatal(err)
	}
	var out []hostile.Program
	for _, p := range programs {
		if p.Name != hostile.KillSelf {
			out = append(out, p)
			continue
		}
		for sig := 1; sig <= 64; sig++ {
			v := p
			v.Name = fmt.Sprintf("%s_%d", p.Name, sig)
			v.Source = strings.ReplaceAll(p.Source, "@SIGNAL@", strconv.Itoa(sig))
			out = append(out, v)
		}
	}
	return out
}

// innocent solves every problem, and only where no earlier program left anything.
const innocent = hostile.Solution + `
import os, sys, threading, signal, resource, fcntl
assert 1 + 1 == 2 and 3 * 7 == 21 and str(5) == '5' and not False
assert 'ATTACK' not in os.environ and 'attack' not in sys.modules
assert os.umask(0o22) != 0o777 and signal.pthread_sigmask(signal.SIG_BLOCK, []) == set()
assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 16
assert not any(fcntl.fcntl(fd, fcntl.F_GETFL) & (os.O_NONBLOCK | os.O_APPEND) for fd in (0, 1, 2)), 'streams'
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
	s := func(n int) int64 { return int64(hostile.Secret(n)) }
	return map[string]*problem.Problem{
		"data": {Benchmark: "attack", TaskID: "data", Tests: []problem.Test{
			assert(1, fmt.Sprintf(`assert f("int", 3) == %d`, hostile.Secret(3))),
			assert(2, fmt.Sprintf(`assert %d == f("int", 4)`, hostile.Secret(4))),
			assert(3, fmt.Sprintf(`assert abs(f("float", 5) - %d / 7) < 1e-6`, hostile.Secret(5))),
			assert(4, fmt.Sprintf(`assert f("tuple", 6) == (%d, "%d")`, hostile.Secret(6), hostile.Secret(6))),
			assert(5, fmt.Sprintf(`assert f("dict", 7) == {%d: [%d / 2]}`, hostile.Secret(7), hostile.Secret(7))),
			call("call 1", "list", problem.CompareEqual, 0, 8, problem.List{s(8), s(8) + 1}),
			call("call 2", "list", problem.CompareEvalPlus, 1e-6, 9, problem.List{s(9), s(9) + 1}),
			call("call 3", "set", problem.CompareSet, 0, 10, problem.Set{s(10), s(10) * 2}),
			call("call 4", "str", "", 0, 11, fmt.Sprintf("v%d", hostile.Secret(11))),
			call("call 5", "float", problem.CompareEqual, 1e-6, 12, float64(hostile.Secret(12))/7),
			call("call 6", "list", problem.CompareEqual, 1e-6, 13, problem.List{s(13), s(13) + 1}),
			call("call 7", "dict", problem.CompareEvalPlus, 1e-6, 14, problem.Dict{{Key: s(14), Value: problem.List{float64(hostile.Secret(14)) / 2}}}),
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
    assert all(map(lambda n: candidate('int', n) == expected(n), range(20, 23)))
    assert list(map(candidate, ['int'] * 2, [30, 31])) == [expected(30), expected(31)]
`}),
			assert(1, fmt.Sprintf(`assert sorted([f("int", 1), f("int", 2)]) == %s`, strings.ReplaceAll(fmt.Sprint(sortedInts(hostile.Secret(1), hostile.Secret(2))), " ", ", "))),
		}},
		"stdio": {Benchmark: "attack", TaskID: "stdio", Tests: []problem.Test{
			test(t, "in 1", problem.KindStdio, problem.StdioSpec{Input: "int 3\n", Outputs: []string{fmt.Sprintln(hostile.Secret(3))}}),
			test(t, "in 2", problem.KindStdio, problem.StdioSpec{Input: "int 4\n", Outputs: []string{fmt.Sprintln(hostile.Secret(4))}, Compare: "lines"}),
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
			t.Run(string(tier), func(t *testing.T) { attackTier(t, tier, false) })
		}
		if os.Geteuid() == 0 {
			t.Run("shared", func(t *testing.T) { attackTier(t, sandbox.TierFull, true) })
		}
	})
}

func attackTier(t *testing.T, tier sandbox.Tier, share bool) {
	py := attackPython(t, tier)
	attacks := readAttacks(t)
	problems := attackProblems(t)
	w, err := hostile.NewWorld(publicDir(t), repoDir(t))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	t.Setenv("HOME", w.Home)
	t.Setenv("HONE_TEST_SECRET", "SECRET")
	type job struct {
		hostile.Program
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
	var total, accepted int
	var effects []string
	started := time.Now()
	for range 2 { // lanes: a judge with one worker each, so that the innocent follows on the same one
		cfg := attackConfig(py, tier, 1)
		cfg.Share = share
		j, err := judge.New(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer j.Close()
		judges = append(judges, j)
		uid := processUID(t, j.PIDs()[0])
		uids = append(uids, uid)
		victim, err := hostile.NewVictim(uid)
		if err != nil {
			t.Fatal(err)
		}
		defer victim.Close()
		own = append(own, victim.PID())
		wg.Go(func() {
			for jb := range jobs {
				t0 := time.Now()
				v := try(t, j, problems[jb.mode], jb.Name+"/"+jb.mode, w.Fill(jb.Source, victim.PID(), os.Getpid()))
				took := time.Since(t0)
				passes := func(kind, program string) {
					good, err := j.Verify(t.Context(), problems[jb.mode], program)
					if err == nil && good.Verdict == problem.Timeout {
						// 0.3 s are soon over where a hypervisor takes the processor away, which no clock here
						// sees. What an attack left behind is there the second time, too.
						t.Logf("after %s/%s %s program timed out; it is run again", jb.Name, jb.mode, kind)
						good, err = j.Verify(t.Context(), problems[jb.mode], program)
					}
					if err != nil || good.Verdict != problem.Pass {
						t.Errorf("after %s/%s %s program got %q (%v): %+v", jb.Name, jb.mode, kind, good.Verdict, err, good.Tests)
					}
				}
				passes("an innocent", innocent)
				if share && jb.mode == "data" { // one that leaves its process to the next, which may be an attack
					passes("a closed", hostile.Solution)
				}
				mu.Lock()
				total++
				if v.Verdict == problem.Pass || v.PassedTests() > 0 {
					accepted++
				}
				for _, r := range v.Tests {
					if strings.Contains(r.Error+r.Got, "LEAK") {
						effects = append(effects, fmt.Sprintf("%s/%s: %s: %s", jb.Name, jb.mode, r.Verdict, r.Error+r.Got))
						break
					}
				}
				if verdicts[jb.Class] == nil {
					verdicts[jb.Class], programs[jb.Class] = map[problem.Outcome]int{}, map[string]bool{}
				}
				verdicts[jb.Class][v.Verdict]++
				programs[jb.Class][jb.Name] = true
				times = append(times, fmt.Sprintf("%5d ms %s/%s", took.Milliseconds(), jb.Name, jb.mode))
				mu.Unlock()
			}
			if err := victim.Check(); err != nil {
				mu.Lock()
				effects = append(effects, err.Error())
				mu.Unlock()
			}
		})
	}
	for _, a := range attacks {
		if only := os.Getenv("HONE_ATTACK"); only != "" && !strings.Contains(a.Name, only) {
			continue
		}
		for _, mode := range a.Against {
			jobs <- job{a, mode}
		}
	}
	close(jobs)
	wg.Wait()
	effects = append(effects, w.Effects(uids)...)
	// A zygote and the child that waits are all that may live, and nothing after Close.
	idle := slices.Clone(own)
	for _, j := range judges {
		for _, pid := range j.PIDs() {
			c := children(pid)
			idle = append(append(idle, pid), c[:min(1, len(c))]...)
		}
	}
	effects = append(effects, killProcesses(idle)...)
	for _, j := range judges {
		j.Close()
	}
	effects = append(effects, killProcesses(own)...)
	for _, e := range effects {
		t.Error(e)
	}
	slices.Sort(times)
	t.Logf("slowest:\n%s", strings.Join(times[max(0, len(times)-36):], "\n"))
	n := 0
	for class, ps := range programs {
		n += len(ps)
		t.Logf("%-24s %3d programs: %v", class, len(ps), verdicts[class])
	}
	t.Logf("%s as uid %d: %d programs, %d verdicts, %d accepted, %d effects, %.1f s", tier, os.Geteuid(), n, total, accepted, len(effects), time.Since(started).Seconds())
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
func try(t *testing.T, j *judge.Judge, p *problem.Problem, name, source string) problem.Verdict {
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
	}
	if took > patience {
		t.Errorf("%s: took %s", name, took)
	}
	if testing.Verbose() && os.Getenv("HONE_ATTACK") != "" {
		t.Logf("%s: %s in %s %+v", name, v.Verdict, took.Round(time.Millisecond), v.Tests)
	}
	return v
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
	// Each worker's zygote and the child that runs its program; on a busy machine that takes a while.
	var pids []int
	for deadline := time.Now().Add(time.Minute); len(pids) < 2*len(lingerers) && time.Now().Before(deadline); {
		time.Sleep(700 * time.Millisecond)
		pids = j.PIDs()
		for _, pid := range j.PIDs() {
			pids = append(pids, children(pid)...)
		}
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
		if time.Since(t0) > time.Minute {
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
				cfg := attackConfig(attackPython(t, tier), tier, 1)
				greedy, err := judge.New(t.Context(), cfg)
				if err != nil {
					t.Fatal(err)
				}
				defer greedy.Close()
				// The innocent are of the same user, but have more time: a retry, as TestAttacks has, would hide what greed did.
				cfg.Limits.PerTest, cfg.Limits.Total = patience, patience
				j, err := judge.New(t.Context(), cfg)
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
						switch a.Name {
						case "thread_bomb", "timers", "notify_flood", "memory_files", "kill_others", "scratch_fill":
							try(t, greedy, p, a.Name, strings.NewReplacer("@VICTIM@", "999999", "@SUPERVISOR@", "999999", "@MARK@", hostile.Mark).Replace(a.Source))
						}
					}
				})
				var cpu []float64
				for running := true; running; {
					select {
					case <-stop:
						running = false
					default:
					}
					v, err := j.Verify(t.Context(), p, innocent)
					if err != nil || v.Verdict != problem.Pass {
						t.Fatalf("an innocent program got %q beside a greedy one (%v): %+v", v.Verdict, err, v.Tests)
					}
					cpu = append(cpu, v.CPUMillis)
				}
				wg.Wait()
				slices.Sort(cpu)
				median := cpu[len(cpu)/2]
				t.Logf("%d innocent programs judged, in %.1f ms of CPU time", len(cpu), median)
				if median > 300 {
					t.Errorf("innocent programs take %.1f ms of CPU time beside greedy ones", median)
				}
			})
		}
	})
}

// TestForbidden: a refused call is named in every mode and tier, also when the
// program has the right answers.
func TestForbidden(t *testing.T) {
	for _, tier := range []sandbox.Tier{sandbox.TierFull, sandbox.TierLandlock} {
		cfg := attackConfig(attackPython(t, tier), tier, 1)
		cfg.Limits.PerTest, cfg.Limits.Total = patience, patience
		j, err := judge.New(t.Context(), cfg)
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
