package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	// stageEnv holds the stage's configuration; together with a socket on
	// descriptor 3 and this name it makes a process a sandbox stage.
	stageEnv  = "HONE_SANDBOX_STAGE"
	stageName = "hone-sandbox"
	// sandboxUID is the host user (and group) that sandboxes of a root user run
	// as where that id is available: far from the ranges distributions allot.
	sandboxUID      = 200001
	addrNoRandomize = 0x0040000 // ADDR_NO_RANDOMIZE of personality(2)
	// insideUID is that user inside the namespace.
	insideUID = 1
)

// stageConfig is handed to the first stage.
type stageConfig struct {
	Tier           Tier
	Python         string
	Binds          []string
	ScratchOptions string
	UID            int // user to become inside before Python starts; 0 stays
}

func init() {
	env := os.Getenv(stageEnv)
	if env == "" {
		return
	}
	// An inherited variable alone (somebody's shell) must not turn the program into a stage.
	if kind, err := unix.GetsockoptInt(3, unix.SOL_SOCKET, unix.SO_TYPE); err != nil || kind != unix.SOCK_SEQPACKET || !slices.Equal(os.Args, []string{stageName}) {
		return
	}
	runtime.LockOSThread()
	runStage(env)
}

// procAttr returns how the first stage is cloned and the user it becomes later.
func procAttr(tier Tier) (*syscall.SysProcAttr, int) {
	attr := &syscall.SysProcAttr{Setsid: true} // away from the terminal: Ctrl-C is for Hone alone
	root := os.Geteuid() == 0
	if tier != TierFull {
		if root {
			return attr, spareID()
		}
		return attr, 0
	}
	attr.Cloneflags = syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWNET | syscall.CLONE_NEWIPC | syscall.CLONE_NEWUTS | syscall.CLONE_NEWCGROUP
	attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}}
	attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}}
	if !root {
		return attr, 0
	}
	// As root the mounts are made under root's own id, which may read a virtual
	// environment in a private home; then the sandbox becomes an unused user.
	host := spareID()
	if host == 0 {
		return attr, 0
	}
	attr.UidMappings = append(attr.UidMappings, syscall.SysProcIDMap{ContainerID: insideUID, HostID: host, Size: 1})
	attr.GidMappings = append(attr.GidMappings, syscall.SysProcIDMap{ContainerID: insideUID, HostID: host, Size: 1})
	attr.GidMappingsEnableSetgroups = true
	attr.Credential = &syscall.Credential{Uid: 0, Gid: 0}
	return attr, insideUID
}

// spareID picks a host id for sandboxes of root: sandboxUID, or inside a
// container with a narrow id map the highest mapped id, or 0.
func spareID() int {
	b, err := os.ReadFile("/proc/self/uid_map")
	if err != nil {
		return 0
	}
	best := 0
	for line := range strings.Lines(string(b)) {
		var inside, outside, n int64
		if _, err := fmt.Sscan(line, &inside, &outside, &n); err != nil {
			continue
		}
		if inside <= sandboxUID && sandboxUID < inside+n {
			return sandboxUID
		}
		if last := int(inside + n - 1); last > best {
			best = last
		}
	}
	return best
}

// stageFail reports a step that failed to the parent and exits.
func stageFail(step string, err error, help string) {
	fmt.Fprintf(os.Stderr, "%s\x00%v\x00%s", step, err, help)
	os.Exit(97)
}

