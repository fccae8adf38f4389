//go:build linux

package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// excerptSamples are three programs for each task of the embedded excerpt, none of
// which times out.
var excerptSamples = sync.OnceValue(func() string {
	z, err := gzip.NewReader(bytes.NewReader(demoCompletions))
	if err != nil {
		panic(err)
	}
	var out strings.Builder
	dec := json.NewDecoder(z)
	for {
		var row struct {
			TaskID     string `json:"task_id"`
			Sample     int    `json:"sample"`
			Completion string `json:"completion"`
		}
		if err := dec.Decode(&row); err == io.EOF {
			return out.String()
		} else if err != nil {
			panic(err)
		}
		if row.Sample >= 3 {
			continue
		}
		b, err := json.Marshal(row)
		if err != nil {
			panic(err)
		}
		out.Write(append(b, '\n'))
	}
})

const excerptPrograms = 3 * 164

// excerpt is a user with the excerpt's files and the arguments to judge them.
func excerpt(t *testing.T) (*user, []string) {
	t.Helper()
	u := newUser(t)
	u.write("p.jsonl", string(demoProblems))
	u.write("s.jsonl", excerptSamples())
	return u, []string{"judge", "--problems", "p.jsonl", "--samples", "s.jsonl"}
}

// uninterrupted are the rows of an undisturbed run over the excerpt, made once.
var uninterrupted = struct {
	once sync.Once
	rows string
}{}

func baseline(t *testing.T) string {
	t.Helper()
	uninterrupted.once.Do(func() {
		u, args := excerpt(t)
		u.hone(append(args, "--cache", "off", "--out", "v.jsonl")...).exits(0)
		uninterrupted.rows = u.timeless("v.jsonl")
	})
	if n := strings.Count(uninterrupted.rows, "\n"); n != excerptPrograms {
		t.Fatalf("the uninterrupted run has %d rows", n)
	}
	if strings.Contains(uninterrupted.rows, `"timeout"`) {
		t.Fatal("a sample times out: it would make these tests slow and uncertain")
	}
	return uninterrupted.rows
}

// leftovers are processes of sandboxes whose hone is gone: they became our children.
func leftovers(t *testing.T) (pids []int) {
	t.Helper()
	for _, pid := range children(os.Getpid()) {
		comm, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
		if name := strings.TrimSpace(string(comm)); err != nil || name != "exe" && !strings.HasPrefix(name, "python") {
			continue
		}
		var ws syscall.WaitStatus
		if done, err := syscall.Wait4(pid, &ws, syscall.WNOHANG, nil); err == nil && done == pid {
			continue // it has ended
		}
		pids = append(pids, pid)
	}
	return pids
}

// children lists the processes whose parent is pid.
func children(pid int) (pids []int) {
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, l := range lists {
		b, err := os.ReadFile(l)
		if err != nil {
			continue
		}
		for _, f := range strings.Fields(string(b)) {
			if n, err := strconv.Atoi(f); err == nil {
				pids = append(pids, n)
			}
		}
	}
	return pids
}

// descendants are the processes below pid.
func descendants(pid int) (pids []int) {
	for _, c := range children(pid) {
		pids = append(append(pids, c), descendants(c)...)
	}
	return pids
}

