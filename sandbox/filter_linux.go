package sandbox

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"unsafe"

	seccomp "github.com/elastic/go-seccomp-bpf"
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
	exit exit_group uname fcntl flock getcwd getdents64 readlink readlinkat getrandom set_robust_list get_robust_list rseq
	sched_getaffinity sched_getparam sched_getscheduler sched_get_priority_max sched_get_priority_min getrlimit setrlimit
	pipe pipe2 eventfd2 memfd_create mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 ftruncate truncate
	fsync fdatasync chdir fchdir umask link linkat symlink symlinkat chmod fchmod fchmodat utimensat fallocate fadvise64
	statfs fstatfs setitimer getitimer alarm pause restart_syscall set_tid_address arch_prctl membarrier socketpair
	sendto recvfrom sendmsg recvmsg shutdown getsockopt getsockname getpeername timer_create timer_settime timer_gettime timer_delete
	timerfd_create timerfd_settime timerfd_gettime getpriority capget sendfile copy_file_range wait4 waitid getcpu tgkill`)

// zygoteOnly calls pass the filter because the zygote needs them; a child lacks
// the capability, or has a filter of its own against them.
var zygoteOnly = strings.Fields("clone kill mount umount2 prctl capset")

// named calls are refused with EPERM, end the job's chances and are named in its verdict.
var named = strings.Fields(`
	socket connect bind listen accept accept4 execve execveat fork vfork ptrace process_vm_readv process_vm_writev
	pivot_root chroot unshare setns bpf perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register
	keyctl add_key request_key init_module finit_module delete_module kexec_load kexec_file_load reboot swapon swapoff
	open_by_handle_at name_to_handle_at mknod mknodat shmget shmat msgget semget mq_open pidfd_open pidfd_getfd
	pidfd_send_signal acct quotactl setuid setgid setreuid setregid setresuid setresgid setfsuid setfsgid setgroups
	personality iopl ioperm modify_ldt landlock_create_ruleset seccomp memfd_secret fsopen fsmount fsconfig open_tree
	move_mount mount_setattr process_madvise migrate_pages move_pages mbind set_mempolicy kcmp settimeofday
	clock_settime adjtimex clock_adjtime syslog rt_sigqueueinfo rt_tgsigqueueinfo lookup_dcookie fanotify_init setpriority ioprio_set
	sched_setaffinity sched_setscheduler sched_setattr sched_setparam sethostname setdomainname vhangup`)

// ioctls a job may make: terminal questions (isatty), close-on-exec, non-blocking, bytes available.
// The others could hand a descriptor's signals to somebody else's process (FIOSETOWN).
var ioctls = []uint64{unix.TCGETS, unix.TIOCGWINSZ, 0x541B /* FIONREAD */, 0x5451 /* FIOCLEX */, 0x5450 /* FIONCLEX */, 0x5421 /* FIONBIO */}

const (
	fSetSig   = 10 // F_SETSIG
	fSetOwn   = 8  // F_SETOWN
	fSetOwnEx = 15 // F_SETOWN_EX
)

// zygoteFilter is installed once in the zygote and inherited by every child.
// With notify, refused calls are reported to Hone; otherwise they kill.
func zygoteFilter(notify bool) (string, error) {
	info, err := arch.GetInfo("")
	if err != nil {
		return "", err
	}
	known := func(names []string) (out []string) { // other architectures lack the legacy calls
		for _, n := range names {
			if _, ok := info.SyscallNames[n]; ok {
				out = append(out, n)
			}
		}
		return out
	}
	refuse := seccomp.ActionKillProcess
	if notify {
		refuse = seccomp.ActionUserNotify
	}
	var ctl []seccomp.NameWithConditions
	for _, v := range ioctls {
		ctl = append(ctl, seccomp.NameWithConditions{Name: "ioctl", Conditions: seccomp.ArgumentConditions{{Argument: 1, Operation: seccomp.Equal, Value: v}}})
	}
	var own []seccomp.NameWithConditions
	for _, v := range []uint64{fSetSig, fSetOwn, fSetOwnEx} {
		own = append(own, seccomp.NameWithConditions{Name: "fcntl", Conditions: seccomp.ArgumentConditions{{Argument: 1, Operation: seccomp.Equal, Value: v}}})
	}
	self := []seccomp.NameWithConditions{{Name: "prlimit64", Conditions: seccomp.ArgumentConditions{{Argument: 0, Operation: seccomp.Equal, Value: 0}}}}
	p := seccomp.Policy{
		DefaultAction: seccomp.ActionErrno,
		Syscalls: []seccomp.SyscallGroup{
			{NamesWithCondtions: own, Action: refuse},
			{Names: known(allowed), Action: seccomp.ActionAllow},
			{Names: known(zygoteOnly), Action: seccomp.ActionAllow},
			{NamesWithCondtions: append(ctl, self...), Action: seccomp.ActionAllow},
			// glibc falls back to clone, whose flags a filter can see.
			{Names: known([]string{"clone3"}), Action: seccomp.ActionErrno | seccomp.Action(unix.ENOSYS)},
			{Names: known(append([]string{"prlimit64"}, named...)), Action: refuse},
		},
	}
	ins, err := p.Assemble()
	if err != nil {
		return "", err
	}
	s, _, err := assemble(ins)
	return s, err
}

// childFilter is installed by every child before its job arrives, on top of the
// zygote's: no new processes (killed: the exit signal tells), no prctl but
// thread names, no mounts, and in the landlock tier no signals to others.
// pidSlots are byte offsets where the child writes its own process id.
func childFilter(tier Tier) (program string, pidSlots []int, err error) {
	info, err := arch.GetInfo("")
	if err != nil {
		return "", nil, err
	}
	nr := func(name string) uint32 { return uint32(info.SyscallNames[name]) }
	const (
		arg0  = 16 // offset of the first argument in struct seccomp_data, low word
		allow = uint32(seccomp.ActionAllow)
		eperm = uint32(seccomp.ActionErrno) | uint32(unix.EPERM)
		slot  = 0x5109_5109 // replaced by the child's process id
	)
	ins := []bpf.Instruction{bpf.LoadAbsolute{Off: 0, Size: 4}}
	// block runs body for system call name; every body ends in a return.
	block := func(name string, body ...bpf.Instruction) {
		if _, ok := info.SyscallNames[name]; !ok {
			return
		}
		ins = append(ins, bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: nr(name), SkipTrue: uint8(len(body))})
		ins = append(ins, body...)
	}
	block("clone", bpf.LoadAbsolute{Off: arg0, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpBitsSet, Val: unix.CLONE_THREAD, SkipFalse: 1},
		bpf.RetConstant{Val: allow},
		bpf.RetConstant{Val: uint32(seccomp.ActionKillProcess)})
	block("prctl", bpf.LoadAbsolute{Off: arg0, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.PR_SET_NAME, SkipTrue: 1},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: unix.PR_GET_NAME, SkipTrue: 1},
		bpf.RetConstant{Val: allow},
		bpf.RetConstant{Val: eperm})
	for _, name := range []string{"mount", "umount2", "capset"} {
		block(name, bpf.RetConstant{Val: eperm})
	}
	if tier != TierFull { // in the full tier there is nobody else in the namespace
		block("kill", bpf.RetConstant{Val: eperm})
		block("tkill", bpf.RetConstant{Val: eperm})
		block("tgkill", bpf.LoadAbsolute{Off: arg0, Size: 4},
			bpf.JumpIf{Cond: bpf.JumpEqual, Val: slot, SkipFalse: 1},
			bpf.RetConstant{Val: allow},
			bpf.RetConstant{Val: eperm})
	}
	ins = append(ins, bpf.RetConstant{Val: allow})
	program, raw, err := assemble(ins)
	pidSlots = []int{}
	for i, r := range raw {
		if r.K == slot {
			pidSlots = append(pidSlots, i*8+4)
		}
	}
	return program, pidSlots, err
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

// notifyLoop refuses every reported call with EPERM and remembers the first of a job.
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
		if _, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), ioctlNotifRecv, uintptr(unsafe.Pointer(&req))); e != 0 {
			continue // the caller was killed meanwhile
		}
		s.forbidden.CompareAndSwap(0, int64(req.NR)+1)
		resp := seccompResponse{ID: req.ID, Error: -int32(unix.EPERM)}
		unix.Syscall(unix.SYS_IOCTL, uintptr(fd), ioctlNotifSend, uintptr(unsafe.Pointer(&resp)))
	}
}
