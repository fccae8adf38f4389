package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"unsafe"

	"github.com/elastic/go-seccomp-bpf/arch"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// The restrictions of hosts, each put on this thread. They outlive exec, so that
// the hone that follows lives on such a host.

// dockerRefused are the calls that Docker's default profile refuses a container
// without further capabilities, on x86-64 (of the calls this module's tables know;
// newer ones are refused as well). clone, clone3, personality and socket it looks into.
var dockerRefused = strings.Fields(`
	_sysctl acct add_key afs_syscall bpf clock_settime create_module delete_module fanotify_init finit_module fsconfig
	fsmount fsopen fspick get_kernel_syms get_mempolicy getpmsg init_module ioperm iopl kcmp kexec_file_load kexec_load keyctl
	lookup_dcookie mbind migrate_pages mount mount_setattr move_mount move_pages nfsservctl open_by_handle_at open_tree
	perf_event_open pidfd_getfd pivot_root process_madvise putpmsg query_module quotactl quotactl_fd reboot request_key security
	set_mempolicy set_mempolicy_home_node setdomainname sethostname setns settimeofday swapoff swapon sysfs syslog tuxcall
	umount2 unshare uselib userfaultfd ustat vhangup vserver io_uring_setup io_uring_enter io_uring_register`)

// honeNeeds are those of them that the full tier uses.
var honeNeeds = strings.Fields("mount mount_setattr pivot_root sethostname umount2")

// namespaceFlags are all CLONE_NEW… flags that clone can take.
const namespaceFlags = unix.CLONE_NEWNS | unix.CLONE_NEWCGROUP | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC | unix.CLONE_NEWUSER | unix.CLONE_NEWPID | unix.CLONE_NEWNET

// refused answers calls with an error number; the rest of the program allows.
func (p *program) refused(errno unix.Errno, names ...string) {
	p.all(names, retErrno|uint32(errno))
}

// noNamespaces refuses clone with any of flags.
func (p *program) noNamespaces(flags uint32, errno unix.Errno) {
	p.on("clone", bpf.LoadAbsolute{Off: offArg0, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpBitsNotSet, Val: flags, SkipTrue: 1},
		bpf.RetConstant{Val: retErrno | uint32(errno)},
		bpf.RetConstant{Val: retAllow})
	p.refused(unix.ENOSYS, "clone3")
}

// dockerDefault are the rules of Docker's default profile.
func dockerDefault(p *program) {
	p.noNamespaces(namespaceFlags, unix.EPERM)
	p.on("personality", oneOf(offArg0, []uint32{0, 8, 0x20000, 0x20008, 0xffffffff}, retAllow, retEPERM)...)
	p.on("socket", bpf.LoadAbsolute{Off: offArg0, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: unix.AF_VSOCK, SkipTrue: 1},
		bpf.RetConstant{Val: retEPERM}, bpf.RetConstant{Val: retAllow})
	p.refused(unix.EPERM, dockerRefused...)
	newest := 0
	for nr := range p.arch.SyscallNumbers {
		if nr < 1000 {
			newest = max(newest, nr)
		}
	}
	p.add(bpf.JumpIf{Cond: bpf.JumpLessOrEqual, Val: uint32(newest), SkipTrue: 1}, bpf.RetConstant{Val: retEPERM})
}

// install puts a filter on this thread. flags are those of seccomp(2), what it returns is returned.
func install(flags uintptr, rules func(*program)) (uintptr, error) {
	p, err := newProgram()
	if err != nil {
		return 0, err
	}
	rules(p)
	p.add(bpf.RetConstant{Val: retAllow})
	_, raw, err := assemble(p.ins)
	if err != nil {
		return 0, err
	}
	ins := make([]unix.SockFilter, len(raw))
	for i, r := range raw {
		ins[i] = unix.SockFilter{Code: r.Op, Jt: r.Jt, Jf: r.Jf, K: r.K}
	}
	prog := unix.SockFprog{Len: uint16(len(ins)), Filter: &ins[0]}
	r, _, e := unix.Syscall(unix.SYS_SECCOMP, 1 /* SECCOMP_SET_MODE_FILTER */, flags, uintptr(unsafe.Pointer(&prog)))
	runtime.KeepAlive(ins)
	if e != 0 {
		return 0, fmt.Errorf("install a filter: %w", e)
	}
	return r, nil
}