// TestKilledAnytime: kill -9 at 20 random moments, and the rows are in the end those
// of an uninterrupted run. Nothing is left running.
func TestKilledAnytime(t *testing.T) {
	t.Parallel()
	want := baseline(t)
	for i, cache := range []string{"off", "on"} {
		t.Run("cache "+cache, func(t *testing.T) {
			t.Parallel()
			u, args := excerpt(t)
			args = append(args, "--out", "v.jsonl")
			if cache == "off" {
				args = append(args, "--cache", "off")
			}
			rng := rand.New(rand.NewPCG(20, uint64(i)))
			finished, resumed := 0, 0
			for kills := 0; kills < 20; {
				before := u.size("v.jsonl.part")
				r := u.start(args...)
				if kills%2 == 0 { // every other one when there is something to lose
					until(t, "rows are written", time.Minute, func() bool { return u.size("v.jsonl.part") > before || u.exists("v.jsonl") })
				}
				time.Sleep(time.Duration(rng.Int64N(int64(500 * time.Millisecond))))
				r.signal(syscall.SIGKILL)
				res := r.wait()
				until(t, "no process is left of a killed hone", time.Minute, func() bool { return len(leftovers(t)) == 0 })
				if res.signal == syscall.SIGKILL {
					kills++
					if u.size("v.jsonl.part") > 0 {
						resumed++
					}
					continue
				}
				// It was faster. The rows have to be right, and we begin again.
				res.exits(0)
				sameRows(t, u.timeless("v.jsonl"), want)
				finished++
				u.remove("v.jsonl", "v.jsonl.run.json", ".cache")
			}
			r := u.hone(args...).exits(0).prints(fmt.Sprintf("%d programs for 164 of 164 tasks", excerptPrograms))
			sameRows(t, u.timeless("v.jsonl"), want)
			if resumed < 5 {
				t.Errorf("only %d kills came after the first row", resumed)
			}
			if u.exists("v.jsonl.part") {
				t.Error("a complete run left its .part")
			}
			t.Logf("20 kills, %d with rows on disk, %d runs completed between them; the last: %s", resumed, finished, lastLine(r.out))
		})
	}
}

func lastLine(s string) string {
	s = strings.TrimSpace(s)
	return s[strings.LastIndexByte(s, '\n')+1:]
}

// TestWorkersKilled: processes of sandboxes are killed under the judge, as a kernel
// short of memory does. No verdict is lost or wrong.
func TestWorkersKilled(t *testing.T) {
	t.Parallel()
	want := baseline(t)
	u, args := excerpt(t)
	rng := rand.New(rand.NewPCG(20, 2))
	for tries := 1; ; tries++ {
		r := u.start(append(args, "--cache", "off", "--out", "v.jsonl", "-v", "--workers", "2")...)
		until(t, "it has started", time.Minute, func() bool { return u.exists("v.jsonl.part") || u.exists("v.jsonl") })
		ended := make(chan result)
		go func() { ended <- r.wait() }()
		killed, before := 0, int64(-1)
		var res result
		for res.t == nil {
			select {
			case res = <-ended:
				continue
			case <-time.After(time.Duration(rng.Int64N(int64(100 * time.Millisecond)))):
			}
			// One that is killed thrice under the same program is that program's fault: let it get on.
			now := u.size("v.jsonl.part")
			if all := descendants(r.cmd.Process.Pid); killed < 15 && now != before && len(all) > 0 && syscall.Kill(all[rng.IntN(len(all))], syscall.SIGKILL) == nil {
				killed++
				before = now
			}
		}
		res.exits(0).prints(fmt.Sprintf("%d programs", excerptPrograms))
		sameRows(t, u.timeless("v.jsonl"), want)
		replaced := strings.Count(res.err, "a sandbox was lost and is replaced")
		if killed >= 3 && replaced > 0 {
			t.Logf("%d processes killed, %d sandboxes replaced", killed, replaced)
			return
		}
		if tries == 5 {
			t.Fatalf("%d processes were killed, %d replaced\n%s", killed, replaced, res.err)
		}
		u.remove("v.jsonl", "v.jsonl.run.json") // it was faster than we are: again
	}
}

// TestInterrupted: after Ctrl-C or SIGTERM the running programs finish, what is
// judged is safe, and the same command goes on from there.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	want := baseline(t)
	for name, sig := range map[string]syscall.Signal{"SIGINT": syscall.SIGINT, "SIGTERM": syscall.SIGTERM} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u, args := excerpt(t)
			args = append(args, "--cache", "off", "--out", "v.jsonl")
			late := func() bool {
				return !u.exists("v.jsonl.part") || strings.Count(u.read("v.jsonl.part"), "\n") == excerptPrograms
			}
			var res result
			for tries := 1; ; tries++ {
				r := u.start(append(args, "--workers", "1")...)
				until(t, "the first rows are on disk", time.Minute, func() bool { return u.size("v.jsonl.part") > 0 || u.exists("v.jsonl") })
				r.signal(sig)
				if res = r.wait(); !late() || tries == 5 {
					break
				}
				u.remove("v.jsonl", "v.jsonl.part", "v.jsonl.run.json") // it was faster than we are: again
			}
			res.exits(exitInterrupted).says("finishing the programs that are running and saving; Ctrl-C again stops at once", "the same command goes on from there")
			safe := mustMatch(t, res.err, `hone: (\d+) verdicts are safe in v.jsonl.part`)
			if got := strings.Count(u.read("v.jsonl.part"), "\n"); got != safe || got == 0 || got >= excerptPrograms {
				t.Errorf("%d rows are on disk, %d are said to be", got, safe)
			}
			u.hone(args...).exits(0).prints(fmt.Sprintf("v.jsonl (%d of them from an earlier run)", safe))
			sameRows(t, u.timeless("v.jsonl"), want)
		})
	}
}

