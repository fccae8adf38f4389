package sandbox

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func testPython(t testing.TB) Interpreter {
	t.Helper()
	py, err := FindPython(context.Background(), "", false)
	if err != nil {
		t.Fatal(err)
	}
	return py
}

func TestProbe(t *testing.T) {
	py := testPython(t)
	for _, tier := range Tiers {
		t0 := time.Now()
		if err := Probe(t.Context(), py, tier); err != nil {
			t.Errorf("%s: %v", tier, err)
		}
		t.Log(tier, time.Since(t0))
	}
}

// oddHarness does on request what a child should never do.
const oddHarness = `
import os, time, sys, signal, threading
def reply(fd, b): os.write(fd, len(b).to_bytes(4, 'little') + b)
def main(fd, data, fds):
    while len(data) < 4 or len(data) < 4 + int.from_bytes(data[:4], 'little'): data += os.read(fd, 65536)
    what = data[4:].decode()
    if what == 'echo': reply(fd, b'x' * 100000)
    elif what == 'huge': os.write(fd, (1 << 30).to_bytes(4, 'little'))
    elif what == 'half': os.write(fd, b'\x10\x00\x00\x00abc')
    elif what == 'leave': os._exit(7)
    elif what == 'hang': time.sleep(1000)
    elif what == 'spin':
        while True: pass
    elif what == 'write':
        open('left', 'w').write('x'); reply(fd, b'wrote')
    elif what == 'list': reply(fd, ','.join(os.listdir('.')).encode())
    elif what == 'copy': os.write(fds[1], os.read(fds[0], 100)); reply(fd, b'copied')
    elif what == 'whoami': reply(fd, repr((os.getuid() != 0 or 'root', os.getpid(), sorted(os.environ), sys.path[:1], hash('a'))).encode())
    elif what == 'threads':
        ts = [threading.Thread(target=lambda: None) for _ in range(5)]
        [t.start() for t in ts]; [t.join() for t in ts]; reply(fd, b'joined')
`

