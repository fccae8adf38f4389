//go:build linux

package main

import (
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"hone/internal/progress"
)

// fullPipe is a pipe that takes nothing before somebody reads from it.
func fullPipe(t *testing.T) (pr, pw *os.File) {
	t.Helper()
	pr, pw, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pr.Close(); pw.Close() })
	size, err := unix.FcntlInt(pw.Fd(), unix.F_SETPIPE_SZ, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pw.Write(make([]byte, size)); err != nil {
		t.Fatal(err)
	}
	return pr, pw
}

// TestFinishing: nothing more begins once the user is told, and the user is told when it is over.
func TestFinishing(t *testing.T) {
	t.Parallel()
	pr, pw := fullPipe(t)
	in := &interrupts{}
	stop, done := in.finishing(progress.New(pw, "step", 0, 0), "saving")
	if !in.ask() || in.ask() {
		t.Error("not the first Ctrl-C asks")
	}
	select {
	case <-stop:
	case <-time.After(time.Minute):
		t.Error("it goes on while the user cannot be told")
	}
	said := make(chan string)
	go func() {
		b, _ := io.ReadAll(pr)
		said <- string(b)
	}()
	done()
	pw.Close()
	if s := strings.TrimLeft(<-said, "\x00"); s != "hone: saving; Ctrl-C again stops at once\n" {
		t.Errorf("told %q", s)
	}
}
