package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestHosts lives through hosts that allow less than this one: it puts each
// host's restrictions on a process, which then becomes hone doctor and hone judge.
// What works where is the table of docs/isolation.md, which is compared.

const (
	hostVar   = "HONE_HOST"      // the host to become, an index into hosts
	hostUser  = "HONE_HOST_USER" // the user to become
	hostRepo  = "HONE_HOST_REPO" // this repository
	otherUser = 54321            // an ordinary user, without an entry in passwd, subuid or subgid
)

// host is a kind of host and what is expected of it.
type host struct {
	name string
	// inside has the process start in a user namespace of its own with these ids (first, count).
	inside   [2]int
	restrict []func() error
	users    []int // who runs hone there: 0 is root
	long     bool  // only with HONE_LONG: it differs little from another
	judged   bool  // hone judge runs there also without HONE_LONG
	// says must be part of what hone doctor says of the tier that does not work.
	says string
}

var (
	both     = []int{0, otherUser}
	root     = []int{0}
	ordinary = []int{otherUser}
	mounting = strings.Fields("mount umount2 pivot_root mount_setattr")
	newCalls = append(strings.Fields("mount_setattr close_range openat2 faccessat2 pidfd_open pidfd_send_signal"), landlocked...)
	// landlocked are the calls Landlock consists of.
	landlocked = strings.Fields("landlock_create_ruleset landlock_add_rule landlock_restrict_self")
)

var hosts = []host{
	{name: "nothing restricted", users: both, judged: true},
	{name: "`user.max_user_namespaces=0` (RHEL 7, hardened hosts)", inside: [2]int{0, 1 << 20}, restrict: []func() error{noUserNamespaces}, users: both, says: "sysctl user.max_user_namespaces"},
	{name: "new user namespaces refused, EPERM (Debian 10, Ubuntu 23.10)", restrict: []func() error{noNewNamespaces(unix.EPERM)}, users: ordinary, judged: true, says: "docs/docker-seccomp.json"},
	{name: "user namespaces without rights in them, EACCES (Ubuntu 24.04's AppArmor)", restrict: []func() error{refuse(unix.EACCES, mounting...)}, users: ordinary, says: "mounts: make mounts private: permission denied"},
	{name: "Docker, default seccomp profile and capabilities", restrict: []func() error{dockerCapabilities, filter(dockerDefault)}, users: both, says: "docs/docker-seccomp.json"},
	{name: "Docker, docs/docker-seccomp.json", restrict: []func() error{dockerCapabilities, ownProfile}, users: both, judged: true},
	{name: "Docker, seccomp unconfined", restrict: []func() error{dockerCapabilities}, users: both, long: true},
	{name: "Kubernetes, restricted: Docker's profile, no capabilities, no new privileges", restrict: []func() error{filter(dockerDefault), noNewPrivileges}, users: ordinary, long: true, says: "docs/docker-seccomp.json"},
	{name: "rootless container, 65,536 ids", inside: [2]int{300000, 65536}, users: root},
	{name: "rootless container, one id", inside: [2]int{300000, 1}, users: root},
	{name: "no seccomp notification: a runtime listens already", restrict: []func() error{listenerTaken}, users: both, judged: true},
	{name: "no seccomp notification, no new namespaces", restrict: []func() error{noNewNamespaces(unix.EPERM), listenerTaken}, users: both},
	{name: "seccomp(2) refused, EPERM", restrict: []func() error{refuse(unix.EPERM, "seccomp")}, users: ordinary, long: true},
	{name: "Linux before 5.9 (no newer calls, no Landlock)", restrict: []func() error{refuse(unix.ENOSYS, newCalls...)}, users: both, says: "landlock: function not implemented"},
	{name: "Landlock switched off at boot, no new namespaces", restrict: []func() error{refuse(unix.EOPNOTSUPP, landlocked...), noNewNamespaces(unix.EPERM)}, users: both, says: "boot parameter lsm="},
	{name: "no seccomp at all", restrict: []func() error{noSeccomp}, users: both, judged: true, says: "seccomp"},
}

// noUserNamespaces forbids further user namespaces inside the one this process is in.
func noUserNamespaces() error {
	return os.WriteFile("/proc/sys/user/max_user_namespaces", []byte("0"), 0)
}

// noSeccomp is a kernel without it: seccomp(2) is no call, prctl knows no filters.
func noSeccomp() error {
	_, err := install(0, func(p *program) {
		p.refused(unix.ENOSYS, "seccomp")
		p.on("prctl", oneOf(offArg0, []uint32{unix.PR_SET_SECCOMP}, retErrno|uint32(unix.EINVAL), retAllow)...)
	})
	return err
}

