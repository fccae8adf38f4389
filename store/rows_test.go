package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

func row(i int) []byte { return fmt.Appendf(nil, `{"row":%d}`, i) }

func appendRows(t testing.TB, l *RowLog, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		if err := l.Append(row(i)); err != nil {
			t.Fatal(err)
		}
	}
}

func open(t testing.TB, path, fingerprint string, force bool) *RowLog {
	t.Helper()
	l, err := OpenRows(path, fingerprint, force)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func wantRows(t testing.TB, l *RowLog, n int) {
	t.Helper()
	i := 0
	for r := range l.Rows() {
		if !bytes.Equal(r, row(i)) {
			t.Fatalf("row %d is %q", i, r)
		}
		i++
	}
	if i != n || l.Done() != n || l.Err() != nil {
		t.Fatalf("%d rows, Done %d, want %d; %v", i, l.Done(), n, l.Err())
	}
}

func files(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func wantFiles(t testing.TB, dir string, want ...string) {
	t.Helper()
	if got := files(t, dir); !slices.Equal(got, want) {
		t.Fatalf("files %q, want %q", got, want)
	}
}

func TestRowsLife(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out.jsonl")
	l := open(t, path, "a", false)
	wantRows(t, l, 0)
	appendRows(t, l, 0, 5)
	wantFiles(t, dir, "out.jsonl.part", "out.jsonl.run.json")

	if _, err := OpenRows(path, "a", false); !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), path+".part") {
		t.Errorf("a second open: %v", err)
	}
	if _, err := OpenRows(path, "a", true); !errors.Is(err, ErrLocked) {
		t.Errorf("a second open with force: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if l.Append(row(5)) == nil {
		t.Error("a closed log takes rows")
	}

	if _, err := OpenRows(path, "b", false); !errors.Is(err, ErrOtherInputs) || !strings.Contains(err.Error(), "--force") || !strings.Contains(err.Error(), path) {
		t.Errorf("other inputs: %v", err)
	}

	l = open(t, path, "a", false)
	wantRows(t, l, 5)
	appendRows(t, l, 5, 8)
	wantRows(t, l, 5)
	if err := l.Commit(map[string]int{"n": 8}); err != nil {
		t.Fatal(err)
	}
	wantFiles(t, dir, "out.jsonl", "out.jsonl.run.json")

	l = open(t, path, "a", false)
	wantRows(t, l, 8)
	var meta map[string]int
	if !l.Complete() || json.Unmarshal(l.Meta(), &meta) != nil || meta["n"] != 8 {
		t.Errorf("complete %v, meta %s", l.Complete(), l.Meta())
	}
	if l.Append(row(8)) == nil || l.Commit(nil) == nil {
		t.Error("a complete log can be changed")
	}
	wantFiles(t, dir, "out.jsonl", "out.jsonl.run.json")

	// Force keeps the old file until the new one is complete.
	l = open(t, path, "b", true)
	wantRows(t, l, 0)
	appendRows(t, l, 0, 2)
	l.Close()
	old, err := os.ReadFile(path)
	if err != nil || bytes.Count(old, []byte("\n")) != 8 {
		t.Errorf("the old file: %q, %v", old, err)
	}
	l = open(t, path, "b", false)
	wantRows(t, l, 2)
	if err := l.Commit(nil); err != nil {
		t.Fatal(err)
	}
	wantRows(t, open(t, path, "b", false), 2)
}

func TestRowsForeignFiles(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out.jsonl")
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	refused := func(what string) {
		t.Helper()
		if _, err := OpenRows(path, "a", false); !errors.Is(err, ErrOtherInputs) {
			t.Errorf("%s: %v", what, err)
		}
	}
	before := "someone's thesis\n"
	write("out.jsonl", before)
	refused("file of unknown origin")
	write("out.jsonl.run.json", "{broken")
	refused("broken sidecar")
	if got, _ := os.ReadFile(path); string(got) != before {
		t.Error("the file was changed")
	}
	os.Remove(path)
	os.Remove(path + ".run.json")
	write("out.jsonl.part", before)
	refused("part of unknown origin")
	os.Remove(path + ".part")

	l := open(t, path, "a", false)
	appendRows(t, l, 0, 3)
	if err := l.Commit(nil); err != nil {
		t.Fatal(err)
	}
	write("out.jsonl", before)
	refused("changed after the run")

	os.Remove(path)
	if err := os.Mkdir(path, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenRows(path, "a", true); err == nil {
		t.Error("a folder opens")
	}
	os.Remove(path)
	wantRows(t, open(t, path, "b", false), 0) // only a stale sidecar was left
}

// TestRowsTorn resumes after a crash at every byte.
func TestRowsTorn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.jsonl")
	l := open(t, path, "a", false)
	appendRows(t, l, 0, 4)
	l.Close()
	whole, err := os.ReadFile(path + ".part")
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(whole) + 1 {
		for _, tail := range []string{"", "\x00\x00\n", "{\"row\":\n"} {
			if n == 0 && tail != "" {
				continue
			}
			if err := os.WriteFile(path+".part", append(bytes.Clone(whole[:n]), tail...), 0o644); err != nil {
				t.Fatal(err)
			}
			l := open(t, path, "a", false)
			have := bytes.Count(whole[:n], []byte("\n"))
			wantRows(t, l, have)
			appendRows(t, l, have, 6)
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			l = open(t, path, "a", false)
			wantRows(t, l, 6)
			l.Close()
		}
	}
}

// A crash between the steps of Commit loses nothing.
func TestRowsTornCommit(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out.jsonl")
	l := open(t, path, "a", false)
	appendRows(t, l, 0, 4)
	if err := l.Flush(); err != nil {
		t.Fatal(err)
	}
	size := l.size
	l.Close()

	// Before the rename.
	l.side.Bytes, l.side.Meta = &size, json.RawMessage(`"m"`)
	if err := l.writeSidecar(); err != nil {
		t.Fatal(err)
	}
	l = open(t, path, "a", false)
	wantRows(t, l, 4)
	l.Close()

	// After the rename.
	l.side.Bytes, l.side.Meta = &size, json.RawMessage(`"m"`)
	if err := l.writeSidecar(); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".part", path); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		l = open(t, path, "a", false)
		wantRows(t, l, 4)
		if !l.Complete() || string(l.Meta()) != `"m"` {
			t.Errorf("complete %v, meta %s", l.Complete(), l.Meta())
		}
	}
	wantFiles(t, dir, "out.jsonl", "out.jsonl.run.json")
}

