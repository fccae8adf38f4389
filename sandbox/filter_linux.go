package sandbox

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"unsafe"

	"github.com/elastic/go-seccomp-bpf/arch"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// allowed are the system calls any job may make. Frequent ones first: the filter
// is a linear list where the kernel keeps no bitmap of it.
var allowed = strings.Fields(`
	read write mmap munmap brk mprotect futex openat fstat newfstatat lseek close poll clock_gettime getpid
	readv writev pread64 pwrite64 open close_range stat lstat statx mremap madvise msync mincore
	rt_sigaction rt_sigprocmask rt_sigreturn rt_sigtimedwait rt_sigpending rt_sigsuspend sigaltstack
	access faccessat faccessat2 select pselect6 ppoll epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait
	sched_yield dup dup2 dup3 nanosleep clock_nanosleep clock_getres gettimeofday time times getrusage sysinfo
	getppid gettid getuid geteuid getgid getegid getgroups getresuid getresgid getpgrp getpgid getsid
	exit exit_group uname flock getcwd getdents64 readlink readlinkat getrandom set_robust_list get_robust_list rseq
	sched_getaffinity sched_getparam sched_getscheduler sched_get_priority_max sched_get_priority_min getrlimit setrlimit
	pipe pipe2 eventfd2 mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 ftruncate truncate
	fsync fdatasync chdir fchdir umask link linkat symlink symlinkat chmod fchmod fchmodat utimensat fallocate fadvise64
	statfs fstatfs chown fchown lchown fchownat setitimer getitimer alarm pause restart_syscall set_tid_address arch_prctl membarrier
	sendto recvfrom sendmsg recvmsg shutdown getsockopt getsockname getpeername timer_create timer_settime timer_gettime timer_delete
	timerfd_create timerfd_settime timerfd_gettime getpriority capget sendfile copy_file_range wait4 waitid getcpu tgkill`)

// zygoteOnly calls pass the filter because the zygote needs them; a child lacks
// the capability, or has a filter of its own against them.
var zygoteOnly = strings.Fields("kill prctl capset")

// mounts are what the zygote cleans the scratch directory with.
var mounts = strings.Fields("mount umount2")

// named calls are refused with EPERM, end the job's chances and are named in its verdict.
var named = strings.Fields(`
	socket connect bind listen accept accept4 execve execveat fork vfork ptrace process_vm_readv process_vm_writev
	pivot_root chroot unshare setns bpf perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register
	keyctl add_key request_key init_module finit_module delete_module kexec_load kexec_file_load reboot swapon swapoff
	open_by_handle_at name_to_handle_at mknod mknodat shmget shmat msgget semget mq_open pidfd_open pidfd_getfd
	pidfd_send_signal acct quotactl setuid setgid setreuid setregid setresuid setresgid setfsuid setfsgid setgroups
	personality iopl ioperm modify_ldt landlock_create_ruleset seccomp memfd_secret fsopen fsmount fsconfig open_tree
	move_mount mount_setattr process_madvise kcmp settimeofday clock_settime adjtimex clock_adjtime syslog
	rt_sigqueueinfo rt_tgsigqueueinfo lookup_dcookie fanotify_init sethostname setdomainname vhangup`)

// unsupported calls get ENOTSUP, which libraries that try them expect.
var unsupported = strings.Fields(`
	setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr removexattr lremovexattr fremovexattr`)

// metadata calls are what Landlock does not govern (all of its versions, or the
// first): without a mount of their own, jobs must not have them.
var metadata = strings.Fields("flock chmod fchmod fchmodat chown fchown lchown fchownat utimensat truncate")

// ioctls a job may make: terminal questions (isatty), close-on-exec, non-blocking, bytes available.
// The others could hand a descriptor's signals to somebody else's process (FIOSETOWN).
var ioctls = []uint32{unix.TCGETS, unix.TIOCGWINSZ, 0x541B /* FIONREAD */, 0x5451 /* FIOCLEX */, 0x5450 /* FIONCLEX */, 0x5421 /* FIONBIO */}