func filter(rules func(*program)) func() error {
	return func() error {
		_, err := install(0, rules)
		return err
	}
}

// refuse refuses single calls.
func refuse(errno unix.Errno, names ...string) func() error {
	return filter(func(p *program) { p.refused(errno, names...) })
}

func noNewNamespaces(errno unix.Errno) func() error {
	return filter(func(p *program) { p.noNamespaces(namespaceFlags, errno) })
}

// listenerTaken has a listener watch over the process already, as container runtimes can.
func listenerTaken() error {
	const newListener = 8 // SECCOMP_FILTER_FLAG_NEW_LISTENER
	fd, err := install(newListener, func(*program) {})
	if err != nil {
		return err
	}
	_, err = unix.FcntlInt(fd, unix.F_SETFD, 0) // stays open after exec
	return err
}

// dockerCapabilities leaves root what Docker leaves it.
func dockerCapabilities() error {
	keep := []int{
		unix.CAP_CHOWN, unix.CAP_DAC_OVERRIDE, unix.CAP_FSETID, unix.CAP_FOWNER, unix.CAP_MKNOD, unix.CAP_NET_RAW, unix.CAP_SETGID,
		unix.CAP_SETUID, unix.CAP_SETFCAP, unix.CAP_SETPCAP, unix.CAP_NET_BIND_SERVICE, unix.CAP_SYS_CHROOT, unix.CAP_KILL, unix.CAP_AUDIT_WRITE,
	}
	for c := 0; c <= unix.CAP_LAST_CAP; c++ {
		if !slices.Contains(keep, c) {
			if err := unix.Prctl(unix.PR_CAPBSET_DROP, uintptr(c), 0, 0, 0); err != nil && !errors.Is(err, unix.EINVAL) {
				return fmt.Errorf("bounding set: %w", err)
			}
		}
	}
	return nil // exec gives root what is left in the bounding set
}

func noNewPrivileges() error { return unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) }

// ownProfile reads docs/docker-seccomp.json and applies it as Docker would.
func ownProfile() error {
	b, err := os.ReadFile(filepath.Join(os.Getenv(hostRepo), "docs", "docker-seccomp.json"))
	if err != nil {
		return err
	}
	profile, err := readProfile(b)
	if err != nil {
		return err
	}
	_, err = install(0, func(p *program) {
		for _, rule := range profile.Syscalls {
			p.all(rule.Names, retErrno|uint32(rule.Errno))
		}
	})
	return err
}

// seccompProfile is as much of Docker's profile format as ours uses.
type seccompProfile struct {
	DefaultAction string `json:"defaultAction"`
	ArchMap       []struct {
		Architecture     string   `json:"architecture"`
		SubArchitectures []string `json:"subArchitectures"`
	} `json:"archMap"`
	Syscalls []struct {
		Names   []string `json:"names"`
		Action  string   `json:"action"`
		Errno   int      `json:"errnoRet"`
		Comment string   `json:"comment"`
	} `json:"syscalls"`
}

func readProfile(b []byte) (seccompProfile, error) {
	var p seccompProfile
	d := json.NewDecoder(strings.NewReader(string(b)))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return p, err
	}
	info, err := arch.GetInfo("x86_64")
	if err != nil {
		return p, err
	}
	if p.DefaultAction != "SCMP_ACT_ALLOW" {
		return p, fmt.Errorf("default action %q", p.DefaultAction)
	}
	for _, rule := range p.Syscalls {
		if rule.Action != "SCMP_ACT_ERRNO" || rule.Errno == 0 {
			return p, fmt.Errorf("rule %+v is no refusal", rule)
		}
		for _, n := range rule.Names {
			if _, ok := info.SyscallNames[n]; !ok {
				return p, fmt.Errorf("%s is no system call", n)
			}
		}
	}
	return p, nil
}

// become makes this process an ordinary user without subordinate ids.
func become(uid int) error {
	return errors.Join(syscall.Setgroups(nil), syscall.Setresgid(uid, uid, uid), syscall.Setresuid(uid, uid, uid))
}
