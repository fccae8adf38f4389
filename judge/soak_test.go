package judge_test

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hone/judge"
	"hone/problem"
)

// TestSoak judges a great many programs of every kind in one process and looks
// for what grows: memory, descriptors, goroutines, processes. Every verdict is
// checked. The count: 1,200, with HONE_LONG 20,000, or HONE_SOAK=N:
//
//	HONE_SOAK=1000000 HONE_SOAK_OUT=$PWD/bench/SOAK.md go test ./judge -run '^TestSoak$' -timeout 3h -v
func TestSoak(t *testing.T) {
	if testing.Short() {
		t.Skip("slow")
	}
	n, out := soakSize(t)
	j := newJudge(t, judge.Config{})
	problems := soakProblems(t)
	for _, p := range problems { // every sandbox a worker can have is there before the first look
		for range 4 * j.Workers() {
			verify(t, j, p, "pass")
		}
	}
	const looks = 20
	fmt.Fprintf(out, "| verdicts | seconds | verdicts/s | Hone, MiB | heap, MiB | sandboxes, MiB | descriptors | goroutines | processes |\n|---|---|---|---|---|---|---|---|---|\n")
	start := time.Now()
	var seen []vitals
	for part := range looks {
		from, to := n*part/looks, n*(part+1)/looks
		t0 := time.Now()
		soak(t, j, problems, from, to)
		if t.Failed() {
			return
		}
		v := look(j)
		seen = append(seen, v)
		fmt.Fprintf(out, "| %d | %.0f | %.0f | %d | %d | %d | %d | %d | %d |\n", to, time.Since(start).Seconds(), float64(to-from)/time.Since(t0).Seconds(),
			v.rss>>20, v.heap>>20, v.sandboxes>>20, v.descriptors, v.goroutines, v.processes)
	}
	// The first tenth may grow: pools fill, plans are made.
	first, last := seen[looks/10], seen[looks-1]
	if last.descriptors > first.descriptors || last.goroutines > first.goroutines || last.processes > first.processes {
		t.Errorf("something stays: %+v, then %+v", first, last)
	}
	if last.rss > first.rss*5/4+16<<20 || last.sandboxes > first.sandboxes*6/5+4<<20 {
		t.Errorf("memory grows: %+v, then %+v", first, last)
	}
}

