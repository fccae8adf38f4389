package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"hone/judge"
	"hone/problem"
	"hone/sandbox"
)

// turn is what a side did in one turn.
type turn struct {
	Seconds   float64   `json:"seconds"`
	CPU       float64   `json:"cpu"`       // seconds of all its processes
	Latencies []float64 `json:"latencies"` // seconds of each program
	Passed    int       `json:"passed"`
}

// side verifies a workload.
type side interface {
	name() string
	run(ctx context.Context) (turn, error)
	memory() int64 // bytes in use now, by all its processes
	close()
}

// ours is Hone.
type ours struct {
	j       *judge.Judge
	w       *workload
	workers int
	share   bool
}

func newOurs(ctx context.Context, py sandbox.Interpreter, w *workload, workers int, share bool) (*ours, error) {
	j, err := judge.New(ctx, judge.Config{Python: py, Workers: workers, Share: share})
	if err != nil {
		return nil, err
	}
	return &ours{j, w, workers, share}, nil
}

func (o *ours) name() string {
	if o.workers == 1 {
		return "Hone, 1 worker"
	}
	if o.share {
		return fmt.Sprintf("Hone --share, %d workers", o.workers)
	}
	return fmt.Sprintf("Hone, %d workers", o.workers)
}

func (o *ours) memory() int64 {
	sum := proportional(os.Getpid(), false)
	for _, pid := range o.j.PIDs() {
		sum += proportional(pid, true)
	}
	return sum
}

func (o *ours) close() { o.j.Close() }

// run includes reading the tests only in the first turn, which is not counted.
func (o *ours) run(ctx context.Context) (turn, error) {
	var t turn
	before, err := o.cpu()
	if err != nil {
		return t, err
	}
	jobs := func(yield func(judge.Job) bool) {
		for _, it := range o.w.Items {
			if !yield(judge.Job{Problem: it.problem, TaskID: it.Task, Program: it.Solution}) {
				return
			}
		}
	}
	start := time.Now()
	err = judge.Stream(ctx, nil, o.j, jobs, func(v problem.Verdict) error {
		t.Latencies = append(t.Latencies, v.WallMillis/1000)
		if v.Verdict == problem.Pass {
			t.Passed++
		}
		return nil
	})
	if err != nil {
		return t, err
	}
	t.Seconds = time.Since(start).Seconds()
	after, err := o.cpu()
	t.CPU = after - before
	return t, err
}

// cpu is the time of this process, its sandboxes and all that they have reaped.
func (o *ours) cpu() (float64, error) {
	var ru syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &ru); err != nil {
		return 0, err
	}
	sum := float64(ru.Utime.Nano()+ru.Stime.Nano()) / 1e9
	for _, pid := range o.j.PIDs() {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			return 0, err
		}
		f := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
		for _, ticks := range f[11:15] { // utime, stime, cutime, cstime: proc(5)
			n, err := strconv.ParseFloat(ticks, 64)
			if err != nil {
				return 0, err
			}
			sum += n / 100
		}
	}
	return sum, nil
}

// plain is one python3 for each program, with its tests, as a shell script would do it.
type plain struct {
	python string
	w      *workload

	mu      sync.Mutex
	running map[int]bool // process ids
}

func (p *plain) name() string { return "python3 each" }
func (p *plain) close()       {}

func (p *plain) memory() (sum int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for pid := range p.running {
		sum += proportional(pid, true)
	}
	return sum
}

// start starts a program, which done has to forget.
func (p *plain) start(cmd *exec.Cmd) (done func(), err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p.running[cmd.Process.Pid] = true
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.running, cmd.Process.Pid)
	}, nil
}

func (p *plain) run(ctx context.Context) (turn, error) {
	t := turn{Latencies: make([]float64, len(p.w.Items))}
	var next, passed, cpu atomic.Int64
	var wg sync.WaitGroup
	start := time.Now()
	for range runtime.NumCPU() {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(p.w.Items); i = int(next.Add(1)) - 1 {
				t0 := time.Now()
				cmd := exec.CommandContext(ctx, p.python, "-I", "-c", p.w.Items[i].Script)
				done, err := p.start(cmd)
				if err != nil {
					return // it misses among those that passed
				}
				if cmd.Wait() == nil {
					passed.Add(1)
				}
				done()
				t.Latencies[i] = time.Since(t0).Seconds()
				if s := cmd.ProcessState; s != nil {
					cpu.Add(int64(s.UserTime() + s.SystemTime()))
				}
			}
		})
	}
	wg.Wait()
	t.Seconds, t.CPU, t.Passed = time.Since(start).Seconds(), time.Duration(cpu.Load()).Seconds(), int(passed.Load())
	return t, ctx.Err()
}

// peer is a harness in Python, bench/peers/judges.py, which answers each line with a turn.
type peer struct {
	title  string
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	errors bytes.Buffer
}

func newPeer(ctx context.Context, title, python, script, kind, workload string, workers int) (*peer, error) {
	p := &peer{title: title}
	p.cmd = exec.CommandContext(ctx, python, script, kind, workload, strconv.Itoa(workers))
	p.cmd.Dir = filepath.Dir(workload) // where it may leave files
	p.cmd.Env = append(slices.DeleteFunc(os.Environ(), func(s string) bool { return strings.HasPrefix(s, "XDG_CACHE_HOME=") }), "XDG_CACHE_HOME="+filepath.Dir(workload))
	p.cmd.Stderr = &p.errors
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.cmd.Cancel = func() error { return syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) }
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = bufio.NewReader(out)
	return p, p.cmd.Start()
}

func (p *peer) name() string  { return p.title }
func (p *peer) memory() int64 { return proportional(p.cmd.Process.Pid, true) }

func (p *peer) close() {
	p.in.Close()
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	_ = p.cmd.Wait()
}

func (p *peer) run(context.Context) (turn, error) {
	var t turn
	_, err := io.WriteString(p.in, "run\n")
	var line []byte
	if err == nil {
		line, err = p.out.ReadBytes('\n')
	}
	if err != nil {
		_ = p.cmd.Wait()
		said := strings.TrimSpace(p.errors.String())
		return t, fmt.Errorf("%s ended: %s", p.title, said[max(0, len(said)-1500):])
	}
	if err := json.Unmarshal(line, &t); err != nil {
		return t, fmt.Errorf("%s said %.200q: %w", p.title, line, err)
	}
	return t, nil
}
