// Package sandbox runs untrusted Python in isolated, pre-forked CPython
// processes. It knows only "job → outcome": a job is bytes sent over a channel to
// a locked-down process that runs a trusted harness; what the bytes mean is the
// harness's business (see package judge).
//
// A [Sandbox] is one zygote, the first process of its own user, mount, pid,
// network, ipc and uts namespaces, that keeps one child ready. [Sandbox.Next]
// hands that child out, [Process.End] kills and reaps everything it left, cleans
// the scratch directory and reports what it used. A Sandbox runs one process at a
// time; run several for parallelism.
//
// The package starts its own first stage through /proc/self/exe and hooks it in
// init, so that any program that imports it works without further code.
package sandbox

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"
)

// Tier is a level of isolation.
type Tier string

const (
	// TierAuto picks the best tier that works here.
	TierAuto Tier = "auto"
	// TierFull: own namespaces, read-only system, private scratch, no network, seccomp, rlimits.
	TierFull Tier = "full"
	// TierLandlock: no namespaces; Landlock (files), seccomp (network, processes, signals), rlimits. No writable directory.
	TierLandlock Tier = "landlock"
	// TierNone: rlimits only. Never chosen by TierAuto.
	TierNone Tier = "none"
)

// Tiers lists the tiers from strongest to weakest.
var Tiers = []Tier{TierFull, TierLandlock, TierNone}

// ScratchDir is the only writable directory inside the full tier, empty when a job begins.
const ScratchDir = "/scratch"

// Config describes a sandbox. Zero values of the limits take the defaults of [Config.withDefaults].
type Config struct {
	Python Interpreter
	Tier   Tier // TierFull, TierLandlock or TierNone
	// Harness is trusted Python source, run once in the zygote. It must define
	// main(fd, data, fds): fd is the channel (a stream socket), data the first
	// bytes received, fds the descriptors that came with them. Whatever it
	// imports is warm in every child.
	Harness string
	// Preload names modules to import in the zygote if they exist.
	Preload []string

	Memory  int64 // bytes of address space per process (default 1 GiB)
	Stack   int64 // bytes of stack (default 64 MiB)
	File    int64 // bytes a file may grow to, standard output included (default 16 MiB)
	Scratch int64 // bytes of the scratch directory, full tier only (default 64 MiB)
	Files   int   // open descriptors (default 512)
	Threads int   // processes and threads (default 64)
	// CPU is a backstop on CPU time of one process, should the caller's own deadline fail (default 10 min).
	CPU time.Duration
	// MaxFrame bounds a frame received from a child, in bytes (default 16 MiB).
	MaxFrame int

	Log   *slog.Logger // nil: discard
	Debug bool         // children print harness tracebacks (TierNone only has a stderr to print to)
}

func (c Config) withDefaults() Config {
	set := func(p *int64, v int64) {
		if *p == 0 {
			*p = v
		}
	}
	set(&c.Memory, 1<<30)
	set(&c.Stack, 64<<20)
	set(&c.File, 16<<20)
	set(&c.Scratch, 64<<20)
	if c.Files == 0 {
		c.Files = 512
	}
	if c.Threads == 0 {
		c.Threads = 64
	}
	if c.CPU == 0 {
		c.CPU = 10 * time.Minute
	}
	if c.MaxFrame == 0 {
		c.MaxFrame = 16 << 20
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// Usage is what became of one process.
type Usage struct {
	ExitCode int       // exit status, or -1 when a signal ended it
	Signal   os.Signal // the signal that ended it; SIGKILL also when End did
	// Killed: SIGKILL ended it and was not End's. Somebody outside sent it (the
	// kernel when memory is short, an operator), or the program sent it to itself.
	Killed bool
	CPU    time.Duration
	MaxRSS int64 // bytes
	Faults int   // minor page faults
	// Extra counts further processes that had to be killed.
	Extra int
	// Dirty says whether the scratch directory had to be replaced.
	Dirty bool
	// Forbidden names the first system call that was refused ("socket", "fork", …), or "".
	Forbidden string
}

var (
	// ErrLost means that the sandbox itself died; start a new one. No verdict on the job follows from it.
	ErrLost = errors.New("sandbox: lost")
	// ErrFrame means that a child sent a frame that is too large.
	ErrFrame = errors.New("sandbox: frame too large")
	// ErrUnsupported means that this operating system has no sandbox.
	ErrUnsupported = errors.New("sandbox: isolation needs Linux (run Hone in a Linux container or virtual machine)")
)

// StartError says at which step a sandbox could not be set up, and what would help.
type StartError struct {
	Tier Tier
	Step string // e.g. "user namespace", "landlock", "interpreter"
	Err  error
	Help string
}

// Error says what failed and, in parentheses, what would help.
func (e *StartError) Error() string {
	s := fmt.Sprintf("sandbox: tier %s: %s: %v", e.Tier, e.Step, e.Err)
	if e.Help != "" {
		s += " (" + e.Help + ")"
	}
	return s
}

// Unwrap returns the cause.
func (e *StartError) Unwrap() error { return e.Err }