func TestRowsFullDisk(t *testing.T) {
	dir := mountTmpfs(t, "size=256k")
	path := filepath.Join(dir, "out.jsonl")
	l := open(t, path, "a", false)
	filler := strings.Repeat("x", 1000)
	var failed error
	appended := 0
	for ; failed == nil && appended < 10_000; appended++ {
		failed = l.Append([]byte(fmt.Sprintf(`{"row":%d,"x":"%s"}`, appended, filler)))
	}
	if failed == nil {
		t.Fatal("no error on a full disk")
	}
	for _, want := range []string{"rows are safe in " + path + ".part", "same command again"} {
		if !strings.Contains(failed.Error(), want) {
			t.Errorf("%q does not say %q", failed, want)
		}
	}
	if err := l.Append(row(0)); err != failed {
		t.Errorf("the next Append: %v", err)
	}
	if err := l.Commit(nil); err != failed {
		t.Errorf("Commit: %v", err)
	}
	safe := l.rows
	if err := l.Close(); err != failed {
		t.Errorf("Close: %v", err)
	}
	if safe < 100 || safe >= appended {
		t.Errorf("%d of %d rows are safe", safe, appended)
	}

	l = open(t, path, "a", false)
	if l.Done() != safe {
		t.Errorf("%d rows after opening again, said %d", l.Done(), safe)
	}
	l.Close()
	if _, err := OpenRows(filepath.Join(dir, "no", "such", "folder"), "a", false); err == nil {
		t.Error("opens in a folder that is not there")
	}
}