// fcntls that could do the same, or notice what others do with a file.
var ownerFcntls = []uint32{8 /* F_SETOWN */, 10 /* F_SETSIG */, 15 /* F_SETOWN_EX */, 1024 /* F_SETLEASE */, 1026 /* F_NOTIFY */}

// Return values of a filter.
const (
	retAllow  = 0x7fff0000
	retNotify = 0x7fc00000
	retErrno  = 0x00050000
	retKill   = 0x80000000
	retEPERM  = retErrno | uint32(unix.EPERM)
)

// Offsets in struct seccomp_data, little-endian: the low words of the arguments,
// which hold the whole of every argument looked at here.
const (
	offNR   = 0
	offArch = 4
	offArg0 = 16
	offArg1 = 24
)

// program is a filter under construction. Every block ends in a return, so that
// the accumulator always holds the system call's number between blocks (the
// policy compiler of go-seccomp-bpf 1.6 loses it after a condition).
type program struct {
	arch *arch.Info
	ins  []bpf.Instruction
}

// newProgram starts with the checks of architecture and of the x32 numbers.
func newProgram() (*program, error) {
	info, err := arch.GetInfo("")
	if err != nil {
		return nil, err
	}
	p := &program{arch: info}
	p.add(bpf.LoadAbsolute{Off: offArch, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: uint32(info.ID), SkipTrue: 1},
		bpf.RetConstant{Val: retEPERM},
		bpf.LoadAbsolute{Off: offNR, Size: 4})
	if info.ID == arch.X86_64.ID {
		p.add(bpf.JumpIf{Cond: bpf.JumpLessThan, Val: uint32(arch.X32.SeccompMask), SkipTrue: 1},
			bpf.RetConstant{Val: retErrno | uint32(unix.ENOSYS)})
	}
	return p, nil
}

func (p *program) add(ins ...bpf.Instruction) { p.ins = append(p.ins, ins...) }

// on runs body, which must return on every path, for one system call. Calls that
// this architecture lacks are left out.
func (p *program) on(name string, body ...bpf.Instruction) {
	nr, ok := p.arch.SyscallNames[name]
	if !ok {
		return
	}
	p.add(bpf.JumpIf{Cond: bpf.JumpEqual, Val: uint32(nr), SkipFalse: uint8(len(body))})
	p.add(body...)
}

// all answers every named call alike.
func (p *program) all(names []string, ret uint32) {
	for _, n := range names {
		p.on(n, bpf.RetConstant{Val: ret})
	}
}

// oneOf returns yes if the argument at off is among values, and no otherwise.
func oneOf(off uint32, values []uint32, yes, no uint32) []bpf.Instruction {
	body := []bpf.Instruction{bpf.LoadAbsolute{Off: off, Size: 4}}
	for i, v := range values {
		body = append(body, bpf.JumpIf{Cond: bpf.JumpEqual, Val: v, SkipTrue: uint8(len(values) - i)})
	}
	return append(body, bpf.RetConstant{Val: no}, bpf.RetConstant{Val: yes})
}

// clones answers clone by whether it makes a thread or a process.
func clones(thread, process uint32) []bpf.Instruction {
	return []bpf.Instruction{
		bpf.LoadAbsolute{Off: offArg0, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpBitsSet, Val: unix.CLONE_THREAD, SkipTrue: 1},
		bpf.RetConstant{Val: process},
		bpf.RetConstant{Val: thread},
	}
}

// connectedPair allows pairs of unix sockets that can only talk to each other: a
// datagram socket could send to any address without ever calling connect.
func connectedPair() []bpf.Instruction {
	return []bpf.Instruction{
		bpf.LoadAbsolute{Off: offArg0, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.AF_UNIX, SkipFalse: 4},
		bpf.LoadAbsolute{Off: offArg1, Size: 4},
		bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: 0xf}, // SOCK_TYPE_MASK
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.SOCK_STREAM, SkipTrue: 2},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.SOCK_SEQPACKET, SkipTrue: 1},
		bpf.RetConstant{Val: retEPERM},
		bpf.RetConstant{Val: retAllow},
	}
}

