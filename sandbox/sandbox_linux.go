package sandbox

import (
	"context"
	_ "embed"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

//go:embed zygote.py
var zygoteSource string

// startTimeout bounds the start of a sandbox, imports of the harness included.
const startTimeout = 60 * time.Second

// stopTimeout bounds how long a zygote may take to reap a job.
const stopTimeout = 20 * time.Second

// Sandbox is one isolated zygote. Its methods are not safe for concurrent use, but for Kill.
type Sandbox struct {
	cfg     Config
	cmd     *exec.Cmd
	ctl     *os.File // control socket, SEQPACKET
	standby *os.File // channel of the child that waits for a job
	stderr  tail
	// forbidden is the first refused system call since the current job began, plus one; 0 is none.
	forbidden atomic.Int64
	notifyMu  sync.Mutex    // held while a reported call is received and recorded
	clones    int           // threads the current job started, as far as reported; guarded by notifyMu
	notifyEnd chan struct{} // closed when the notification loop has ended
	exited    chan struct{} // closed when the zygote has been waited for
	size      int64         // address space of the zygote, once it is known
	killOnce  sync.Once
}

// zygoteConfig is what zygote.py reads; see there.
type zygoteConfig struct {
	Path           []string          `json:"path"`
	Preload        []string          `json:"preload"`
	Filter         string            `json:"filter"`
	ChildFilter    string            `json:"child_filter"`
	PidSlots       []int             `json:"pid_slots"`
	FilterOnce     bool              `json:"filter_once"`
	Notify         bool              `json:"notify"`
	PidNS          bool              `json:"pidns"`
	Scratch        string            `json:"scratch"`
	ScratchOptions string            `json:"scratch_options"`
	Harness        string            `json:"harness"`
	Env            map[string]string `json:"env"`
	Files          int               `json:"files"`
	FSize          int64             `json:"fsize"`
	Stack          int64             `json:"stack"`
	Memory         int64             `json:"memory"`
	NProc          int               `json:"nproc"`
	CPU            int               `json:"cpu"`
	Debug          bool              `json:"debug"`
	SysCapset      int               `json:"sys_capset"`
	SysSeccomp     int               `json:"sys_seccomp"`
}

// Start brings up a sandbox: namespaces or Landlock, a warm interpreter, filters,
// and the first waiting child. It takes about 0.1 s.
func Start(ctx context.Context, cfg Config) (*Sandbox, error) {
	cfg = cfg.withDefaults()
	switch cfg.Tier {
	case TierFull, TierLandlock, TierNone:
	default:
		return nil, &StartError{Tier: cfg.Tier, Step: "configuration", Err: fmt.Errorf("tier must be one of %v", Tiers)}
	}
	s, err := start(ctx, cfg, true)
	var se *StartError
	if errors.As(err, &se) && strings.Contains(se.Err.Error(), "seccomp listener") {
		// A container runtime that supervises us already has the one listener a
		// task can have: without ours a refused call kills instead of being named.
		cfg.Log.Debug("no seccomp listener here, refused calls will not be named", "cause", err)
		return start(ctx, cfg, false)
	}
	return s, err
}

func start(ctx context.Context, cfg Config, notify bool) (*Sandbox, error) {
	fail := func(step string, err error, help string) (*Sandbox, error) {
		return nil, &StartError{Tier: cfg.Tier, Step: step, Err: err, Help: help}
	}
	isolated := cfg.Tier != TierNone
	zc := zygoteConfig{
		Path: append([]string{}, cfg.Python.Site...), Preload: append([]string{}, cfg.Preload...), PidSlots: []int{},
		Notify: notify && isolated, PidNS: cfg.Tier == TierFull, Harness: cfg.Harness,
		Env:   map[string]string{"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": ScratchDir, "TMPDIR": ScratchDir, "MPLBACKEND": "Agg", "MPLCONFIGDIR": ScratchDir, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
		Files: cfg.Files, FSize: cfg.File, Stack: cfg.Stack, Memory: cfg.Memory, NProc: cfg.Threads,
		CPU: int(cfg.CPU / time.Second), Debug: cfg.Debug, SysCapset: unix.SYS_CAPSET, SysSeccomp: unix.SYS_SECCOMP,
	}
	if isolated {
		var err error
		if zc.Filter, err = zygoteFilter(cfg.Tier, notify); err != nil {
			return fail("seccomp filter", err, "")
		}
		if zc.ChildFilter, zc.PidSlots, err = childFilter(cfg.Tier, notify); err != nil {
			return fail("seccomp filter", err, "")
		}
		zc.FilterOnce = filterOnce(cfg.Tier, notify)
	}
	switch {
	case !isolated:
		zc.NProc = 0
	case cfg.Tier == TierFull: // counted within the sandbox's own user namespace
	case zc.Notify:
		zc.NProc = 0 // counted by decide
	default: // the kernel counts all of the user's processes
		zc.NProc += 4096
	}
	if cfg.Tier == TierFull {
		zc.Scratch, zc.ScratchOptions = ScratchDir, fmt.Sprintf("size=%d,nr_inodes=4096,mode=1777", cfg.Scratch)
	}
	stage := stageConfig{Tier: cfg.Tier, Python: cfg.Python.Path, Binds: cfg.Python.binds(), ScratchOptions: zc.ScratchOptions}

	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fail("socket pair", err, "")
	}
	if err := unix.SetNonblock(pair[0], true); err != nil {
		return fail("socket pair", err, "")
	}
	ctl, far := os.NewFile(uintptr(pair[0]), "sandbox control"), os.NewFile(uintptr(pair[1]), "sandbox control, far end")
	defer far.Close()
	zj, err := json.Marshal(zc)
	if err != nil {
		return fail("configuration", err, "")
	}
	mem, err := memFile("zygote", zj)
	if err != nil {
		ctl.Close()
		return fail("memfd", err, "")
	}
	defer mem.Close()

	cmd := exec.Command("/proc/self/exe")
	cmd.Args = []string{stageName}
	cmd.ExtraFiles = []*os.File{far, mem}
	s := &Sandbox{cfg: cfg, cmd: cmd, ctl: ctl, exited: make(chan struct{})}
	cmd.Stderr = &s.stderr
	cmd.WaitDelay = time.Second
	cmd.SysProcAttr, stage.UID = procAttr(cfg.Tier)
	sj, err := json.Marshal(stage)
	if err != nil {
		return fail("configuration", err, "")
	}
	cmd.Env = []string{stageEnv + "=" + string(sj)}
	if err := cmd.Start(); err != nil {
		ctl.Close()
		return fail("namespaces", err, namespaceHelp())
	}
	far.Close() // ours, so that its end is the end of the child
	go func() { cmd.Wait(); close(s.exited) }()

	stop := context.AfterFunc(ctx, s.Kill)
	defer stop()
	deadline := time.Now().Add(startTimeout)
	if notify && isolated {
		msg, fds, err := s.recv(deadline)
		if err == nil && len(fds) != 1 { // not the listener but an error
			var m zygoteMessage
			err = errors.Join(json.Unmarshal(msg, &m), errors.New(m.Error))
		}
		if err != nil {
			return nil, s.startFailure(err)
		}
		s.notifyEnd = make(chan struct{})
		go s.notifyLoop(fds[0])
	}
	if _, err := s.nextChild("start", deadline); err != nil {
		return nil, s.startFailure(err)
	}
	return s, nil
}

// startFailure turns what the stages wrote to standard error into a StartError.
func (s *Sandbox) startFailure(err error) error {
	s.Kill()
	<-s.exited
	se := &StartError{Tier: s.cfg.Tier, Step: "interpreter", Err: err}
	text := strings.TrimSpace(s.stderr.String())
	if step, msg, ok := strings.Cut(text, "\x00"); ok { // written by stage.fail
		help := ""
		msg, help, _ = strings.Cut(msg, "\x00")
		se.Step, se.Err, se.Help = step, errors.New(strings.TrimSpace(msg)), strings.TrimSpace(help)
		if step == "mounts" { // asked here: what the stage would find is its own namespace
			se.Help = namespaceHelp()
		}
	} else if text != "" {
		se.Err = fmt.Errorf("%w: %s", err, text)
	} else if strings.Contains(err.Error(), "seccomp") {
		se.Step, se.Help = "seccomp filter", "this kernel, or a container around Hone, gives no system call filters (CONFIG_SECCOMP_FILTER)"
	}
	return se
}

// zygoteMessage is what zygote.py sends.
type zygoteMessage struct {
	Error  string  `json:"error"`
	Status int     `json:"status"`
	CPU    float64 `json:"cpu"`
	RSS    int64   `json:"rss"`
	Faults int     `json:"faults"`
	Extra  int     `json:"extra"`
	Dirty  int     `json:"dirty"`
	Gone   int     `json:"gone"` // it had ended before it was killed
}

// nextChild gives the zygote an order, with the far end of the next child's channel,
// and waits for the message that announces that child.
func (s *Sandbox) nextChild(order string, deadline time.Time) (zygoteMessage, error) {
	var m zygoteMessage
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return m, err
	}
	far := os.NewFile(uintptr(pair[1]), "sandbox channel, far end")
	defer far.Close()
	if err := unix.SetNonblock(pair[0], true); err != nil {
		unix.Close(pair[0])
		return m, err
	}
	near := os.NewFile(uintptr(pair[0]), "sandbox channel")
	if err = sendFiles(s.ctl, []byte(order), far); err == nil || errors.Is(err, unix.EPIPE) { // a zygote that has given up says why
		m, err = s.report(deadline)
	}
	if err != nil {
		near.Close()
		return m, err
	}
	s.standby = near
	return m, nil
}