// runStage isolates this process and turns it into the Python zygote. It does not return.
func runStage(env string) {
	var c stageConfig
	if err := json.Unmarshal([]byte(env), &c); err != nil {
		stageFail("stage configuration", err, "")
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		stageFail("no_new_privs", err, "")
	}
	switch c.Tier {
	case TierFull:
		if err := mountAll(c); err != nil {
			stageFail("mounts", err, "")
		}
		if err := dropTo(c.UID, unix.CAP_SYS_ADMIN); err != nil {
			stageFail("capabilities", err, "")
		}
	case TierLandlock:
		if c.UID != 0 {
			if err := setIDs(c.UID); err != nil {
				stageFail("change of user", err, "")
			}
		}
		if err := restrictFiles(c.Binds); err != nil {
			stageFail("landlock", err, landlockHelp(err))
		}
	}
	if err := unix.Access(c.Python, unix.X_OK); err != nil {
		stageFail("interpreter", fmt.Errorf("%s: %w", c.Python, err), "the sandbox user cannot reach it: use an interpreter outside private home directories, or the full tier")
	}
	if err := closeOnExec(5); err != nil {
		stageFail("descriptors", err, "")
	}
	for fd := 3; fd <= 4; fd++ { // the only descriptors that survive
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_SETFD, 0); err != nil {
			stageFail("descriptors", err, "")
		}
	}
	if c.Tier != TierFull {
		if err := unix.Chdir("/"); err != nil {
			stageFail("working directory", err, "")
		}
	}
	// The same addresses in every run: results that depend on them (the order of a
	// set of objects, where memory ends) then repeat. Not every container allows it.
	unix.Syscall(unix.SYS_PERSONALITY, addrNoRandomize, 0, 0)
	// Not -I: it would ignore PYTHONHASHSEED. The environment below is all ours,
	// and zygote.py takes the working directory out of the module path.
	// argv[0] is the path, since Python finds its library by it. LD_BIND_NOW: what were
	// bound at its first call would be bound anew in every child.
	argv := []string{c.Python, "-s", "-S", "-B", "-c", zygoteSource}
	err := syscall.Exec(c.Python, argv, []string{"PYTHONHASHSEED=0", "LD_BIND_NOW=1", "PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "MALLOC_ARENA_MAX=1", "HOME=" + ScratchDir, "TMPDIR=" + ScratchDir, "MPLCONFIGDIR=" + ScratchDir, "MPLBACKEND=Agg", "OPENBLAS_NUM_THREADS=1", "OMP_NUM_THREADS=1"})
	stageFail("interpreter", fmt.Errorf("exec %s: %w", c.Python, err), "")
}

// closeOnExec marks every descriptor from first on. Hone's own are marked anyway,
// but not what Hone inherited from a careless parent.
func closeOnExec(first int) error {
	err := unix.CloseRange(uint(first), math.MaxInt32, unix.CLOSE_RANGE_CLOEXEC)
	if !errors.Is(err, unix.ENOSYS) && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.EPERM) {
		return err
	}
	var lim unix.Rlimit // before Linux 5.11
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &lim); err != nil {
		return err
	}
	for fd := first; fd < int(min(lim.Max, 1<<20)); fd++ {
		unix.CloseOnExec(fd)
	}
	return nil
}

// mountAll builds a new root: the needed parts of the system read-only, a
// private scratch directory, no /proc, nothing else.
func mountAll(c stageConfig) error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make mounts private: %w", err)
	}
	// Sources are opened first, since the new root covers /tmp.
	type source struct {
		path, link string
		fd         int
		dir        bool
	}
	var sources []source
	for _, p := range c.Binds {
		var st unix.Stat_t
		if err := unix.Lstat(p, &st); err != nil {
			continue // not every system has every path
		}
		s := source{path: p, fd: -1, dir: st.Mode&unix.S_IFMT == unix.S_IFDIR}
		if st.Mode&unix.S_IFMT == unix.S_IFLNK {
			link, err := os.Readlink(p)
			if err != nil {
				return err
			}
			s.link = link
		} else {
			fd, err := unix.Open(p, unix.O_PATH|unix.O_CLOEXEC, 0)
			if err != nil {
				return fmt.Errorf("open %s: %w", p, err)
			}
			s.fd = fd
		}
		sources = append(sources, s)
	}
	const root = "/tmp"
	if err := unix.Mount("hone", root, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "size=1m,nr_inodes=1024,mode=755"); err != nil {
		return fmt.Errorf("mount new root: %w", err)
	}
	tmpUsed := false
	for _, s := range sources {
		dst := filepath.Join(root, s.path)
		tmpUsed = tmpUsed || strings.HasPrefix(s.path, "/tmp/")
		if err := os.MkdirAll(filepath.Dir(dst), 0o755); err != nil {
			return err
		}
		if s.link != "" {
			if err := os.Symlink(s.link, dst); err != nil && !errors.Is(err, os.ErrExist) {
				return err
			}
			continue
		}
		if s.dir {
			if err := os.MkdirAll(dst, 0o755); err != nil {
				return err
			}
		} else if f, err := os.Create(dst); err != nil {
			return err
		} else {
			f.Close()
		}
		if err := unix.Mount(fmt.Sprintf("/proc/self/fd/%d", s.fd), dst, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
			return fmt.Errorf("bind %s: %w", s.path, err)
		}
		unix.Close(s.fd)
		attr := uint64(unix.MOUNT_ATTR_RDONLY | unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NODEV)
		if strings.HasPrefix(s.path, "/dev/") { // has to stay a device, which can be written to all the same
			attr = unix.MOUNT_ATTR_RDONLY | unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NOEXEC
		}
		if err := readOnly(dst, attr); err != nil {
			return fmt.Errorf("make %s read-only: %w", s.path, err)
		}
	}
	if err := os.Mkdir(root+ScratchDir, 0o755); err != nil {
		return err
	}
	if err := unix.Mount("t", root+ScratchDir, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOATIME, c.ScratchOptions); err != nil {
		return fmt.Errorf("mount scratch: %w", err)
	}
	if !tmpUsed {
		if err := os.Symlink(ScratchDir, root+"/tmp"); err != nil {
			return err
		}
	}
	if err := os.Mkdir(root+"/.old", 0o700); err != nil {
		return err
	}
	if err := unix.PivotRoot(root, root+"/.old"); err != nil {
		return fmt.Errorf("pivot_root: %w", err)
	}
	if err := unix.Chdir("/"); err != nil {
		return err
	}
	if err := unix.Unmount("/.old", unix.MNT_DETACH); err != nil {
		return fmt.Errorf("detach old root: %w", err)
	}
	if err := os.Remove("/.old"); err != nil {
		return err
	}
	if err := unix.Mount("", "/", "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY|unix.MS_NOSUID|unix.MS_NODEV, ""); err != nil {
		return fmt.Errorf("make root read-only: %w", err)
	}
	if err := unix.Sethostname([]byte("sandbox")); err != nil {
		return err
	}
	return unix.Chdir(ScratchDir)
}