func mustMatch(t *testing.T, text, pattern string) int {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("%q is not in\n%s", pattern, text)
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestInterruptedTwice: the second Ctrl-C does not wait for a program that sleeps,
// nor does SIGTERM, and what was judged before is safe.
func TestInterruptedTwice(t *testing.T) {
	t.Parallel()
	for name, sig := range map[string]syscall.Signal{"SIGINT": syscall.SIGINT, "SIGTERM": syscall.SIGTERM} {
		for _, tier := range []string{"full", "landlock"} {
			t.Run(name+" "+tier, func(t *testing.T) {
				t.Parallel()
				u := newUser(t)
				u.write("p.jsonl", addition())
				u.write("s.jsonl", right("own/0")+"\n"+asleep("own/1", 100)+"\n"+right("own/2"))
				args := []string{"judge", "--problems", "p.jsonl", "--samples", "s.jsonl", "--out", "v.jsonl", "--timeout", "200s", "--workers", "1", "--tier", tier}
				if r := u.hone("doctor"); !strings.Contains(r.out, "✓ tier "+tier) {
					t.Skipf("NOT RUN: tier %s does not work here", tier)
				}
				r := u.start(args...)
				until(t, "the first row is on disk", time.Minute, func() bool { return u.size("v.jsonl.part") > 0 })
				r.signal(sig)
				r.said("again stops at once")
				time.Sleep(300 * time.Millisecond)
				if !r.lives() {
					t.Fatal("the first one did not wait for the program")
				}
				t0 := time.Now()
				r.signal(sig)
				r.wait().exits(exitInterrupted).says("1 verdict is safe in v.jsonl.part; the same command goes on from there")
				if took := time.Since(t0); took > 90*time.Second { // the program sleeps 100 s
					t.Errorf("ended after %v", took)
				}
				until(t, "no process is left", time.Minute, func() bool { return len(leftovers(t)) == 0 })
				wantOutcomes(t, u.verdicts("v.jsonl.part"), "own/0 0 pass")
			})
		}
	}
}

// TestInterruptedEarly: while input is read there is nothing to finish, and one Ctrl-C ends it.
func TestInterruptedEarly(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.write("p.jsonl", addition())
	for _, args := range [][]string{{"--problems", "p.jsonl", "--samples", "-"}, {"--problems", "-", "--samples", "p.jsonl"}} {
		r := u.command(append([]string{"judge"}, args...)...)
		pr, pw, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		r.cmd.Stdin = pr
		r.start()
		if _, err := pw.WriteString("\n"); err != nil {
			t.Fatal(err)
		}
		until(t, "it reads its input", time.Minute, func() bool {
			n, err := unix.IoctlGetInt(int(pr.Fd()), unix.TIOCINQ)
			return err == nil && n == 0
		})
		r.signal(syscall.SIGINT)
		r.wait().exits(exitInterrupted)
		pr.Close()
		pw.Close()
	}
}

// TestTwoAtOnce: a second process on the same file is refused, and disturbs nothing.
func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.write("p.jsonl", addition())
	u.write("s.jsonl", right("own/0")+"\nbad row\n"+right("own/1"))
	args := []string{"judge", "--problems", "p.jsonl", "--samples", "s.jsonl", "--out", "v.jsonl"}
	// The first cannot end before we let it say that a row is bad: the pipe for that is full.
	pr, pw := fullPipe(t)
	r := u.command(args...)
	r.cmd.Stderr = pw
	r.start()
	pw.Close()
	until(t, "the first has its file", time.Minute, func() bool { return u.size("v.jsonl.part") > 0 })
	for _, more := range []string{"-v", "--force"} {
		u.hone(append(args, more)...).exits(1).says("v.jsonl: another process is writing it", "wait for it or choose another --out")
	}
	if !r.lives() {
		t.Error("the first did not wait")
	}
	go io.Copy(io.Discard, pr)
	r.wait().exits(0)
	wantOutcomes(t, u.verdicts("v.jsonl"), "own/0 0 pass", "own/1 0 pass")
}