func TestRowsConcurrent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.jsonl")
	l := open(t, path, "a", false)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 1000 {
				if err := l.Append(row(g*1000 + i)); err != nil {
					t.Error(err)
				}
				if i%100 == 0 {
					if err := l.Flush(); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	if err := l.Commit(nil); err != nil {
		t.Fatal(err)
	}
	l = open(t, path, "a", false)
	seen := map[string]bool{}
	for r := range l.Rows() {
		seen[string(r)] = true
	}
	if len(seen) != 8000 || l.Done() != 8000 {
		t.Errorf("%d rows, %d of them distinct", l.Done(), len(seen))
	}
}

// TestRowsAnyOrder resumes, crashes, forces and commits at random against a model.
func TestRowsAnyOrder(t *testing.T) {
	base := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp(base, "")
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "out.jsonl")
		fingerprint, rows, complete := "", 0, false
		for range rapid.IntRange(1, 8).Draw(t, "runs") {
			fp := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "fingerprint")
			force := rapid.Bool().Draw(t, "force")
			l, err := OpenRows(path, fp, force)
			ours := fp == fingerprint
			if !ours && !force && (rows > 0 || complete) {
				if !errors.Is(err, ErrOtherInputs) {
					t.Fatalf("other inputs: %v", err)
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			if !ours || force {
				rows, complete = 0, false
			}
			fingerprint = fp
			if l.Complete() != complete || l.Done() != rows {
				t.Fatalf("complete %v with %d rows, want %v with %d", l.Complete(), l.Done(), complete, rows)
			}
			if complete {
				continue
			}
			n := rapid.IntRange(1, 5).Draw(t, "rows")
			for range n {
				if err := l.Append(row(rows)); err != nil {
					t.Fatal(err)
				}
				rows++
			}
			switch rapid.IntRange(0, 2).Draw(t, "end") {
			case 0:
				if err := l.Close(); err != nil {
					t.Fatal(err)
				}
			case 1: // killed before a flush
				l.file.Close()
				rows -= n
			case 2:
				if err := l.Commit(nil); err != nil {
					t.Fatal(err)
				}
				complete = true
			}
			if rows == 0 && !complete {
				fingerprint = "" // nothing is there that could be refused
				os.Remove(path)
				os.Remove(path + ".part")
				os.Remove(path + ".run.json")
			}
		}
	})
}

func TestAppendRefuses(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "out.jsonl"), "a", false)
	for _, bad := range []string{"", " ", "{\n}", "1\n"} {
		if l.Append([]byte(bad)) == nil {
			t.Errorf("Append(%q)", bad)
		}
	}
}

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for _, path := range []string{"plain", filepath.Join(dir, "absolute"), "plain"} {
		data := []byte(path + " data")
		if err := WriteFile(path, data, 0o640); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(got, data) {
			t.Errorf("%q, %v", got, err)
		}
		if info, _ := os.Stat(path); info.Mode().Perm() != 0o640 {
			t.Errorf("mode %v", info.Mode())
		}
	}
	if err := WriteFile("no/such/folder", nil, 0o644); err == nil || !strings.Contains(err.Error(), "no/such/folder") {
		t.Errorf("missing folder: %v", err)
	}
	if err := os.Mkdir("folder", 0o755); err != nil {
		t.Fatal(err)
	}
	if WriteFile("folder", nil, 0o644) == nil {
		t.Error("a folder is replaced")
	}
	wantFiles(t, dir, "absolute", "folder", "plain")
}

func TestWriteFileFullDisk(t *testing.T) {
	dir := mountTmpfs(t, "size=64k")
	path := filepath.Join(dir, "f")
	if err := WriteFile(path, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if WriteFile(path, make([]byte, 1<<20), 0o644) == nil {
		t.Error("no error on a full disk")
	}
	if got, err := os.ReadFile(path); string(got) != "old" {
		t.Errorf("the old file: %q, %v", got, err)
	}
	wantFiles(t, dir, "f")
}

func BenchmarkAppend(b *testing.B) {
	l := open(b, filepath.Join(b.TempDir(), "out.jsonl"), "a", false)
	r := value(30)
	b.SetBytes(int64(len(r)))
	for b.Loop() {
		if err := l.Append(r); err != nil {
			b.Fatal(err)
		}
	}
}