func TestHosts(t *testing.T) {
	if i := os.Getenv(hostVar); i != "" {
		fmt.Fprintln(os.Stderr, becomeHone(i))
		os.Exit(98)
	}
	if os.Geteuid() != 0 {
		t.Skip("NOT RUN: hosts are made by root")
	}
	lab := newLab(t)
	everything := os.Getenv("HONE_LONG") != ""
	rows := map[string]string{}
	var mu sync.Mutex
	t.Run("all", func(t *testing.T) {
		for i, h := range hosts {
			for _, uid := range h.users {
				if h.long && !everything {
					continue
				}
				t.Run(fmt.Sprintf("%s/%d", h.name, uid), func(t *testing.T) {
					t.Parallel()
					row := lab.examine(t, i, uid, everything || h.judged)
					mu.Lock()
					defer mu.Unlock()
					rows[fmt.Sprintf("| %s | %s |", h.name, userName(uid))] = row
				})
			}
		}
	})
	doc, err := os.ReadFile("../docs/isolation.md")
	if err != nil {
		t.Fatal(err)
	}
	for head, row := range rows {
		if want := head + " " + row + " |"; !strings.Contains(string(doc), want) {
			t.Errorf("docs/isolation.md lacks this row:\n%s", want)
		}
	}
}

func userName(uid int) string {
	if uid == 0 {
		return "root"
	}
	return "ordinary"
}

// lab is where hosts are made: folders that every user reaches.
type lab struct{ hone, test, dir string }