// report is the zygote's next message.
func (s *Sandbox) report(deadline time.Time) (zygoteMessage, error) {
	var m zygoteMessage
	b, _, err := s.recv(deadline)
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(b, &m); err != nil {
		return m, fmt.Errorf("zygote sent %q: %w", b, err)
	}
	if m.Error != "" {
		return m, errors.New(m.Error)
	}
	return m, nil
}

// recv reads one control message and the descriptors that come with it.
func (s *Sandbox) recv(deadline time.Time) (data []byte, fds []int, err error) {
	if err := s.ctl.SetReadDeadline(deadline); err != nil {
		return nil, nil, err
	}
	raw, err := s.ctl.SyscallConn()
	if err != nil {
		return nil, nil, err
	}
	buf, oob := make([]byte, 8192), make([]byte, 64)
	var n, on int
	var rerr error
	err = raw.Read(func(fd uintptr) bool {
		n, on, _, _, rerr = unix.Recvmsg(int(fd), buf, oob, unix.MSG_CMSG_CLOEXEC)
		if rerr == unix.ECONNRESET { // it ended with an order unread: what it had said comes next
			n, on, _, _, rerr = unix.Recvmsg(int(fd), buf, oob, unix.MSG_CMSG_CLOEXEC)
		}
		return rerr != unix.EAGAIN && rerr != unix.EINTR
	})
	if err == nil {
		err = rerr
	}
	if err != nil {
		return nil, nil, err
	}
	if n == 0 {
		return nil, nil, io.EOF
	}
	if on > 0 {
		msgs, err := unix.ParseSocketControlMessage(oob[:on])
		if err != nil {
			return nil, nil, err
		}
		for i := range msgs {
			got, err := unix.ParseUnixRights(&msgs[i])
			if err != nil {
				return nil, nil, err
			}
			fds = append(fds, got...)
		}
	}
	return buf[:n], fds, nil
}

