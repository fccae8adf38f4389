package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func key(i int) [32]byte { return sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(i))) }

// value is like a verdict: JSON of a length that depends on i, some compressible.
func value(i int) []byte {
	return []byte(fmt.Sprintf(`{"n":%d,"text":"%s"}`, i, strings.Repeat("assert f(1) == 2; ", i%100)))
}

func openCache(t testing.TB, path string) *Cache {
	t.Helper()
	c, err := OpenCache(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func wantValues(t *testing.T, c *Cache, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		got, ok, err := c.Get(t.Context(), key(i))
		if err != nil || !ok || !bytes.Equal(got, value(i)) {
			t.Fatalf("value %d: %.60q, %v, %v", i, got, ok, err)
		}
	}
}

func TestCacheRoundTrip(t *testing.T) {
	// A name with everything that is special in a URI.
	path := filepath.Join(t.TempDir(), "new", "a b?c#d%20e&é;.db")
	c := openCache(t, path)
	random := make([]byte, 5000)
	for i := range random {
		random[i] = byte(rand.IntN(256))
	}
	c.Put(key(-1), nil)
	c.Put(key(-2), random)
	for i := range 2000 {
		c.Put(key(i), value(i))
	}
	wantValues(t, c, 0, 2000) // some of them not yet written
	if _, ok, err := c.Get(t.Context(), key(9999)); ok || err != nil {
		t.Errorf("a key that was never put: %v, %v", ok, err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
	c.Put(key(1), nil) // does nothing

	if _, err := os.Stat(path); err != nil {
		t.Fatal(err)
	}
	c = openCache(t, path)
	wantValues(t, c, 0, 2000)
	if got, ok, err := c.Get(t.Context(), key(-1)); !ok || err != nil || len(got) != 0 {
		t.Errorf("empty value: %q %v %v", got, ok, err)
	}
	if got, _, _ := c.Get(t.Context(), key(-2)); !bytes.Equal(got, random) {
		t.Error("incompressible value")
	}
}

func TestCacheIsWrittenWithoutClose(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.db")
	c := openCache(t, path)
	other := openCache(t, path)
	c.Put(key(1), value(1))
	for start := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		if _, ok, err := other.Get(t.Context(), key(1)); ok {
			break
		} else if err != nil || time.Since(start) > time.Minute {
			t.Fatalf("the other handle does not see the value: %v", err)
		}
	}
}

func TestCacheConcurrent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.db")
	var wg sync.WaitGroup
	for p := range 4 {
		wg.Go(func() {
			c, err := OpenCache(path)
			if err != nil {
				t.Error(err)
				return
			}
			var inner sync.WaitGroup
			for g := range 4 {
				inner.Go(func() {
					for i := range 500 {
						n := (p*4+g)*250 + i // half of them shared with the next
						c.Put(key(n), value(n))
						if got, ok, err := c.Get(t.Context(), key(n)); err != nil || !ok || !bytes.Equal(got, value(n)) {
							t.Errorf("value %d: %v %v", n, ok, err)
							return
						}
					}
				})
			}
			inner.Wait()
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	wantValues(t, openCache(t, path), 0, 15*250+500)
}

// TestCacheKilled ends a process that writes, three times, and reads what it left.
func TestCacheKilled(t *testing.T) {
	if path := os.Getenv("HONE_TEST_CACHE"); path != "" {
		c, err := OpenCache(path)
		if err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
		rows := func() (n int) {
			if err := c.db.QueryRow("SELECT count(*) FROM verdicts").Scan(&n); err != nil {
				fmt.Println("error:", err)
				os.Exit(1)
			}
			return n
		}
		before := rows()
		go func() { // Put only queues: it is written when others can see it
			for start := time.Now(); rows() == before; time.Sleep(time.Millisecond) {
				if time.Since(start) > time.Minute {
					fmt.Println("error: nothing is written")
					os.Exit(1)
				}
			}
			fmt.Println("writing")
		}()
		for i := 0; ; i++ {
			c.Put(key(i), value(i))
		}
	}
	path := filepath.Join(t.TempDir(), "c.db")
	for range 3 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestCacheKilled$")
		cmd.Env = append(os.Environ(), "HONE_TEST_CACHE="+path)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		line := make([]byte, 100)
		if n, err := out.Read(line); err != nil || string(line[:n]) != "writing\n" {
			t.Errorf("child: %q %v", line[:n], err)
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Error(err)
		}
		cmd.Wait()
		c := openCache(t, path)
		var check string
		if err := c.db.QueryRow("PRAGMA integrity_check").Scan(&check); err != nil || check != "ok" {
			t.Errorf("integrity: %q %v", check, err)
		}
		n := 0
		if err := c.db.QueryRow("SELECT count(*) FROM verdicts").Scan(&n); err != nil || n == 0 {
			t.Errorf("%d rows, %v", n, err)
		}
		for i := range 5000 {
			if got, ok, err := c.Get(t.Context(), key(i)); err != nil || ok && !bytes.Equal(got, value(i)) {
				t.Fatalf("value %d: %v", i, err)
			}
		}
		c.Close()
	}
}

func TestCacheCorrupt(t *testing.T) {
	dir := t.TempDir()
	wantError := func(path, want string) {
		t.Helper()
		c, err := OpenCache(path)
		if err == nil {
			c.Close()
			t.Errorf("%s opens", path)
		} else if !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "--cache off") || !strings.Contains(err.Error(), path) {
			t.Errorf("error %q does not say %q", err, want)
		}
	}
	text := filepath.Join(dir, "text.db")
	if err := os.WriteFile(text, bytes.Repeat([]byte("no database "), 1000), 0o644); err != nil {
		t.Fatal(err)
	}
	wantError(text, "delete it")

	broken := filepath.Join(dir, "broken.db")
	c := openCache(t, broken)
	for i := range 3000 {
		c.Put(key(i), value(i))
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(broken)
	if err != nil {
		t.Fatal(err)
	}
	for i := 100; i < 4096*3; i++ {
		raw[i] = 0x55
	}
	if err := os.WriteFile(broken, raw, 0o644); err != nil {
		t.Fatal(err)
	}
	wantError(broken, "delete it")

	other := filepath.Join(dir, "other.db")
	db, err := sql.Open("sqlite", other)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("CREATE TABLE mine (x)"); err != nil {
		t.Fatal(err)
	}
	db.Close()
	wantError(other, "no cache of Hone's")

	wantError(filepath.Join(text, "c.db"), "choose another file")
	wantError(dir, "choose another file")
}

func TestCacheReadOnly(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "c.db")
	c := openCache(t, path)
	c.Put(key(1), value(1))
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 {
		dir = mountTmpfs(t, "ro")
		path = filepath.Join(dir, "c.db")
	} else {
		if err := os.Chmod(dir, 0o555); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.Chmod(dir, 0o755) })
		path = filepath.Join(dir, "new.db")
	}
	if c, err := OpenCache(path); err == nil {
		c.Close()
		t.Error("opens in a read-only folder")
	} else if !strings.Contains(err.Error(), "choose another file") {
		t.Error(err)
	}
}

