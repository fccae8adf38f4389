package corpus

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
)

// loose is a Config that keeps everything.
func loose(sources ...SourceConfig) Config { return Config{Sources: sources} }

func source1(path string) SourceConfig {
	s := SourceConfig{}
	s.Default()
	s.Path = path
	return s
}

func writeTree(t testing.TB, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// collect returns the documents of c as "path project text" below root.
func collect(t testing.TB, c Config, root string) ([]string, Summary) {
	t.Helper()
	co, err := Open(c)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	var s Summary
	for d, err := range co.Documents(t.Context(), &s) {
		if err != nil {
			t.Fatal(err)
		}
		short := strings.NewReplacer(root+"/", "")
		out = append(out, fmt.Sprintf("%s|%s|%s", short.Replace(d.Path), short.Replace(d.Project), d.Text))
	}
	return out, s
}

func TestFolder(t *testing.T) {
	t.Parallel()
	root := writeTree(t, map[string]string{
		"json/decoder.py": "1", "json/tool/x.py": "2", "abc.py": "3", "dist-packages/numpy/core.py": "4",
		"dist-packages/six.py": "5", "lib-dynload/z.py": "6", "notes.txt": "7", ".git/a.py": "8", "json/__pycache__/b.py": "9",
		"empty.py": "", "big.pyi": "10",
	})
	if err := os.Symlink(filepath.Join(root, "abc.py"), filepath.Join(root, "link.py")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(root, filepath.Join(root, "json", "loop")); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"abc.py|abc|3", "dist-packages/numpy/core.py|numpy|4", "dist-packages/six.py|six|5",
		"json/decoder.py|json|1", "json/tool/x.py|json|2", "lib-dynload/z.py|z|6",
	}
	got, s := collect(t, loose(source1(root)), root)
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if s.Found.Documents != 7 || s.Kept.Documents != 6 || s.Kept.Bytes != 6 || s.Skipped[skipShort].Documents != 1 {
		t.Errorf("%+v", s)
	}
	// By way of a link, and a pattern.
	link := filepath.Join(t.TempDir(), "link3")
	if err := os.Symlink(root, link); err != nil {
		t.Fatal(err)
	}
	if got, _ := collect(t, loose(source1(filepath.Join(filepath.Dir(link), "li*[0-9]"))), root); !cmp.Equal(got, want) {
		t.Error(got)
	}
	// One file, and other names.
	if got, _ := collect(t, loose(source1(filepath.Join(root, "json/decoder.py"))), root); !cmp.Equal(got, []string{"json/decoder.py|decoder|1"}) {
		t.Error(got)
	}
	o := source1(root)
	o.Files = []string{"*.txt", "*.pyi"}
	if got, _ := collect(t, loose(o), root); !cmp.Equal(got, []string{"big.pyi|big|10", "notes.txt|notes|7"}) {
		t.Error(got)
	}
}

func TestUnreadableFile(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		t.Log("NOT RUN: root can read everything")
		return
	}
	root := writeTree(t, map[string]string{"a.py": "1", "b.py": "2"})
	if err := os.Chmod(filepath.Join(root, "a.py"), 0); err != nil {
		t.Fatal(err)
	}
	if got, s := collect(t, loose(source1(root)), root); len(got) != 1 || s.Skipped[skipUnreadable].Documents != 1 {
		t.Error(got, s)
	}
}

func TestDebian(t *testing.T) {
	t.Parallel()
	root := writeTree(t, map[string]string{"yaml/a.py": "", "six.py": "", "other.py": ""})
	info := writeTree(t, map[string]string{
		"python3-yaml.list":        "/.\n" + root + "\n" + root + "/yaml/a.py\n",
		"libsix-stdlib:amd64.list": root + "/six.py\n",
		"elsewhere.list":           root + "x/other.py\n",
	})
	got, err := debianPackages(info, root)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(map[string]string{root + "/yaml/a.py": "python3-yaml", root + "/six.py": "libsix-stdlib"}, got); d != "" {
		t.Error(d)
	}
	f := &folder{root: root, debian: got}
	if p := f.project(root, root+"/six.py") + " " + f.project(root, root+"/other.py"); p != "libsix-stdlib other" {
		t.Error(p)
	}
	if _, err := debianPackages(root, root); err == nil || !strings.Contains(err.Error(), "project: top") {
		t.Error(err)
	}
}

func gz(t testing.TB, text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	z.Close()
	return b.String()
}

func zst(t testing.TB, text string) string {
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return string(z.EncodeAll([]byte(text), nil))
}

const someRows = `{"text":"one","repo":"r"}

{"content":"two"}
{"code":"three","text":7}
{"text":null}
[1]
null
{"text":
{"text":"last","repo":"r"}`

