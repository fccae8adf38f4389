package hostile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// Victim is a process of the candidates' own user that notices signals and changed limits.
type Victim struct {
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

// NewVictim starts one as uid, where this process may.
func NewVictim(uid int) (*Victim, error) {
	cmd := exec.Command("/usr/bin/python3", "-c", victimProgram)
	cmd.Dir = "/"
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(uid)}}
	}
	in, err1 := cmd.StdinPipe()
	out, err2 := cmd.StdoutPipe()
	if err := errors.Join(err1, err2, cmd.Start()); err != nil {
		return nil, err
	}
	v := &Victim{cmd: cmd, in: in, out: bufio.NewReader(out)}
	var err error
	if v.first, err = v.ask(); err != nil {
		v.Close()
	}
	return v, err
}

// PID is its process id.
func (v *Victim) PID() int { return v.cmd.Process.Pid }

// Close ends it.
func (v *Victim) Close() {
	_ = v.cmd.Process.Kill()
	_ = v.cmd.Wait()
}

func (v *Victim) ask() (string, error) {
	timer := time.AfterFunc(time.Minute, func() { _ = v.cmd.Process.Kill() }) // it was stopped
	defer timer.Stop()
	fmt.Fprintln(v.in, "?")
	s, err := v.out.ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("the victim process is gone: %w", err)
	}
	return s, nil
}

// Check is an error if somebody did something to it.
func (v *Victim) Check() error {
	now, err := v.ask()
	if err == nil && now != v.first {
		err = fmt.Errorf("the victim process was touched: %s → %s", v.first, now)
	}
	return err
}