func TestCacheFullDisk(t *testing.T) {
	dir := mountTmpfs(t, "size=1m")
	c, err := OpenCache(filepath.Join(dir, "c.db"))
	if err != nil {
		t.Fatal(err)
	}
	noise := make([]byte, 4000)
	for i := range 1000 {
		for j := range noise {
			noise[j] = byte(rand.IntN(256))
		}
		c.Put(key(i), noise)
	}
	err = c.Close()
	if err == nil || !strings.Contains(err.Error(), "make room") {
		t.Errorf("Close on a full disk: %v", err)
	}
}

func benchCache(b *testing.B) *Cache {
	c := openCache(b, filepath.Join(b.TempDir(), "c.db"))
	for i := range 10_000 {
		c.Put(key(i), value(i))
	}
	c.writeAll(b)
	return c
}

// writeAll waits until nothing is pending.
func (c *Cache) writeAll(tb testing.TB) {
	for {
		c.mu.Lock()
		n := len(c.pending) + len(c.writing)
		c.mu.Unlock()
		if n == 0 {
			return
		}
		if err := c.Err(); err != nil {
			tb.Fatal(err)
		}
		time.Sleep(time.Millisecond)
	}
}

func BenchmarkCacheGet(b *testing.B) {
	c := benchCache(b)
	for name, first := range map[string]int{"hit": 0, "miss": 1 << 30} {
		b.Run(name, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				if _, ok, err := c.Get(context.Background(), key(first+i%10_000)); err != nil || ok != (first == 0) {
					b.Fatal(ok, err)
				}
			}
		})
	}
}

func BenchmarkCachePut(b *testing.B) {
	c := openCache(b, filepath.Join(b.TempDir(), "c.db"))
	for i := 0; b.Loop(); i++ {
		c.Put(key(i), value(i))
	}
	c.writeAll(b)
}
