package hostile

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Mark is part of the name of every file that an attack tries to leave.
const Mark = "hone-attack-mark-"

// World is the outside: files to change, secrets to read, listeners to reach.
type World struct {
	Home     string // with a private key in it
	sentinel string
	repo     string
	abstract string
	tcp      net.Listener
	udp      net.PacketConn
	reached  chan string
	before   map[string]string
	close    []func() error
}

// NewWorld makes a world in dir, an empty folder that everyone can reach; repo is a
// folder that programs try to read and to write in as well.
func NewWorld(dir, repo string) (w *World, err error) {
	w = &World{
		sentinel: filepath.Join(dir, "sentinel"), Home: filepath.Join(dir, "home"), repo: repo,
		reached: make(chan string, 1000), abstract: fmt.Sprintf("hone-attack-%d", os.Getpid()),
	}
	defer func() {
		if err != nil {
			w.Close()
		}
	}()
	open := filepath.Join(w.sentinel, "open")
	err = errors.Join(
		os.MkdirAll(filepath.Join(open, "empty"), 0o755), os.MkdirAll(filepath.Join(w.Home, ".ssh"), 0o755),
		os.WriteFile(filepath.Join(w.sentinel, "victim"), []byte("secret"), 0o644), os.WriteFile(filepath.Join(open, "victim"), []byte("secret"), 0o644),
		os.WriteFile(filepath.Join(w.Home, ".ssh", "id_rsa"), []byte("secret"), 0o644),
		// Nothing but the sandbox protects these.
		os.Chmod(open, 0o777), os.Chmod(filepath.Join(open, "empty"), 0o777), os.Chmod(filepath.Join(open, "victim"), 0o666),
	)
	if err != nil {
		return w, err
	}
	// A descriptor that is inherited by every process started from here, as a careless parent of a judge leaves it.
	fd, err := syscall.Open(w.sentinel, syscall.O_RDONLY|syscall.O_DIRECTORY, 0)
	if err != nil {
		return w, err
	}
	w.close = append(w.close, func() error { return syscall.Close(fd) })
	if w.tcp, err = w.listen("tcp", "127.0.0.1:0"); err != nil {
		return w, err
	}
	if w.udp, err = w.packets("udp", "127.0.0.1:0"); err != nil {
		return w, err
	}
	for _, n := range []string{w.unix(), "@" + w.abstract} {
		if _, err = w.listen("unix", n); err != nil {
			return w, err
		}
		if _, err = w.packets("unixgram", n+"gram"); err != nil {
			return w, err
		}
	}
	if err = errors.Join(os.Chmod(w.unix(), 0o777), os.Chmod(w.unix()+"gram", 0o777)); err != nil {
		return w, err
	}
	w.before, err = w.snapshot()
	return w, err
}

// Close ends the listeners; the files are the caller's.
func (w *World) Close() {
	for _, f := range w.close {
		_ = f()
	}
}

func (w *World) unix() string { return filepath.Join(w.sentinel, "socket") }

func (w *World) listen(network, addr string) (net.Listener, error) {
	l, err := net.Listen(network, addr)
	if err != nil {
		return nil, err
	}
	w.close = append(w.close, l.Close)
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
	return l, nil
}

func (w *World) packets(network, addr string) (net.PacketConn, error) {
	c, err := net.ListenPacket(network, addr)
	if err != nil {
		return nil, err
	}
	w.close = append(w.close, c.Close)
	go func() {
		b := make([]byte, 100)
		for {
			if _, _, err := c.ReadFrom(b); err != nil {
				return
			}
			w.reached <- network + " " + addr
		}
	}()
	return c, nil
}

// Fill puts what an attack aims at into its source: processes and the world.
func (w *World) Fill(source string, victim, judge int) string {
	_, tcp, _ := net.SplitHostPort(w.tcp.Addr().String())
	_, udp, _ := net.SplitHostPort(w.udp.LocalAddr().String())
	return strings.NewReplacer("@VICTIM@", strconv.Itoa(victim), "@SUPERVISOR@", strconv.Itoa(judge), "@TCP@", tcp, "@UDP@", udp,
		"@UNIX@", w.unix(), "@UNIXGRAM@", w.unix()+"gram", "@ABSTRACT@", w.abstract, "@SENTINEL@", w.sentinel, "@HOME@", w.Home, "@REPO@", w.repo, "@MARK@", Mark).Replace(source)
}

// snapshot describes everything below the attacked directories, and some system files.
func (w *World) snapshot() (map[string]string, error) {
	out := map[string]string{}
	note := func(p string) {
		var st syscall.Stat_t
		if err := syscall.Lstat(p, &st); err == nil {
			out[p] = fmt.Sprintf("mode %o uid %d gid %d links %d", st.Mode, st.Uid, st.Gid, st.Nlink)
			if strings.HasPrefix(p, w.sentinel) || strings.HasPrefix(p, w.Home) {
				out[p] += fmt.Sprintf(" inode %d size %d modified %v changed %v", st.Ino, st.Size, st.Mtim, st.Ctim)
			}
		}
	}
	for _, root := range []string{w.sentinel, w.Home} {
		if err := filepath.WalkDir(root, func(p string, _ fs.DirEntry, err error) error { note(p); return err }); err != nil {
			return out, err
		}
	}
	for _, p := range []string{"/dev/null", "/dev/zero", "/dev/random", "/dev/urandom", "/usr", "/bin/sh", "/etc/passwd"} {
		note(p)
	}
	return out, nil
}

// Effects are what attacks did to the world: files changed, made or left (with Mark in
// their names, or, as root sees them, of one of uids), listeners reached.
func (w *World) Effects(uids []int) (out []string) {
	after, err := w.snapshot()
	if err != nil {
		out = append(out, fmt.Sprintf("an attacked folder: %v", err))
	}
	for p, s := range w.before {
		if after[p] != s {
			out = append(out, fmt.Sprintf("%s was changed: %s → %s", p, s, after[p]))
		}
	}
	for p := range after {
		if w.before[p] == "" {
			out = append(out, p+" was made")
		}
	}
	wd, err := os.Getwd()
	if err != nil {
		out = append(out, err.Error())
	}
	for _, dir := range []string{"/", "/tmp", "/var/tmp", "/dev/shm", "/usr", "/etc", "/home", "/root", wd, w.repo, os.TempDir()} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue
		}
		for _, e := range entries {
			info, err := e.Info()
			if strings.Contains(e.Name(), Mark) || err == nil && os.Geteuid() == 0 && slices.Contains(uids, int(info.Sys().(*syscall.Stat_t).Uid)) {
				out = append(out, filepath.Join(dir, e.Name())+" was left")
			}
		}
	}
	slices.Sort(out)
	out = slices.Compact(out) // os.TempDir is one of the folders, too
	select {
	case what := <-w.reached:
		out = append(out, fmt.Sprintf("%s was reached (and %d more)", what, len(w.reached)))
	case <-time.After(50 * time.Millisecond):
	}
	return out
}
