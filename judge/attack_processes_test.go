package judge_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func statusLine(pid int, key string) string {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(b)) {
		if v, ok := strings.CutPrefix(line, key+":"); ok {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

func processUID(t *testing.T, pid int) int {
	t.Helper()
	var uid int
	if _, err := fmt.Sscan(statusLine(pid, "Uid"), &uid); err != nil {
		t.Fatal(err)
	}
	return uid
}

// alive is false for a process that is gone or only waits to be reaped by whoever inherited it.
func alive(pid int) bool {
	s := statusLine(pid, "State")
	return s != "" && !strings.HasPrefix(s, "Z") && !strings.HasPrefix(s, "X")
}

func children(pid int) []int {
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	var out []int
	for _, l := range lists {
		b, _ := os.ReadFile(l)
		for _, f := range strings.Fields(string(b)) {
			if n, err := strconv.Atoi(f); err == nil {
				out = append(out, n)
			}
		}
	}
	return out
}

func descendants(pid int) []int {
	var out []int
	for _, c := range children(pid) {
		out = append(append(out, c), descendants(c)...)
	}
	return out
}

// adopt makes this process the parent of every orphan among its descendants, so
// that none can hide from killProcesses.
func adopt(t *testing.T) {
	t.Helper()
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		t.Fatal(err)
	}
}

// killProcesses ends the processes other than expected that attacks left behind, and says which.
func killProcesses(expected []int) (left []string) {
	for _, pid := range descendants(os.Getpid()) {
		if !slices.Contains(expected, pid) && alive(pid) {
			b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
			left = append(left, fmt.Sprintf("process %d was left: %.60q", pid, b))
			syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	return left
}
