package sandbox

import (
	"errors"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// namespaceHelp says what keeps this host from giving namespaces, or mounts inside
// them, as far as the system tells, and what would allow them.
func namespaceHelp() string {
	ordinary := os.Geteuid() != 0
	switch {
	case sysctl("user/max_user_namespaces") == "0":
		return "this host allows no user namespaces: sysctl user.max_user_namespaces=10000"
	case ordinary && sysctl("kernel/unprivileged_userns_clone") == "0":
		return "this host keeps user namespaces from ordinary users: sysctl kernel.unprivileged_userns_clone=1"
	case ordinary && sysctl("kernel/apparmor_restrict_unprivileged_userns") == "1":
		return "AppArmor keeps ordinary users from using user namespaces: sysctl kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile for this program with the rule userns,"
	case filtered():
		return "a seccomp filter is in force, a container's most likely: start the container with --security-opt seccomp=docs/docker-seccomp.json --security-opt apparmor=unconfined"
	}
	return "this host may forbid unprivileged user namespaces; see docs/isolation.md"
}

// landlockHelp says what keeps Landlock from working.
func landlockHelp(err error) string {
	switch {
	case errors.Is(err, unix.EOPNOTSUPP):
		return "this kernel has Landlock, but switched off: add landlock to the list of the boot parameter lsm="
	case errors.Is(err, unix.EPERM), errors.Is(err, unix.ENOSYS) && filtered():
		return "a seccomp filter is in force, a container's most likely: newer engines' default profiles allow Landlock, so does docs/docker-seccomp.json"
	}
	return "Landlock needs Linux 5.13 or later with landlock among the active security modules"
}

// sysctl reads a kernel parameter; "" where there is none.
func sysctl(name string) string {
	b, err := os.ReadFile("/proc/sys/" + name)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// filtered says whether somebody set a seccomp filter on this process.
func filtered() bool {
	b, err := os.ReadFile("/proc/self/status")
	return err == nil && strings.Contains(string(b), "\nSeccomp:\t2")
}