// Next hands out the waiting child. End must be called on it before the next Next.
func (s *Sandbox) Next() (*Process, error) {
	if s.standby == nil {
		return nil, ErrLost
	}
	p := &Process{s: s, conn: s.standby, started: time.Now()}
	s.standby = nil
	s.notifyMu.Lock()
	s.forbidden.Store(0)
	s.clones = 0
	s.notifyMu.Unlock()
	return p, nil
}

// Close ends the sandbox and everything in it.
func (s *Sandbox) Close() error {
	s.Kill()
	<-s.exited
	if s.standby != nil { // Kill, which may come from another goroutine, leaves it alone
		s.standby.Close()
	}
	if s.notifyEnd != nil {
		<-s.notifyEnd
	}
	return nil
}

// Kill ends the sandbox at once; it may be called from any goroutine, any number of times.
func (s *Sandbox) Kill() {
	s.killOnce.Do(func() {
		s.ctl.Close() // without namespaces the zygote kills its child when it reads the end of this
		if s.cfg.Tier == TierFull {
			s.cmd.Process.Kill() // pid 1 takes its namespace along
			return
		}
		select {
		case <-s.exited:
		case <-time.After(2 * time.Second):
			s.cmd.Process.Kill()
		}
	})
}

// PID is the zygote's process id on the host.
func (s *Sandbox) PID() int { return s.cmd.Process.Pid }