func TestJSONL(t *testing.T) {
	t.Parallel()
	for name, pack := range map[string]func(testing.TB, string) string{
		"a.jsonl": func(_ testing.TB, s string) string { return s }, "b.jsonl.gz": gz, "c.ndjson.zst": zst, "d.json": gz,
	} {
		root := writeTree(t, map[string]string{name: pack(t, someRows)})
		c := source1(filepath.Join(root, name))
		c.ProjectField = "repo"
		got, s := collect(t, loose(c), root)
		at := func(n int) string { return fmt.Sprintf("%s:%d", name, n) }
		want := []string{at(1) + "|r|one", at(3) + "|" + at(3) + "|two", at(4) + "|" + at(4) + "|three", at(9) + "|r|last"}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
		if s.Skipped[skipNoText].Documents != 1 || s.Skipped[skipMalformedRow].Documents != 3 || s.Found.Documents != 8 {
			t.Errorf("%+v", s)
		}
	}
	root := writeTree(t, map[string]string{"a.jsonl": `{"x":{"y":1},"body":"text"}`})
	c := source1(filepath.Join(root, "a.jsonl"))
	c.Text = "body"
	if got, _ := collect(t, loose(c), root); !cmp.Equal(got, []string{"a.jsonl:1|a.jsonl:1|text"}) {
		t.Error(got)
	}
}

// TestLongRow: a line that is longer than can be kept is passed over, the next is not.
func TestLongRow(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("writes 64 MB")
	}
	root := writeTree(t, map[string]string{"a.jsonl": `{"text":"` + strings.Repeat("x", maxRow) + "\"}\n{\"text\":\"two\"}\n"})
	got, s := collect(t, loose(source1(filepath.Join(root, "a.jsonl"))), root)
	if !cmp.Equal(got, []string{"a.jsonl:2|a.jsonl:2|two"}) || s.Skipped[skipMalformedRow].Documents != 1 {
		t.Error(len(got), s)
	}
}

type parquetRow struct {
	Content *string  `parquet:"content,optional"`
	Repo    string   `parquet:"repo"`
	Stars   int64    `parquet:"stars"`
	Tags    []string `parquet:"tags"`
}