// soakSize is the number of verdicts and where the table goes.
func soakSize(t *testing.T) (int, io.Writer) {
	n := 1200
	if long() {
		n = 20_000
	}
	if s := os.Getenv("HONE_SOAK"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	name := os.Getenv("HONE_SOAK_OUT")
	if name == "" {
		return n, t.Output()
	}
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	fmt.Fprintf(f, "# Soak: %d verdicts in one process\n\nWritten by `TestSoak` (judge/soak_test.go), %s, %d cores, %s.\nEvery verdict was compared with what it has to be.\n\n",
		n, time.Now().UTC().Format(time.DateOnly), runtime.NumCPU(), runtime.Version())
	return n, io.MultiWriter(t.Output(), f)
}

// soakProblems are one problem of each mode.
func soakProblems(t *testing.T) map[problem.JudgeMode]*problem.Problem {
	one := func(name string, kind problem.Kind, spec any) *problem.Problem {
		return &problem.Problem{Benchmark: "soak", TaskID: name, Tests: []problem.Test{test(t, name, kind, spec)}}
	}
	return map[problem.JudgeMode]*problem.Problem{
		problem.ModeData:      one("data", problem.KindAssert, problem.AssertSpec{Code: "assert add(2, 3) == 5"}),
		problem.ModeSplit:     one("split", problem.KindAssert, problem.AssertSpec{Code: "assert sorted([add(1, 1), add(0, 1)]) == [1, 2]"}),
		problem.ModeStdio:     one("stdio", problem.KindStdio, problem.StdioSpec{Input: "2 3\n", Outputs: []string{"5\n"}}),
		problem.ModeInProcess: one("unittest", problem.KindUnittest, problem.UnittestSpec{Code: "import unittest\nclass T(unittest.TestCase):\n  def test_a(self): self.assertEqual(add(2, 3), 5)"}),
	}
}

// soaked are programs, how many in a thousand there are of each, and what they get.
var soaked = []struct {
	share   int
	mode    problem.JudgeMode
	program string
	want    problem.Outcome
}{
	{700, problem.ModeData, "def add(a, b): return a + b", problem.Pass},
	{150, problem.ModeData, "def add(a, b): return a - b", problem.WrongAnswer},
	{40, problem.ModeData, "import math, collections\ndef add(a, b): return a + c", problem.Exception},
	{20, problem.ModeData, "def add(a, b) return", problem.SyntaxError},
	{10, problem.ModeData, "import os\ndef add(a, b): os.fork()", problem.Forbidden},
	{10, problem.ModeData, "import os\ndef add(a, b): os._exit(1)", problem.ProtocolError},
	{5, problem.ModeData, "import ctypes\ndef add(a, b): ctypes.string_at(8)", problem.Exception},
	{5, problem.ModeData, "import threading, time\nfor _ in range(5): threading.Thread(target=time.sleep, args=(9,), daemon=True).start()\ndef add(a, b): return a + b", problem.Pass},
	{4, problem.ModeData, "def add(a, b): return bytes(1 << 20)", problem.WrongAnswer},
	{1, problem.ModeData, "def add(a, b): return [0] * 10 ** 9", problem.MemoryLimit},
	{25, problem.ModeSplit, "def add(a, b): return a + b", problem.Pass},
	{10, problem.ModeSplit, "class A: pass\ndef add(a, b): return A()", problem.Exception},
	{10, problem.ModeStdio, "print(sum(map(int, input().split())))", problem.Pass},
	{5, problem.ModeStdio, "open('left', 'w').write('x' * 99)\nprint(6)", problem.WrongAnswer},
	{5, problem.ModeInProcess, "def add(a, b): return a + b", problem.Pass},
}

// soak judges programs from … to-1 on all workers.
func soak(t *testing.T, j *judge.Judge, problems map[problem.JudgeMode]*problem.Problem, from, to int) {
	var next atomic.Int64
	next.Store(int64(from))
	var wg sync.WaitGroup
	for range j.Workers() {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < to; i = int(next.Add(1)) - 1 {
				k, at := 0, i*617%1000 // 617 and 1000 have no common factor: every share comes evenly
				for ; at >= soaked[k].share; k++ {
					at -= soaked[k].share
				}
				s := soaked[k]
				if s.mode == problem.ModeStdio && j.Tier() != "full" && strings.Contains(s.program, "open(") {
					continue // nothing can be written there
				}
				v, err := j.Verify(t.Context(), problems[s.mode], fmt.Sprintf("%s\n# %d", s.program, i))
				if err != nil || v.Verdict != s.want {
					t.Errorf("verdict %d: %q got %q, want %q (%v): %+v", i, s.program, v.Verdict, s.want, err, v.Tests)
					return
				}
			}
		})
	}
	wg.Wait()
}

// vitals are what could leak, in bytes and counts.
type vitals struct {
	rss, heap, sandboxes               int64
	descriptors, goroutines, processes int
}

// look measures while no program runs.
func look(j *judge.Judge) vitals {
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fds, _ := os.ReadDir("/proc/self/fd")
	v := vitals{
		rss: residentBytes(os.Getpid()), heap: int64(m.HeapInuse), descriptors: len(fds),
		goroutines: runtime.NumGoroutine(), processes: len(descendants(os.Getpid())),
	}
	for _, pid := range j.PIDs() {
		v.sandboxes += residentBytes(pid)
	}
	return v
}

func residentBytes(pid int) int64 {
	var kib int64
	fmt.Sscan(statusLine(pid, "VmRSS"), &kib)
	return kib << 10
}