func startOdd(t *testing.T, tier Tier) *Sandbox {
	t.Helper()
	s, err := Start(t.Context(), Config{Python: testPython(t), Tier: tier, Harness: oddHarness, MaxFrame: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// askJob runs one job and returns the first frame, the usage and the error of receiving.
func askJob(t *testing.T, s *Sandbox, what string, wait time.Duration, files ...*os.File) (string, Usage, error) {
	t.Helper()
	p, err := s.Next()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.SendFrame(time.Now().Add(time.Minute), []byte(what), files...); err != nil {
		t.Fatal(err)
	}
	b, rerr := p.Receive(time.Now().Add(wait))
	out := string(b)
	u, err := p.End()
	if err != nil {
		t.Fatal(err)
	}
	return out, u, rerr
}

func TestProcess(t *testing.T) {
	for _, tier := range []Tier{TierFull, TierLandlock} {
		t.Run(string(tier), func(t *testing.T) {
			s := startOdd(t, tier)
			long, short := time.Minute, 100*time.Millisecond
			if out, u, err := askJob(t, s, "echo", long); len(out) != 100000 || err != nil || u.CPU <= 0 || u.MaxRSS <= 0 {
				t.Errorf("echo: %d bytes, %v, %+v", len(out), err, u)
			}
			if _, _, err := askJob(t, s, "huge", long); !errors.Is(err, ErrFrame) {
				t.Errorf("huge frame: %v", err)
			}
			if _, _, err := askJob(t, s, "half", long); !errors.Is(err, io.EOF) {
				t.Errorf("half a frame: %v", err)
			}
			if _, u, err := askJob(t, s, "leave", long); !errors.Is(err, io.EOF) || u.ExitCode != 7 {
				t.Errorf("leave: %v %+v", err, u)
			}
			if _, u, err := askJob(t, s, "hang", short); !errors.Is(err, os.ErrDeadlineExceeded) || u.Signal == nil {
				t.Errorf("hang: %v %+v", err, u)
			}
			if out, _, err := askJob(t, s, "threads", long); out != "joined" {
				t.Errorf("threads: %q %v", out, err)
			}
			in, err := MemFile("in", []byte("hello"))
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			to, err := MemFile("out", nil)
			if err != nil {
				t.Fatal(err)
			}
			defer to.Close()
			out, _, rerr := askJob(t, s, "copy", long, in, to)
			got := make([]byte, 5)
			if _, err := to.ReadAt(got, 0); out != "copied" || string(got) != "hello" || err != nil {
				t.Errorf("files: %q %v, %q %v", out, rerr, got, err)
			}
			who, _, _ := askJob(t, s, "whoami", long)
			if strings.Contains(who, "root") && os.Geteuid() == 0 {
				t.Errorf("as root a job must not be root: %s", who)
			}
			if strings.Contains(who, stageEnv) {
				t.Errorf("the environment shows the stage: %s", who)
			}
			if again, _, _ := askJob(t, startOdd(t, tier), "whoami", long); hashOf(again) != hashOf(who) {
				t.Errorf("hashes differ between sandboxes: %s, %s", who, again)
			}
			if tier == TierFull {
				if out, u, _ := askJob(t, s, "write", long); out != "wrote" || !u.Dirty {
					t.Errorf("write: %q %+v", out, u)
				}
				if out, _, _ := askJob(t, s, "list", long); out != "" {
					t.Errorf("the next job finds %q", out)
				}
			}
		})
	}
}

func hashOf(who string) string { return who[strings.LastIndexByte(who, ' '):] }

func TestClock(t *testing.T) {
	t0 := time.Now()
	s := startOdd(t, TierFull)
	p, err := s.Next()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.SendFrame(time.Now().Add(time.Minute), []byte("spin")); err != nil {
		t.Fatal(err)
	}
	_, err = p.Receive(time.Now().Add(300 * time.Millisecond))
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal(err)
	}
	cpu, waited, ok := p.Clock()
	if !ok {
		t.Skip("NOT RUN: this kernel does not tell a child's clock")
	}
	if cpu <= 0 || cpu > time.Since(t0) || waited < 0 {
		t.Errorf("cpu %v, waited %v", cpu, waited)
	}
	if _, err := p.End(); err != nil {
		t.Error(err)
	}
	if _, err := p.End(); err == nil {
		t.Error("a second End must be an error")
	}
}

func TestLost(t *testing.T) {
	s := startOdd(t, TierFull)
	p, err := s.Next()
	if err != nil {
		t.Fatal(err)
	}
	syscall.Kill(s.PID(), syscall.SIGKILL)
	if _, err := p.End(); !errors.Is(err, ErrLost) {
		t.Errorf("End of a lost sandbox: %v", err)
	}
	if _, err := s.Next(); !errors.Is(err, ErrLost) {
		t.Errorf("Next of a lost sandbox: %v", err)
	}
}

func TestStartErrors(t *testing.T) {
	py := testPython(t)
	for _, c := range []struct {
		name string
		cfg  Config
		want string
	}{
		{"tier", Config{Python: py, Tier: "best"}, "tier must be one of"},
		{"harness", Config{Python: py, Tier: TierFull, Harness: "import nothing_like_this"}, "ModuleNotFoundError"},
		{"no main", Config{Python: py, Tier: TierFull, Harness: "x = 1"}, "main"},
		{"interpreter", Config{Python: Interpreter{Path: "/usr/nothing"}, Tier: TierFull, Harness: probeHarness}, "/usr/nothing"},
	} {
		s, err := Start(t.Context(), c.cfg)
		if err == nil {
			s.Close()
		}
		var se *StartError
		if !errors.As(err, &se) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want it to say %q", c.name, err, c.want)
		}
	}
	if _, _, err := Choose(t.Context(), py, "none"); err != nil {
		t.Errorf("none is there when asked for: %v", err)
	}
}

// TestOtherPythons runs the zygote on every CPython found here.
func TestOtherPythons(t *testing.T) {
	found, err := filepath.Glob(filepath.Join(os.Getenv("HOME"), ".pyenv/versions/3.*/bin/python3"))
	if err != nil || len(found) == 0 {
		t.Skip("NOT RUN: no other interpreters here")
	}
	for _, path := range found {
		py, err := FindPython(t.Context(), path, false)
		if err != nil {
			if !strings.Contains(err.Error(), "too old") && !strings.Contains(err.Error(), "lacks") {
				t.Error(err)
			}
			continue
		}
		if err := Probe(t.Context(), py, TierFull); err != nil {
			t.Errorf("%s: %v", py.Short(), err)
		}
	}
}