// Process is one locked-down child with a channel to it.
type Process struct {
	s       *Sandbox
	conn    *os.File
	started time.Time
	buf     []byte // received, not yet handed out
	pid     int    // host pid, found when first needed

	cpuBefore, waitedBefore time.Duration // see Again

	eof bool // the child closed the channel
}

// Send writes data to the child. Files travel with the first byte.
func (p *Process) Send(deadline time.Time, data []byte, files ...*os.File) error {
	if err := p.conn.SetWriteDeadline(deadline); err != nil {
		return err
	}
	if len(files) > 0 {
		if err := sendFiles(p.conn, data[:1], files...); err != nil {
			return err
		}
		data = data[1:]
	}
	_, err := p.conn.Write(data)
	return err
}

// sendFiles writes data, with descriptors of files, to a socket in one message.
func sendFiles(to *os.File, data []byte, files ...*os.File) error {
	fds := make([]int, len(files))
	for i, f := range files {
		fds[i] = int(f.Fd())
	}
	raw, err := to.SyscallConn()
	if err != nil {
		return err
	}
	var fail error
	err = raw.Write(func(fd uintptr) bool {
		fail = unix.Sendmsg(int(fd), data, unix.UnixRights(fds...), nil, unix.MSG_NOSIGNAL)
		return fail != unix.EAGAIN && fail != unix.EINTR
	})
	if err != nil {
		return err
	}
	return fail
}

// SendFrame writes one frame: a 4-byte little-endian length and the payload.
func (p *Process) SendFrame(deadline time.Time, payload []byte, files ...*os.File) error {
	b := make([]byte, 4, 4+len(payload))
	binary.LittleEndian.PutUint32(b, uint32(len(payload)))
	return p.Send(deadline, append(b, payload...), files...)
}

// Receive reads one frame. The result is valid until the next call. Errors:
// io.EOF when the child closed the channel (it has usually died),
// os.ErrDeadlineExceeded, ErrFrame.
func (p *Process) Receive(deadline time.Time) ([]byte, error) {
	for {
		if len(p.buf) >= 4 {
			n := int64(binary.LittleEndian.Uint32(p.buf))
			if n > int64(p.s.cfg.MaxFrame) {
				return nil, ErrFrame
			}
			if int64(len(p.buf)) >= n+4 {
				frame := p.buf[4 : n+4]
				p.buf = p.buf[n+4:]
				return frame, nil
			}
			if int64(cap(p.buf)) < n+4 {
				p.buf = append(make([]byte, 0, n+4), p.buf...)
			}
		}
		if cap(p.buf)-len(p.buf) < 4096 {
			p.buf = append(make([]byte, 0, 2*len(p.buf)+16384), p.buf...)
		}
		if err := p.conn.SetReadDeadline(deadline); err != nil {
			return nil, err
		}
		n, err := p.conn.Read(p.buf[len(p.buf):cap(p.buf)])
		p.buf = p.buf[:len(p.buf)+n]
		if n == 0 && err != nil {
			if errors.Is(err, unix.ECONNRESET) {
				err = io.EOF
			}
			p.eof = p.eof || err == io.EOF
			return nil, err
		}
	}
}

// Started is when Next handed the process out, or Again was called.
func (p *Process) Started() time.Time { return p.started }

// mostLeft is how much address space earlier jobs may have left behind in a process.
const mostLeft = 64 << 20

// Again begins another job in the same process: Started, Clock and Usage.CPU count from now on. ok is
// false where earlier jobs left something on the channel or much memory, or the kernel does not tell.
func (p *Process) Again() (used time.Duration, ok bool) {
	cpu, ok := p.cpu()
	if !ok || len(p.buf) > 0 {
		return 0, false
	}
	var err error
	if p.s.size == 0 { // of the zygote, which each child begins with
		if p.s.size, err = addressSpace(p.s.PID()); err != nil {
			return 0, false
		}
	}
	if size, err := addressSpace(p.pid); err != nil || size-p.s.size > mostLeft {
		return 0, false
	}
	waited, err := waitedFor(fmt.Sprintf("/proc/%d/schedstat", p.pid))
	if err != nil {
		return 0, false
	}
	used = cpu - p.cpuBefore
	p.started, p.cpuBefore, p.waitedBefore = time.Now(), cpu, waited
	return used, true
}

