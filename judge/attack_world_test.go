package judge_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

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
