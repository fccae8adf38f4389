//go:build !linux

package store

import "testing"

func mountTmpfs(t *testing.T, _ string) string {
	t.Helper()
	t.Skip("NOT RUN: needs Linux and root to mount a tmpfs")
	return ""
}