func newLab(t *testing.T) lab {
	t.Helper()
	dir, err := os.MkdirTemp("", "hone-hosts-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	l := lab{hone: filepath.Join(dir, "hone"), test: filepath.Join(dir, "sandbox.test"), dir: dir}
	build := exec.Command("go", "build", "-o", l.hone, "hone/cmd/hone")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	in, err := os.Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.OpenFile(l.test, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(out.Close(), os.Chmod(dir, 0o755)); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"problems.jsonl": hostProblem, "samples.jsonl": hostSamples()} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

const hostProblem = `{"benchmark":"hosts","task_id":"double","prompt":"Double a number.","entry_point":"double","tests":[{"name":"two","kind":"call","spec":{"function":"double","args":[2],"expected":4}}]}
`

// hostPrograms are judged on each host; the outcomes depend on no tier.
var hostPrograms = []struct{ outcome, program string }{
	{"pass", "def double(x): return 2 * x"},
	{"wrong_answer", "def double(x): return x"},
	{"forbidden", "import os\nos.fork()\ndef double(x): return 2 * x"},
	{"forbidden", "import socket\nsocket.socket()\ndef double(x): return 2 * x"},
	{"exception", "open('/etc/passwd')\ndef double(x): return 2 * x"},
	{"exception", "open('/hone-hosts', 'w')\ndef double(x): return 2 * x"},
	{"timeout", "while True: pass"},
}

func hostSamples() string {
	var b strings.Builder
	for _, p := range hostPrograms {
		row, err := json.Marshal(map[string]string{"task_id": "double", "solution": p.program})
		if err != nil {
			panic(err)
		}
		b.Write(append(row, '\n'))
	}
	return b.String()
}

// run has hone run a command on host i as uid.
func (l lab) run(t *testing.T, i, uid int, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	h := hosts[i]
	cmd := exec.Command(l.test, append([]string{"-test.run=^TestHosts$", "--"}, append([]string{l.hone}, args...)...)...)
	cmd.Dir = l.dir
	repo, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	cmd.Env = []string{"PATH=/usr/bin:/bin", "HOME=/nonexistent", fmt.Sprintf("%s=%d", hostVar, i), fmt.Sprintf("%s=%d", hostUser, uid), hostRepo + "=" + repo}
	if n := h.inside[1]; n > 0 {
		ids := []syscall.SysProcIDMap{{ContainerID: 0, HostID: h.inside[0], Size: n}}
		cmd.SysProcAttr = &syscall.SysProcAttr{
			Cloneflags: unix.CLONE_NEWUSER, UidMappings: ids, GidMappings: ids, GidMappingsEnableSetgroups: true,
			Credential: &syscall.Credential{Uid: 0, Gid: 0},
		}
	}
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if code = cmd.ProcessState.ExitCode(); code == 98 {
		t.Fatalf("the host could not be made: %s", errs.String())
	}
	return out.String(), errs.String(), code
}

// becomeHone restricts this process and runs the command after "--" in its place.
func becomeHone(i string) error {
	runtime.LockOSThread()
	var n, uid int
	if _, err := fmt.Sscan(i+" "+os.Getenv(hostUser), &n, &uid); err != nil {
		return err
	}
	for _, step := range hosts[n].restrict {
		if err := step(); err != nil {
			return err
		}
	}
	if uid != 0 {
		if err := become(uid); err != nil {
			return fmt.Errorf("become an ordinary user: %w", err)
		}
	}
	args := os.Args[slices.Index(os.Args, "--")+1:]
	return fmt.Errorf("exec %s: %w", args[0], syscall.Exec(args[0], args, []string{"PATH=/usr/bin:/bin", "HOME=/nonexistent"}))
}

// examine returns a host's row of the table: full tier, landlock tier and, if judged,
// what hone judge uses and what happens to refused calls.
func (l lab) examine(t *testing.T, i, uid int, judged bool) string {
	out, errs, code := l.run(t, i, uid, "doctor", "--json")
	var checks []struct{ Name, Status, Found, Help string }
	if err := json.Unmarshal([]byte(out), &checks); err != nil {
		t.Fatalf("hone doctor (status %d): %v\n%s%s", code, err, out, errs)
	}
	works := map[string]bool{}
	var cells []string
	for _, c := range checks {
		tier, ok := strings.CutPrefix(c.Name, "tier ")
		if !ok {
			continue
		}
		if works[tier] = c.Status == "ok"; works[tier] {
			cells = append(cells, "works")
			continue
		}
		// sandbox: tier NAME: STEP: cause (help)
		step := strings.SplitN(c.Found, ": ", 4)
		if len(step) < 4 || !strings.Contains(c.Found, "(") {
			t.Errorf("%s says too little: %s", c.Name, c.Found)
			continue
		}
		cells = append(cells, "no: "+step[2])
	}
	if h := hosts[i]; h.says != "" && !strings.Contains(out, h.says) {
		t.Errorf("hone doctor does not say %q:\n%s", h.says, out)
	}
	if anything := works["full"] || works["landlock"]; anything != (code == 0) {
		t.Errorf("hone doctor exits with %d", code)
	}
	if judged {
		cells = append(cells, l.judge(t, i, uid, works)...)
	}
	return strings.Join(cells, " | ")
}

// judge has hone judge the programs and returns the tier it chose and whether refused calls are named.
func (l lab) judge(t *testing.T, i, uid int, works map[string]bool) []string {
	out, errs, code := l.run(t, i, uid, "judge", "--problems", "problems.jsonl", "--samples", "samples.jsonl", "--out", "-", "--cache", "off", "--workers", "1", "--timeout", "500ms")
	if !works["full"] && !works["landlock"] {
		if code != 1 || out != "" || !strings.Contains(errs, "--unsafe-no-isolation") || !strings.Contains(errs, "docs/isolation.md") {
			t.Errorf("hone judge does not refuse (status %d):\n%s%s", code, out, errs)
		}
		return []string{"refuses", "–"}
	}
	tier, refused := "", ""
	rows := strings.Split(strings.TrimSpace(out), "\n")
	if code != 0 || len(rows) != len(hostPrograms) {
		t.Fatalf("hone judge: status %d\n%s%s", code, out, errs)
	}
	for k, row := range rows {
		var v struct {
			Verdict, Tier string
			Tests         []struct{ Error string }
		}
		if err := json.Unmarshal([]byte(row), &v); err != nil {
			t.Fatal(err)
		}
		if v.Verdict != hostPrograms[k].outcome {
			t.Errorf("%q is %s: %s", hostPrograms[k].program, v.Verdict, row)
		}
		tier = v.Tier
		if v.Verdict == "forbidden" {
			refused = "named"
			if strings.Contains(v.Tests[0].Error, "a refused system call") {
				refused = "killed"
			}
		}
	}
	return []string{tier, refused}
}

// TestDockerProfile: our profile refuses all that Docker's refuses and Hone does not need.
func TestDockerProfile(t *testing.T) {
	b, err := os.ReadFile("../docs/docker-seccomp.json")
	if err != nil {
		t.Fatal(err)
	}
	p, err := readProfile(b)
	if err != nil {
		t.Fatal(err)
	}
	var refused []string
	for _, rule := range p.Syscalls {
		refused = append(refused, rule.Names...)
	}
	for _, n := range dockerRefused {
		if !slices.Contains(refused, n) && !slices.Contains(honeNeeds, n) {
			t.Errorf("%s is allowed without need", n)
		}
	}
	for _, n := range honeNeeds {
		if slices.Contains(refused, n) {
			t.Errorf("%s is needed and refused", n)
		}
	}
}
