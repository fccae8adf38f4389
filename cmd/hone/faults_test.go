//go:build linux

package main

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// disk mounts a file system of its own of so many bytes as the user's folder name.
func (u *user) disk(name string, bytes int) {
	u.t.Helper()
	if err := os.MkdirAll(u.path(name), 0o755); err != nil {
		u.t.Fatal(err)
	}
	if err := unix.Mount("hone-test", u.path(name), "tmpfs", 0, fmt.Sprintf("size=%d", bytes)); err != nil {
		u.t.Skipf("NOT RUN: a small disk cannot be mounted here: %v", err)
	}
	u.t.Cleanup(func() { unix.Unmount(u.path(name), unix.MNT_DETACH) })
}

// resize gives the disk another size.
func (u *user) resize(name string, bytes int, flags uintptr) {
	u.t.Helper()
	if err := unix.Mount("", u.path(name), "", unix.MS_REMOUNT|flags, fmt.Sprintf("size=%d", bytes)); err != nil {
		u.t.Fatal(err)
	}
}

// TestDiskFull: the message says what is safe, once; with room again the same command
// completes the file, and its rows are those of an uninterrupted run.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	want := baseline(t)
	for _, size := range []int{4 << 10, 32 << 10, 200 << 10} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			t.Parallel()
			u, args := excerpt(t)
			u.disk("disk", size)
			args = append(args, "--cache", "off", "--out", "disk/v.jsonl")
			res := u.hone(args...).exits(1).says("no space left on device", "disk/v.jsonl")
			if n := strings.Count(res.err, "no space left on device"); n != 1 {
				t.Errorf("it is said %d times:\n%s", n, res.err)
			}
			if size > 4<<10 { // otherwise not even the first file fits
				safe := mustMatch(t, res.err, `\((\d+) rows are safe in disk/v.jsonl.part; make room and run the same command again to go on from there\)`)
				if got := strings.Count(u.read("disk/v.jsonl.part"), "\n"); got != safe {
					t.Errorf("%d rows are on disk, %d are said to be", got, safe)
				}
				if got := len(u.verdicts("disk/v.jsonl.part")); size > 100<<10 && got < 50 {
					t.Errorf("only %d rows", got)
				}
			}
			u.resize("disk", 8<<20, 0)
			u.hone(args...).exits(0)
			sameRows(t, u.timeless("disk/v.jsonl"), want)
		})
	}
}

// TestDiskFullAtTheEnd: a disk that is full when everything is judged loses nothing either.
func TestDiskFullAtTheEnd(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.disk("disk", 8<<10) // a page each for the rows and the file beside them, none for that file's next version
	u.write("p.jsonl", addition())
	u.write("s.jsonl", right("own/0")+"\n"+right("own/1"))
	args := []string{"judge", "--problems", "p.jsonl", "--samples", "s.jsonl", "--out", "disk/v.jsonl"}
	u.hone(args...).exits(1).says("no space left on device", "2 rows are safe in disk/v.jsonl.part; make room and run the same command again")
	wantOutcomes(t, u.verdicts("disk/v.jsonl.part"), "own/0 0 pass", "own/1 0 pass")
	u.resize("disk", 12<<10, 0)
	u.hone(args...).exits(0)
	wantOutcomes(t, u.verdicts("disk/v.jsonl"), "own/0 0 pass", "own/1 0 pass")
}

// TestSpoolFull: samples from a pipe need a temporary file.
func TestSpoolFull(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.disk("tmp", 4<<10)
	u.write("p.jsonl", addition())
	r := u.with("TMPDIR="+u.path("tmp")).command("judge", "--problems", "p.jsonl", "--samples", "-")
	r.cmd.Stdin = strings.NewReader(excerptSamples())
	r.start()
	r.wait().exits(1).says("copy stdin to", "no space left on device", "TMPDIR names another folder")
	if entries, err := os.ReadDir(u.path("tmp")); err != nil || len(entries) > 0 {
		t.Errorf("left in the temporary folder: %v, %v", entries, err)
	}
}