// zygoteFilter is installed once in the zygote and inherited by every child.
// With notify, refused calls are reported to Hone, which also tells the zygote's
// forks and mounts from a child's, and in the landlock tier counts threads; without,
// they kill, and childFilter stops a child's forks and mounts.
func zygoteFilter(tier Tier, notify bool) (string, error) {
	p, err := newProgram()
	if err != nil {
		return "", err
	}
	refuse, forks, threads := uint32(retKill), uint32(retAllow), uint32(retAllow)
	if notify {
		refuse, forks = retNotify, retNotify
		if tier == TierLandlock {
			threads = retNotify
		}
	}
	p.on("fcntl", oneOf(offArg1, ownerFcntls, refuse, retAllow)...)
	p.on("ioctl", oneOf(offArg1, ioctls, retAllow, retEPERM)...)
	p.on("prlimit64", oneOf(offArg0, []uint32{0}, retAllow, refuse)...)
	p.all(allowed, retAllow)
	p.all(zygoteOnly, retAllow)
	p.all(mounts, forks)
	p.on("clone", clones(threads, forks)...)
	p.on("socketpair", connectedPair()...)
	// glibc falls back to clone, whose flags a filter can see.
	p.on("clone3", bpf.RetConstant{Val: retErrno | uint32(unix.ENOSYS)})
	p.all(unsupported, retErrno|uint32(unix.ENOTSUP))
	p.all(named, refuse)
	p.add(bpf.RetConstant{Val: retEPERM})
	s, _, err := assemble(p.ins)
	return s, err
}

// filterOnce reports whether the zygote itself can have the child filter, which its
// children then inherit, once for all of them: installing one costs a child as much as
// some forty page faults. The zygote's own forks and mounts then pass by notification,
// and dropping capabilities, which is all that capset can do, is left to a child, too.
func filterOnce(tier Tier, notify bool) bool { return tier == TierFull && notify }

// childFilter is installed by every child before its job arrives, or once by the zygote
// (see filterOnce), on top of the zygote's: no new processes where nobody is notified
// (killed: the exit signal tells), no prctl but thread names, no mounts, no sending of
// descriptors, and in the landlock tier no signals to others and no change of any file.
// pidSlots are byte offsets where the child writes its own process id.
func childFilter(tier Tier, notify bool) (filter string, pidSlots []int, err error) {
	p, err := newProgram()
	if err != nil {
		return "", nil, err
	}
	const slot = 0x5109_5109 // replaced by the child's process id
	if !notify {
		p.on("clone", clones(retAllow, retKill)...)
	}
	p.on("prctl", oneOf(offArg0, []uint32{unix.PR_SET_NAME, unix.PR_GET_NAME}, retAllow, retEPERM)...)
	if !filterOnce(tier, notify) {
		p.all(append([]string{"capset"}, mounts...), retEPERM)
	}
	// It sends descriptors, and the kernel counts those under way for all of a user:
	// a job could keep other sandboxes, and others of the user, from sending any.
	p.all([]string{"sendmsg"}, retEPERM)
	if tier != TierFull { // in the full tier there is nobody else in the namespace
		p.all([]string{"kill", "tkill"}, retEPERM)
		p.on("tgkill", oneOf(offArg0, []uint32{slot}, retAllow, retEPERM)...)
		p.all(metadata, retEPERM)
	}
	p.add(bpf.RetConstant{Val: retAllow})
	filter, raw, err := assemble(p.ins)
	pidSlots = []int{}
	for i, r := range raw {
		if r.K == slot {
			pidSlots = append(pidSlots, i*8+4)
		}
	}
	return filter, pidSlots, err
}