func parquetBytes(t testing.TB, n int) string {
	t.Helper()
	var b bytes.Buffer
	w := parquet.NewGenericWriter[parquetRow](&b, parquet.MaxRowsPerRowGroup(100), parquet.Compression(&parquet.Zstd))
	for i := range n {
		text := fmt.Sprintf("text %d", i)
		row := parquetRow{Content: &text, Repo: fmt.Sprintf("repo%d", i%3), Tags: []string{"a", "b"}}
		if i%10 == 5 {
			row.Content = nil
		}
		if _, err := w.Write([]parquetRow{row}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestParquet(t *testing.T) {
	t.Parallel()
	root := writeTree(t, map[string]string{"a.parquet": parquetBytes(t, 250)})
	c := source1(filepath.Join(root, "a.parquet"))
	c.ProjectField = "repo"
	got, s := collect(t, loose(c), root)
	if len(got) != 225 || s.Skipped[skipNoText].Documents != 25 {
		t.Fatal(len(got), s)
	}
	if got[0] != "a.parquet:0|repo0|text 0" || got[5] != "a.parquet:6|repo0|text 6" || got[224] != "a.parquet:249|repo0|text 249" {
		t.Error(got[0], got[5], got[224])
	}
	co, err := Open(loose(c))
	if err != nil {
		t.Fatal(err)
	}
	for range co.Documents(t.Context(), new(Summary)) {
		break // and nothing is left open or yields on
	}
}

// TestBadSources: what cannot be a source says why.
func TestBadSources(t *testing.T) {
	t.Parallel()
	whole := parquetBytes(t, 100)
	zeroed := []byte(whole)
	clear(zeroed[100 : len(zeroed)/2])
	root := writeTree(t, map[string]string{
		"torn.jsonl.gz": gz(t, strings.Repeat(`{"text":"abcdefgh"}`+"\n", 1000))[:60], "torn.jsonl.zst": zst(t, strings.Repeat("{}\n", 1000))[:20],
		"head.jsonl.gz": "\x1f\x8b\x00", "a.parquet": whole[:len(whole)/2], "b.parquet": "PAR1", "d.parquet": whole[:len(whole)-8] + "\xff\xff\xff\xffPAR1", "c.parquet": string(zeroed), "ok.parquet": whole,
		"z.parquet.gz": "x", "photo.jpg": "x", "dir/a.py": "x",
	})
	for _, c := range []struct {
		file   string
		change func(*SourceConfig)
		want   string
	}{
		{"none", nil, "none: there is no such file or folder"},
		{"[", nil, "syntax error in pattern"},
		{"photo.jpg", nil, "photo.jpg: neither a folder, nor .jsonl, .parquet, .jsonl.gz, .jsonl.zst, nor one of *.py"},
		{"z.parquet.gz", nil, "must not be compressed as a whole"},
		{"dir", func(s *SourceConfig) { s.Files = nil }, "no patterns of names are given"},
		{"dir", func(s *SourceConfig) { s.Files = []string{"["} }, `pattern "[": syntax error`},
		{"dir", func(s *SourceConfig) { s.Project = "git" }, `sources[0].project must be top or debian, is "git"`},
		{"torn.jsonl.gz", nil, "torn.jsonl.gz: line 221: unexpected EOF"},
		{"torn.jsonl.zst", nil, "torn.jsonl.zst: line "},
		{"head.jsonl.gz", nil, "head.jsonl.gz: unexpected EOF"},
		{"a.parquet", nil, "a.parquet: no parquet file: it does not end with PAR1 (is it truncated?)"},
		{"b.parquet", nil, "b.parquet: no parquet file: 4 bytes"},
		{"d.parquet", nil, "d.parquet: no parquet file: a footer of 4294967295 bytes in a file of "},
		{"c.parquet", nil, "c.parquet: "},
		{"ok.parquet", func(s *SourceConfig) { s.Text = "body" }, "there is no column body (it has content, repo, stars, tags)"},
		{"ok.parquet", func(s *SourceConfig) { s.Text = "stars" }, `column "stars" does not hold a text a row`},
		{"ok.parquet", func(s *SourceConfig) { s.Text = "tags" }, `column "tags" does not hold a text a row`},
		{"ok.parquet", func(s *SourceConfig) { s.ProjectField = "owner" }, "there is no column owner"},
	} {
		s := source1(filepath.Join(root, c.file))
		if c.change != nil {
			c.change(&s)
		}
		co, err := Open(loose(s))
		if err == nil {
			for _, err = range co.Documents(t.Context(), new(Summary)) {
				if err != nil {
					break
				}
			}
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.file, err, c.want)
		}
	}
}

func TestCanceled(t *testing.T) {
	t.Parallel()
	root := writeTree(t, map[string]string{"a.py": "x", "b.jsonl": `{"text":"x"}`, "c.parquet": parquetBytes(t, 3)})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, name := range []string{"", "b.jsonl", "c.parquet"} {
		co, err := Open(loose(source1(filepath.Join(root, name))))
		if err != nil {
			t.Fatal(err)
		}
		err = nil
		for _, err = range co.Documents(ctx, new(Summary)) {
		}
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// FuzzJSONL: whatever bytes, plain or compressed, give documents or errors.
func FuzzJSONL(f *testing.F) {
	f.Add([]byte(someRows))
	f.Add([]byte(gz(f, someRows)))
	f.Add([]byte(zst(f, someRows)))
	f.Add([]byte("\xef\xbb\xbf{}\r\n{\"text\":\"\\ud800\"}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "a.jsonl")
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		last := 0
		for row, err := range jsonRows(t.Context(), path) {
			if err != nil {
				if !strings.HasPrefix(err.Error(), "corpus source "+path) {
					t.Fatal(err)
				}
				return
			}
			n := 0
			if _, err := fmt.Sscanf(strings.TrimPrefix(row.at, path), ":%d", &n); err != nil || n <= last {
				t.Fatal(row.at, last)
			}
			last = n
			if _, ok := row.text("text"); ok && row.err != nil {
				t.Fatal("a malformed row has a text")
			}
		}
	})
}

// TestDamagedParquet changes bytes at random: documents or errors come of it, never
// panics or memory without bound.
func TestDamagedParquet(t *testing.T) {
	t.Parallel()
	whole := []byte(parquetBytes(t, 120))
	rng := rand.New(rand.NewPCG(5, 5))
	failed := 0
	path := filepath.Join(t.TempDir(), "a.parquet")
	for range 200 {
		data := bytes.Clone(whole)
		for range 1 + rng.IntN(4) {
			data[rng.IntN(len(data))] = byte(rng.IntN(256))
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, err := range (&parquetFile{path: path}).documents(t.Context(), func(string, string, int64) {}) {
			if n++; err != nil {
				failed++
			}
			if n > 10_000 {
				break
			}
		}
	}
	if failed == 0 {
		t.Error("nothing was noticed")
	}
}

// FuzzParquet: damaged files are errors, never panics.
func FuzzParquet(f *testing.F) {
	f.Add([]byte(parquetBytes(f, 3)))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "a.parquet")
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		n := 0
		for range (&parquetFile{path: path, config: SourceConfig{ProjectField: "repo"}}).documents(t.Context(), func(string, string, int64) {}) {
			if n++; n > 10_000 {
				break
			}
		}
	})
}
