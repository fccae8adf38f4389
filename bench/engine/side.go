package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"hone/bench/engine/line"
)

// side is a worker that takes turns with others.
type side struct {
	name   string
	header line.Header
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	errors *bytes.Buffer
	noise  *disturbance
	// Of its turns, by the line that was asked, in order.
	figures []float64
	memory  line.Memory // after the last turn
	losses  []float64   // of all steps
}

// start starts a worker and waits until it is ready; its compilers may take minutes.
func (b *bench) start(ctx context.Context, name, program string, args ...string) (*side, error) {
	s := &side{name: name, errors: &bytes.Buffer{}, noise: &b.disturbed}
	s.cmd = exec.CommandContext(ctx, program, args...)
	s.cmd.Stderr = s.errors
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	s.cmd.Cancel = func() error { return syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL) }
	var err error
	if s.in, err = s.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	s.out = bufio.NewReader(stdout)
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	begin := time.Now()
	if err := s.read(&s.header); err != nil {
		s.end()
		return nil, err
	}
	s.losses = s.header.WarmLosses
	say("  %s: ready after %.0f s", name, time.Since(begin).Seconds())
	return s, s.cmd.Process.Signal(syscall.SIGSTOP)
}

// hone starts our worker, peer one of the Python programs.
func (b *bench) hone(ctx context.Context, name string, args ...string) (*side, error) {
	return b.start(ctx, name, b.worker, args...)
}

func (b *bench) peer(ctx context.Context, name, program string, args ...string) (*side, error) {
	return b.start(ctx, name, b.python, append([]string{filepath.Join(b.peers, program)}, args...)...)
}

func (s *side) read(to any) error {
	text, err := s.out.ReadBytes('\n')
	if err != nil {
		_ = s.cmd.Wait()
		said := strings.TrimSpace(s.errors.String())
		return fmt.Errorf("%s ended: %s", s.name, said[max(0, len(said)-1500):])
	}
	if err := json.Unmarshal(text, to); err != nil {
		return fmt.Errorf("%s said %.200q: %w", s.name, text, err)
	}
	return nil
}

// ask gives the worker its turn. The others are stopped.
func (s *side) ask(format string, args ...any) (r line.Reply, err error) {
	if err := s.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		return r, fmt.Errorf("%s: %w", s.name, err)
	}
	before, err := s.noise.watch(s.cmd.Process.Pid)
	if err != nil {
		return r, err
	}
	if _, err := fmt.Fprintf(s.in, format+"\n", args...); err != nil {
		return r, fmt.Errorf("%s: %w", s.name, err)
	}
	if err := s.read(&r); err != nil {
		return r, err
	}
	after, err := s.noise.watch(s.cmd.Process.Pid)
	if err != nil {
		return r, err
	}
	s.noise.add(before, after)
	if r.Error != "" {
		return r, fmt.Errorf("%s: %s: %s", s.name, fmt.Sprintf(format, args...), r.Error)
	}
	s.memory = r.Memory
	return r, s.cmd.Process.Signal(syscall.SIGSTOP)
}

// end kills the worker and what it started.
func (s *side) end() {
	if s.cmd.Process != nil {
		_ = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
		_ = s.cmd.Wait()
	}
}

// disturbance adds up what other processes did while a side had its turn.
type disturbance struct {
	turns, noisy int
	worst        float64 // share of the machine
}

// A turn is noisy when others used more than this share of the machine.
const quiet = 0.03

// usage is the processor time since the start, in clock ticks.
type usage struct {
	at             time.Time
	machine, steal float64 // of all processes, and taken away by the hypervisor
	worker         float64
}

func (d *disturbance) watch(pid int) (u usage, err error) {
	u.at = time.Now()
	stat, err := os.ReadFile("/proc/stat")
	if err != nil {
		return u, err
	}
	first, _, _ := strings.Cut(string(stat), "\n")
	f, err := ticks(strings.Fields(first)[1:])
	if err != nil || len(f) < 8 {
		return u, errors.Join(err, errors.New("/proc/stat: its first line is not as expected"))
	}
	u.machine, u.steal = f[0]+f[1]+f[2]+f[5]+f[6], f[7]
	own, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return u, err
	}
	rest := strings.Fields(string(own[bytes.LastIndexByte(own, ')')+1:]))
	if f, err = ticks(rest[11:13]); err != nil { // utime, stime: proc(5)
		return u, err
	}
	u.worker = f[0] + f[1]
	return u, nil
}

func ticks(words []string) ([]float64, error) {
	out := make([]float64, len(words))
	for i, w := range words {
		v, err := strconv.ParseFloat(w, 64)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

func (d *disturbance) add(before, after usage) {
	const perSecond = 100 // clock ticks
	others := (after.machine - before.machine) - (after.worker - before.worker) + (after.steal - before.steal)
	d.turns++
	share := others / perSecond / after.at.Sub(before.at).Seconds() / processors
	if after.at.Sub(before.at) < 200*time.Millisecond {
		return // a tick is too coarse to say
	}
	d.worst = max(d.worst, share)
	if share > quiet {
		d.noisy++
	}
}

func (d disturbance) String() string {
	return fmt.Sprintf("Other processes and the hypervisor used more than %.0f %% of the machine in %d of %d turns, at most %.0f %%.", quiet*100, d.noisy, d.turns, d.worst*100)
}