// TestOtherInputs: an output file belongs to its inputs; others are refused without --force.
func TestOtherInputs(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.write("p.jsonl", addition())
	u.write("s.jsonl", right("own/0"))
	u.write("s2.jsonl", right("own/1"))
	u.write("p2.jsonl", strings.Replace(addition(), `"expected":3`, `"expected":4`, 1))
	u.hone("judge", "--problems", "p.jsonl", "--samples", "s.jsonl", "--out", "v.jsonl").exits(0)
	before := u.read("v.jsonl")
	for _, other := range [][]string{
		{"--problems", "p.jsonl", "--samples", "s2.jsonl"},
		{"--problems", "p2.jsonl", "--samples", "s.jsonl"},
		{"--problems", "p.jsonl", "--reference"},
		{"--problems", "p.jsonl", "--samples", "s.jsonl", "--timeout", "3s"},
		{"--problems", "p.jsonl", "--samples", "s.jsonl", "--memory", "512"},
		{"--problems", "p.jsonl", "--samples", "s.jsonl", "--no-in-process"},
	} {
		u.hone(append([]string{"judge", "--out", "v.jsonl"}, other...)...).exits(1).
			says("v.jsonl: made from other inputs", "use --force to replace it, or another --out")
		if u.read("v.jsonl") != before {
			t.Fatalf("%v changed the file", other)
		}
	}
	// Copies of the inputs are the same inputs.
	u.write("copy.jsonl", u.read("s.jsonl"))
	u.hone("judge", "--problems", "p.jsonl", "--samples", "copy.jsonl", "--out", "v.jsonl").exits(0).prints("it was complete")
	u.hone("judge", "--problems", "p.jsonl", "--samples", "s2.jsonl", "--out", "v.jsonl", "--force").exits(0)
	wantOutcomes(t, u.verdicts("v.jsonl"), "own/1 0 pass")

	// The same for a run that was interrupted.
	u.write("sleepy.jsonl", right("own/0")+"\n"+asleep("own/1", 100))
	r := u.start("judge", "--problems", "p.jsonl", "--samples", "sleepy.jsonl", "--out", "w.jsonl", "--timeout", "200s")
	until(t, "a row is on disk", time.Minute, func() bool { return u.size("w.jsonl.part") > 0 })
	r.signal(syscall.SIGKILL)
	r.wait()
	part := u.read("w.jsonl.part")
	u.hone("judge", "--problems", "p.jsonl", "--samples", "s.jsonl", "--out", "w.jsonl").exits(1).says("w.jsonl: made from other inputs", "--force")
	if u.read("w.jsonl.part") != part {
		t.Error("a refused run changed the .part")
	}
}

// TestFinishedAgain: the same command on a complete file prints the same and runs nothing.
func TestFinishedAgain(t *testing.T) {
	t.Parallel()
	u, args := excerpt(t)
	u.write("s.jsonl", excerptSamples()+"bad row\n")
	args = append(args, "--out", "v.jsonl")
	first := u.hone(args...).exits(0)
	rows := u.read("v.jsonl")
	again := u.hone(args...).exits(0)
	if u.read("v.jsonl") != rows {
		t.Error("the file changed")
	}
	same := func(out string) []string {
		lines := strings.Split(out, "\n")
		return slices.DeleteFunc(lines, func(l string) bool {
			return strings.HasPrefix(l, "verdicts: ") || strings.Contains(l, "input row was skipped")
		})
	}
	if a, b := same(first.out), same(again.out); !slices.Equal(a, b) {
		t.Errorf("first\n%s\nthen\n%s", first.out, again.out)
	}
	again.prints("verdicts: v.jsonl (it was complete: nothing was run)")
}