// assemble returns the program as hex of struct sock_filter in native order.
func assemble(ins []bpf.Instruction) (string, []bpf.RawInstruction, error) {
	raw, err := bpf.Assemble(ins)
	if err != nil {
		return "", nil, fmt.Errorf("assemble filter: %w", err)
	}
	var b bytes.Buffer
	for _, r := range raw {
		if err := binary.Write(&b, binary.NativeEndian, struct {
			Op     uint16
			Jt, Jf uint8
			K      uint32
		}{r.Op, r.Jt, r.Jf, r.K}); err != nil {
			return "", nil, err
		}
	}
	return hex.EncodeToString(b.Bytes()), raw, nil
}

func syscallName(nr int) string {
	if info, err := arch.GetInfo(""); err == nil {
		if n, ok := info.SyscallNumbers[nr]; ok {
			return n
		}
	}
	return fmt.Sprintf("system call %d", nr)
}

// struct seccomp_notif and seccomp_notif_resp.
type seccompNotif struct {
	ID    uint64
	PID   uint32
	Flags uint32
	NR    int32
	Arch  uint32
	IP    uint64
	Args  [6]uint64
}

type seccompResponse struct {
	ID    uint64
	Value int64
	Error int32
	Flags uint32
}

const (
	ioctlNotifRecv = 0xc0502100
	ioctlNotifSend = 0xc0182101
)

// Numbers of the calls that are looked at.
var cloneNR, mountNR, umountNR = number("clone"), number("mount"), number("umount2")

func number(name string) int32 {
	info, err := arch.GetInfo("")
	if err != nil {
		return -1
	}
	return int32(info.SyscallNames[name])
}

// continueFlag is SECCOMP_USER_NOTIF_FLAG_CONTINUE. It is safe for clone, whose
// flags are in registers: nobody can change them after we looked. What the zygote's
// mounts point to is in its memory, which is its own.
const continueFlag = 1

// notifyLoop lets the zygote fork and mount, bounds the threads of a job, refuses every
// other reported call with EPERM and remembers the first of a job.
func (s *Sandbox) notifyLoop(fd int) {
	defer close(s.notifyEnd)
	defer unix.Close(fd)
	for {
		pfd := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		if _, err := unix.Poll(pfd, -1); err == unix.EINTR {
			continue
		} else if err != nil || pfd[0].Revents&unix.POLLIN == 0 {
			return // all tasks that had the filter are gone
		}
		var req seccompNotif
		// Next waits for the lock, so that no job is charged with an earlier one's call.
		s.notifyMu.Lock()
		_, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), ioctlNotifRecv, uintptr(unsafe.Pointer(&req)))
		var resp seccompResponse
		if e == 0 {
			resp = s.decide(&req)
		}
		s.notifyMu.Unlock()
		if e != 0 {
			continue // the caller was killed meanwhile
		}
		unix.Syscall(unix.SYS_IOCTL, uintptr(fd), ioctlNotifSend, uintptr(unsafe.Pointer(&resp)))
	}
}

// decide answers one reported call.
func (s *Sandbox) decide(req *seccompNotif) seccompResponse {
	switch {
	case int(req.PID) == s.cmd.Process.Pid && (req.NR == cloneNR || req.NR == mountNR || req.NR == umountNR):
		return seccompResponse{ID: req.ID, Flags: continueFlag}
	case req.NR == cloneNR && req.Args[0]&unix.CLONE_THREAD != 0:
		if s.clones++; s.clones <= s.cfg.Threads || threads(req.PID) < s.cfg.Threads {
			return seccompResponse{ID: req.ID, Flags: continueFlag}
		}
		return seccompResponse{ID: req.ID, Error: -int32(unix.EAGAIN)}
	}
	s.forbidden.CompareAndSwap(0, int64(req.NR)+1)
	return seccompResponse{ID: req.ID, Error: -int32(unix.EPERM)}
}

// threads is the number of threads in a process, as far as /proc tells.
func threads(tid uint32) int {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", tid))
	if _, rest, ok := strings.Cut(string(b), "\nThreads:"); ok {
		line, _, _ := strings.Cut(rest, "\n")
		if n, err := strconv.Atoi(strings.TrimSpace(line)); err == nil {
			return n
		}
	}
	return math.MaxInt
}