// readOnly makes the mount at path, and those below it, read-only, with the other attributes of attr.
func readOnly(path string, attr uint64) error {
	err := unix.MountSetattr(-1, path, unix.AT_RECURSIVE, &unix.MountAttr{Attr_set: attr})
	if err == nil || !errors.Is(err, unix.ENOSYS) && !errors.Is(err, unix.EPERM) {
		return err
	}
	if attr&unix.MOUNT_ATTR_NODEV == 0 {
		return nil // a device node; its file mode has to protect it
	}
	// Before Linux 5.12: the mount itself only, keeping the flags a user namespace may not clear.
	var st unix.Statfs_t
	if err := unix.Statfs(path, &st); err != nil {
		return err
	}
	flags := uintptr(unix.MS_BIND | unix.MS_REMOUNT | unix.MS_RDONLY | unix.MS_NOSUID | unix.MS_NODEV)
	for _, f := range []struct{ st, ms uintptr }{{unix.ST_NOEXEC, unix.MS_NOEXEC}, {unix.ST_NOATIME, unix.MS_NOATIME}, {unix.ST_NODIRATIME, unix.MS_NODIRATIME}, {unix.ST_RELATIME, unix.MS_RELATIME}} {
		if uintptr(st.Flags)&f.st != 0 {
			flags |= f.ms
		}
	}
	return unix.Mount("", path, "", flags, "")
}

// landlockRead is what a rule allows on a directory.
const landlockRead = unix.LANDLOCK_ACCESS_FS_EXECUTE | unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_READ_DIR

// landlockRules returns everything that version abi can forbid.
func landlockRules(abi uintptr) unix.LandlockRulesetAttr {
	attr := unix.LandlockRulesetAttr{Handled_access_fs: unix.LANDLOCK_ACCESS_FS_MAKE_SYM<<1 - 1}
	if abi >= 2 {
		attr.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_REFER
	}
	if abi >= 3 {
		attr.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_TRUNCATE
	}
	if abi >= 4 {
		attr.Handled_access_net = unix.LANDLOCK_ACCESS_NET_BIND_TCP | unix.LANDLOCK_ACCESS_NET_CONNECT_TCP
	}
	if abi >= 5 {
		attr.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
	}
	if abi >= 6 {
		attr.Scoped = unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | unix.LANDLOCK_SCOPE_SIGNAL
	}
	return attr
}