// TestCacheFaults: a cache that is full, damaged or not writable costs a warning and
// nothing else; where it was named by the user it is an error that says what to do.
func TestCacheFaults(t *testing.T) {
	t.Parallel()
	want := baseline(t)
	u, args := excerpt(t)
	args = append(args, "--out", "v.jsonl", "--force")
	warned := func(r result, times int, says ...string) {
		t.Helper()
		r.exits(0).says(says...)
		if n := strings.Count(r.err, "warning"); n != times {
			t.Errorf("%d warnings, want %d:\n%s", n, times, r.err)
		}
		sameRows(t, u.timeless("v.jsonl"), want)
	}
	in := func(folder string) *user { return u.with("XDG_CACHE_HOME=" + folder) }

	u.disk("full", 160<<10)
	warned(in(u.path("full")).hone(args...), 1, "verdicts are complete, but not all could be cached", "disk is full", "make room, or use --cache off")
	u.disk("tiny", 8<<10)
	warned(in(u.path("tiny")).hone(args...), 1, "verdicts are not cached", "--cache off")
	u.disk("readonly", 1<<20)
	u.resize("readonly", 1<<20, unix.MS_RDONLY)
	warned(in(u.path("readonly")).hone(args...), 1, "verdicts are not cached", "read-only file system")
	warned(in("/dev/null").hone(args...), 1, "verdicts are not cached", "not a directory")
	if err := os.MkdirAll(u.path("damaged/hone"), 0o755); err != nil {
		t.Fatal(err)
	}
	u.write("damaged/hone/verdicts.sqlite", "this is no database, not at all\n")
	warned(in(u.path("damaged")).hone(args...), 1, "verdicts are not cached", "delete it, nothing but time is lost")

	for _, file := range []string{"/dev/null/c.sqlite", "damaged/hone/verdicts.sqlite", "readonly/c.sqlite", "p.jsonl"} {
		u.hone(append(args, "--cache", file)...).exits(1).says("cache "+file, "--cache off")
	}
	if u.read("p.jsonl") != string(demoProblems) {
		t.Error("--cache overwrote a file that is none")
	}
}

// TestCacheDamagedLater: a cache whose pages are damaged inside does not change verdicts.
func TestCacheDamagedLater(t *testing.T) {
	t.Parallel()
	want := baseline(t)
	u, args := excerpt(t)
	u.hone(args...).exits(0)
	name := ".cache/hone/verdicts.sqlite"
	raw := []byte(u.read(name))
	for i := 8192; i < len(raw); i++ { // after the header and the schema
		raw[i] ^= byte(i * 7)
	}
	u.write(name, string(raw))
	r := u.hone(append(args, "--out", "v.jsonl")...).exits(0).says("warning", "delete it, nothing but time is lost")
	sameRows(t, u.timeless("v.jsonl"), want)
	if n := strings.Count(r.err, "warning"); n > 2 {
		t.Errorf("%d warnings:\n%.2000s", n, r.err)
	}
}

// TestCached: the second run is answered from the cache, and says so.
func TestCached(t *testing.T) {
	t.Parallel()
	want := baseline(t)
	u, args := excerpt(t)
	u.hone(args...).exits(0)
	u.hone(append(args, "--out", "v.jsonl")...).exits(0).prints(fmt.Sprintf("%d of them known already", excerptPrograms))
	sameRows(t, u.timeless("v.jsonl"), want)
}

// TestNoFiles: with few descriptors to be had hone fails with a message or works, and
// loses nothing.
func TestNoFiles(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.write("p.jsonl", addition())
	u.write("s.jsonl", right("own/0")+"\n"+right("own/1"))
	for _, n := range []uint64{12, 20, 64} {
		r := u.command("judge", "--problems", "p.jsonl", "--samples", "s.jsonl", "--cache", "off", "--workers", "8")
		r.start()
		if err := unix.Prlimit(r.cmd.Process.Pid, unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: n, Max: n}, nil); err != nil {
			t.Fatal(err)
		}
		res := r.wait()
		if res.code != 0 && !(res.code == 1 && strings.Contains(res.err, "too many open files")) || res.signal == syscall.SIGKILL {
			t.Errorf("%d descriptors: status %d\n%s%s", n, res.code, res.out, res.err)
		}
		if res.code == 0 {
			res.prints("pass  2  100.0 %")
		}
	}
}