// addressSpace is the size of a process's, in bytes.
func addressSpace(pid int) (size int64, err error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err == nil {
		_, err = fmt.Sscan(string(b), &size)
	}
	return size * int64(os.Getpagesize()), err
}

// cpu is the CPU time that the child has used since it was forked.
func (p *Process) cpu() (used time.Duration, ok bool) {
	if p.pid == 0 {
		z := p.s.PID()
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", z, z))
		if err != nil {
			return 0, false
		}
		if _, err := fmt.Sscan(string(b), &p.pid); err != nil {
			return 0, false
		}
	}
	var ts unix.Timespec
	if err := unix.ClockGettime(int32(^p.pid<<3|2), &ts); err != nil { // CPUCLOCK_SCHED of the process
		return 0, false
	}
	return time.Duration(ts.Nano()), true
}

// waitedFor reads from a schedstat how long a thread waited for a processor.
func waitedFor(path string) (time.Duration, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	var run, delay int64
	_, err = fmt.Sscan(string(b), &run, &delay)
	return time.Duration(delay), err
}

// Clock reports how much CPU time the child has used and how long a thread of it, the one that did
// longest, has waited for a processor while it could have run. Wall time less the second is what the job
// would have taken on an idle machine, unless others of its threads ran meanwhile, which the first
// tells. ok is false where the kernel does not tell.
func (p *Process) Clock() (cpu, waited time.Duration, ok bool) {
	cpu, ok = p.cpu()
	if !ok {
		return 0, 0, false
	}
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", p.pid))
	if err != nil || len(threads) == 0 {
		return 0, 0, false
	}
	main := fmt.Sprintf("/proc/%d/task/%[1]d/schedstat", p.pid)
	for _, path := range threads {
		w, err := waitedFor(path)
		if path == main {
			if err != nil {
				return 0, 0, false
			}
			w -= p.waitedBefore
		}
		waited = max(waited, w) // 0 of a thread that has ended meanwhile
	}
	return cpu - p.cpuBefore, waited, true
}

// End kills whatever the job left, reaps it, cleans up and makes the next child
// ready. After ErrLost the sandbox is dead.
func (p *Process) End() (Usage, error) {
	s := p.s
	if p.conn == nil {
		return Usage{}, errors.New("sandbox: End called twice")
	}
	p.conn.Close()
	p.conn = nil
	lost := func(err error) (Usage, error) {
		s.Kill()
		return Usage{}, fmt.Errorf("%w: %w", ErrLost, err)
	}
	how := "stop"
	if p.eof {
		how = "gone"
	}
	m, err := s.nextChild(how, time.Now().Add(stopTimeout))
	if err != nil {
		return lost(err)
	}
	ws := syscall.WaitStatus(m.Status)
	u := Usage{ExitCode: -1, CPU: time.Duration(m.CPU*1e9) - p.cpuBefore, MaxRSS: m.RSS << 10, Faults: m.Faults, Extra: m.Extra, Dirty: m.Dirty != 0}
	if ws.Signaled() {
		u.Signal = ws.Signal()
		u.Killed = m.Gone != 0 && u.Signal == syscall.SIGKILL
	} else {
		u.ExitCode = ws.ExitStatus()
	}
	switch nr := s.forbidden.Load(); {
	case nr != 0:
		if u.Forbidden = syscallName(int(nr - 1)); u.Forbidden == "clone" || u.Forbidden == "vfork" {
			u.Forbidden = "fork" // the same to the program's author
		}
	case u.Signal == syscall.SIGSYS:
		u.Forbidden = "a refused system call"
	}
	return u, nil
}

// memFile returns an anonymous file with the given content, read position 0.
func memFile(name string, content []byte) (*os.File, error) {
	fd, err := unix.MemfdCreate(name, unix.MFD_CLOEXEC)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), name)
	if _, err := f.WriteAt(content, 0); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// MemFile returns an anonymous file in memory, for standard input and output of a job.
func MemFile(name string, content []byte) (*os.File, error) { return memFile(name, content) }

// tail keeps the last few kilobytes written to it.
type tail struct {
	mu sync.Mutex
	b  []byte
}

// Write implements [io.Writer]; it never fails.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, p...)
	if len(t.b) > 8192 {
		t.b = t.b[len(t.b)-8192:]
	}
	return len(p), nil
}

// String is what was kept.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.b)
}