// restrictFiles allows this thread to read below the given paths and to write to
// /dev/null, and nothing else. (go-landlock would also open /proc/PID/task, and
// with it the host's mounts and connections, for the sake of threads that end at exec.)
func restrictFiles(paths []string) error {
	abi, _, e := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if e != 0 {
		return e
	}
	attr := landlockRules(abi)
	rules, _, e := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&attr)), unsafe.Offsetof(attr.Scoped)+unsafe.Sizeof(attr.Scoped), 0)
	if e != 0 {
		return fmt.Errorf("create ruleset: %w", e)
	}
	defer unix.Close(int(rules))
	for _, p := range paths {
		fd, err := unix.Open(p, unix.O_PATH|unix.O_CLOEXEC, 0)
		if err != nil {
			continue // not every system has every path, and not every user may see it
		}
		var st unix.Stat_t
		if err := unix.Fstat(fd, &st); err != nil {
			return err
		}
		access := uint64(landlockRead)
		if st.Mode&unix.S_IFMT != unix.S_IFDIR {
			access &^= unix.LANDLOCK_ACCESS_FS_READ_DIR
		}
		if p == "/dev/null" {
			access = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_TRUNCATE
		}
		rule := unix.LandlockPathBeneathAttr{Allowed_access: access & attr.Handled_access_fs, Parent_fd: int32(fd)}
		_, _, e := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, rules, unix.LANDLOCK_RULE_PATH_BENEATH, uintptr(unsafe.Pointer(&rule)), 0, 0, 0)
		unix.Close(fd)
		if e != 0 {
			return fmt.Errorf("rule for %s: %w", p, e)
		}
	}
	if _, _, e := unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, rules, 0, 0); e != 0 {
		return fmt.Errorf("restrict: %w", e)
	}
	return nil
}

// setIDs becomes user and group uid with no supplementary groups.
func setIDs(uid int) error {
	if err := syscall.Setgroups(nil); err != nil {
		return err
	}
	if err := syscall.Setresgid(uid, uid, uid); err != nil {
		return err
	}
	return syscall.Setresuid(uid, uid, uid)
}

// dropTo becomes uid (0 stays) and keeps only the given capabilities, across exec.
func dropTo(uid int, keep ...int) error {
	const secureNoRoot, secureNoFixup = 1<<0 | 1<<1, 1<<2 | 1<<3 // each with its lock
	if err := unix.Prctl(unix.PR_SET_SECUREBITS, secureNoRoot|secureNoFixup, 0, 0, 0); err != nil {
		return fmt.Errorf("securebits: %w", err)
	}
	for c := 0; c <= unix.CAP_LAST_CAP; c++ {
		if !slices.Contains(keep, c) {
			if err := unix.Prctl(unix.PR_CAPBSET_DROP, uintptr(c), 0, 0, 0); err != nil && !errors.Is(err, unix.EINVAL) {
				return fmt.Errorf("bounding set: %w", err)
			}
		}
	}
	if uid != 0 {
		// Raw calls: only this thread matters, the others end at exec.
		if err := rawIDs(uid); err != nil {
			return err
		}
	}
	hdr := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	for _, c := range keep {
		bit := uint32(1) << (c % 32)
		data[c/32].Effective |= bit
		data[c/32].Permitted |= bit
		data[c/32].Inheritable |= bit
	}
	if err := unix.Capset(&hdr, &data[0]); err != nil {
		return fmt.Errorf("capset: %w", err)
	}
	for _, c := range keep {
		if err := unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_RAISE, uintptr(c), 0, 0); err != nil {
			return fmt.Errorf("ambient capability: %w", err)
		}
	}
	return nil
}

func rawIDs(uid int) error {
	if _, _, e := unix.RawSyscall(unix.SYS_SETGROUPS, 0, 0, 0); e != 0 {
		return fmt.Errorf("setgroups: %w", e)
	}
	if _, _, e := unix.RawSyscall(unix.SYS_SETRESGID, uintptr(uid), uintptr(uid), uintptr(uid)); e != 0 {
		return fmt.Errorf("setresgid: %w", e)
	}
	if _, _, e := unix.RawSyscall(unix.SYS_SETRESUID, uintptr(uid), uintptr(uid), uintptr(uid)); e != 0 {
		return fmt.Errorf("setresuid: %w", e)
	}
	return nil
}
