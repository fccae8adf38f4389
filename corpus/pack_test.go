package corpus

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// bytesOf is a tokenizer of bytes; 256 is the end.
func bytesOf(s string) []int32 {
	out := make([]int32, len(s))
	for i := range out {
		out[i] = int32(s[i])
	}
	return out
}

func packOptions(dir string) PackOptions {
	return PackOptions{Dir: dir, Encode: bytesOf, EOD: 256, Vocab: 257, Tokenizer: "bytes"}
}

func mustPack(t testing.TB, c Config, o PackOptions) *Packed {
	t.Helper()
	co, err := Open(c)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Pack(t.Context(), co, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// text is the stream as text, ends of documents as "|".
func text(t testing.TB, tok *Tokens) string {
	t.Helper()
	if tok.Tokens == 0 {
		return ""
	}
	ids := make([]int32, tok.Tokens)
	if err := tok.Read(ids, 0); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, id := range ids {
		if id == tok.EOD {
			b.WriteByte('|')
		} else {
			b.WriteByte(byte(id))
		}
	}
	return b.String()
}

func someFiles(t testing.TB) (string, Config) {
	files := map[string]string{}
	for i := range 40 {
		files[fmt.Sprintf("p%02d/a.py", i)] = fmt.Sprintf("text %d", i)
	}
	root := writeTree(t, files)
	c := loose(source1(root))
	c.Split = SplitConfig{Validation: 0.2, Test: 0.2}
	return root, c
}

func TestPack(t *testing.T) {
	t.Parallel()
	root, c := someFiles(t)
	o := packOptions(t.TempDir())
	var progress atomic.Int64
	o.Progress = func(n int, bytes int64) { progress.Store(int64(n)*1e6 + bytes) }
	p := mustPack(t, c, o)
	var want [3]string
	for i := range 40 {
		s := map[Split]int{Train: 0, Validation: 1, Test: 2}[c.Split.of(fmt.Sprintf("p%02d", i))]
		want[s] += fmt.Sprintf("text %d|", i)
	}
	if d := cmp.Diff(want, [3]string{text(t, p.Train), text(t, p.Validation), text(t, p.Test)}); d != "" {
		t.Error(d)
	}
	if p.Cached || p.Train.Width != 2 || p.Summary.Kept.Documents != 40 || progress.Load() != 40e6+40*7-10 {
		t.Errorf("%+v %d", p.Summary, progress.Load())
	}
	var b bytes.Buffer
	p.Summary.Print(&b)
	for _, want := range []string{"found", "40 documents", "validation", "projects"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the summary does not say %q:\n%s", want, b.String())
		}
	}

	// Again: from the cache. Elsewhere, and with wide tokens: the same, made again.
	if again := mustPack(t, c, o); !again.Cached || again.Digest() != p.Digest() || !cmp.Equal(again.Summary.Splits, p.Summary.Splits) {
		t.Error("not from the cache, or not the same")
	}
	wide := packOptions(t.TempDir())
	wide.Vocab = 1 << 20
	if w := mustPack(t, c, wide); w.Cached || w.Train.Width != 4 || text(t, w.Train) != text(t, p.Train) {
		t.Error("wide tokens are others")
	}
	elsewhere := mustPack(t, c, packOptions(t.TempDir()))
	if elsewhere.Digest() != p.Digest() {
		t.Error("the digest is of the place")
	}

	// Other inputs are other tokens.
	for what, change := range map[string]func(*Config, *PackOptions){
		"tokenizer": func(_ *Config, o *PackOptions) { o.Tokenizer = "other" },
		"vocab":     func(_ *Config, o *PackOptions) { o.Vocab = 300 },
		"config":    func(c *Config, _ *PackOptions) { c.Filter.MinBytes = 2 },
		"time": func(*Config, *PackOptions) {
			if err := os.Chtimes(filepath.Join(root, "p00/a.py"), time.Unix(1, 0), time.Unix(1, 0)); err != nil {
				t.Fatal(err)
			}
		},
	} {
		c, o := c, o
		change(&c, &o)
		if mustPack(t, c, o).Cached {
			t.Errorf("another %s is found in the cache", what)
		}
	}

	// What is damaged is made again.
	for _, name := range []string{"train/tokens.bin", "train/ends.bin", "train/meta.json", "summary.json", "test/tokens.bin"} {
		p := mustPack(t, c, o)
		path := filepath.Join(p.Dir, name)
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, info.Size()/2); err != nil {
			t.Fatal(err)
		}
		if again := mustPack(t, c, o); again.Cached || again.Digest() != elsewhere.Digest() {
			t.Errorf("with %s truncated: cached %t", name, again.Cached)
		}
	}
	wantNoTemps(t, o.Dir)
}

func wantNoTemps(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if strings.Contains(path, ".tmp") {
			t.Errorf("%s is left", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestPackManyGroups: work is cut into groups that many goroutines finish in any
// order; the stream has the documents' order.
func TestPackManyGroups(t *testing.T) {
	t.Parallel()
	var rows strings.Builder
	for i := range 300 {
		fmt.Fprintf(&rows, "{\"text\":%q}\n", strings.Repeat(string(rune('a'+i%26)), 20_000))
	}
	root := writeTree(t, map[string]string{"a.jsonl": rows.String()})
	p := mustPack(t, loose(source1(filepath.Join(root, "a.jsonl"))), packOptions(t.TempDir()))
	if p.Train.Documents != 300 {
		t.Fatal(p.Train.Documents)
	}
	id := make([]int32, 1)
	for i := range 300 {
		start, end := p.Train.Document(i)
		if err := p.Train.Read(id, start); err != nil || id[0] != int32('a'+i%26) || end-start != 20_001 {
			t.Fatal(i, id, end-start, err)
		}
	}
}

func TestPackErrors(t *testing.T) {
	t.Parallel()
	root, c := someFiles(t)
	dir := t.TempDir()
	run := func(ctx context.Context, c Config, o PackOptions) error {
		co, err := Open(c)
		if err != nil {
			return err
		}
		p, err := Pack(ctx, co, o)
		if err == nil {
			p.Close()
		}
		return err
	}
	for _, x := range []struct {
		name   string
		change func(*Config, *PackOptions)
		want   string
	}{
		{"vocabulary", func(_ *Config, o *PackOptions) { o.Vocab = 100 }, "pack " + root + "/p00/a.py: the tokenizer gave token 116, the vocabulary has 100"},
		{"end", func(_ *Config, o *PackOptions) { o.EOD = 999 }, "the tokenizer gave token 999"},
		{"negative", func(_ *Config, o *PackOptions) { o.Encode = func(string) []int32 { return []int32{-1} } }, "the tokenizer gave token -1"},
		{"nothing by name", func(c *Config, _ *PackOptions) { c.Sources[0].Files = []string{"*.c"} }, "the corpus is empty: no documents in " + root},
		{"all filtered", func(c *Config, _ *PackOptions) { c.Filter.MinBytes = 1000 }, "the corpus is empty: of 40 documents in " + root + " none was kept: 40 too short"},
		{"no training", func(c *Config, _ *PackOptions) { c.Split = SplitConfig{Validation: 0.999999} }, "no documents for training: all 40 kept of " + root + " fell into validation and test"},
		{"no sources", func(c *Config, _ *PackOptions) { c.Sources = nil }, "corpus: sources is empty"},
		{"no folder", func(_ *Config, o *PackOptions) { o.Dir = filepath.Join(root, "p00/a.py") }, "not a directory"},
	} {
		c, o := c, packOptions(dir)
		c.Sources = append([]SourceConfig{}, c.Sources...)
		x.change(&c, &o)
		if err := run(t.Context(), c, o); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: got %v, want %s", x.name, err, x.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	o := packOptions(dir)
	o.Encode = func(s string) []int32 {
		cancel()
		return bytesOf(s)
	}
	if err := run(ctx, c, o); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	wantNoTemps(t, dir)
	var empty *EmptyError
	c.Filter.MaxBytes = 1
	if err := run(t.Context(), c, packOptions(dir)); !errors.As(err, &empty) || empty.Summary.Skipped[skipLong].Documents != 40 {
		t.Error(err)
	}
}

func TestPackRows(t *testing.T) {
	t.Parallel()
	root := writeTree(t, map[string]string{"a.jsonl": `{"prompt":"1+1=","completion":"2"}
{"prompt":"1+1=","completion":"2"}
{"instruction":"hi","response":"ho"}
{"prompt":"","solution":"free"}
`})
	c := PairsConfig{Path: filepath.Join(root, "a.jsonl")}
	p, err := PackRows(t.Context(), c, packOptions(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if got := text(t, p.Train); got != "1+1=2|hiho|free|" || !cmp.Equal(p.Train.marks, []int64{4, 8, 11}) {
		t.Errorf("%q %v", got, p.Train.marks)
	}
	if p.Summary.Skipped[skipExact].Documents != 1 || p.Summary.Kept.Documents != 3 || p.Summary.Kept.Bytes != 13 {
		t.Errorf("%+v", p.Summary)
	}
	r, err := NewRows(p.Train, RowOptions{Batch: 3, Length: 10, Multiple: 1, Sequential: true})
	if err != nil {
		t.Fatal(err)
	}
	b, err := r.Batch(0)
	if err != nil {
		t.Fatal(err)
	}
	// Sorted by length: "hiho|" and "free|" have 4 inputs, "1+1=2|" has 5.
	want := &Batch{
		B: 3, T: 5,
		Tokens:  []int32{'h', 'i', 'h', 'o', 256, 256, 'f', 'r', 'e', 'e', 256, 256, '1', '+', '1', '=', '2', 256},
		Mask:    []float32{0, 1, 1, 1, 0 /**/, 1, 1, 1, 1, 0 /**/, 0, 0, 0, 1, 1},
		Lengths: []int32{4, 4, 5},
	}
	if d := cmp.Diff(want, b); d != "" {
		t.Error(d)
	}

	// Prompts decide the split: one prompt is never in two.
	var rows strings.Builder
	for i := range 60 {
		fmt.Fprintf(&rows, "{\"prompt\":\"<%d>\",\"completion\":\"c%d\"}\n", i%30, i)
	}
	root = writeTree(t, map[string]string{"b.jsonl": rows.String()})
	c = PairsConfig{Path: filepath.Join(root, "b.jsonl"), Split: SplitConfig{Validation: 0.5}}
	q, err := PackRows(t.Context(), c, packOptions(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	train, validation := text(t, q.Train), text(t, q.Validation)
	for i := range 30 {
		prompt := fmt.Sprintf("<%d>", i)
		if n, m := strings.Count(train, prompt), strings.Count(validation, prompt); n+m != 2 || n == 1 {
			t.Errorf("%s is %d times in training, %d times in validation", prompt, n, m)
		}
	}
	if train == "" || validation == "" {
		t.Error("all are in one split")
	}
}

func TestBadRows(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ rows, want string }{
		{`{"completion":"x"}`, `a.jsonl:1: there is no text "prompt" (name the field with prompt)`},
		{"\n" + `{"prompt":"x"}`, `a.jsonl:2: there is no text "completion" (name the field with completion)`},
		{`{"prompt":"x","completion":""}`, `a.jsonl:1: the completion is empty`},
		{`{"prompt":"x","completion":7}`, `a.jsonl:1: there is no text "completion"`},
		{`{`, `a.jsonl:1: no JSON object: `},
		{``, `the corpus is empty: no documents in `},
	} {
		root := writeTree(t, map[string]string{"a.jsonl": x.rows})
		_, err := PackRows(t.Context(), PairsConfig{Path: filepath.Join(root, "*.jsonl")}, packOptions(t.TempDir()))
		if err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("got %v, want %s", err, x.want)
		}
	}
	if _, err := PackRows(t.Context(), PairsConfig{Path: "/none"}, packOptions(t.TempDir())); err == nil || err.Error() != "rows /none: there is no such file" {
		t.Error(err)
	}
	root := writeTree(t, map[string]string{"a.jsonl": `{"q":"x","a":"y"}`})
	c := PairsConfig{Path: filepath.Join(root, "a.jsonl"), Prompt: "q", Completion: "b"}
	if _, err := PackRows(t.Context(), c, packOptions(t.TempDir())); err == nil || !strings.HasSuffix(err.Error(), `a.jsonl:1: there is no text "b"`) {
		t.Error(err)
	}
}

// TestPython packs this machine's Python library.
func TestPython(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("packs 10 MB")
	}
	if m, _ := filepath.Glob("/usr/lib/python3.*/argparse.py"); len(m) == 0 {
		t.Skip("NOT RUN: there is no Python library in /usr/lib")
	}
	var c Config
	c.Default()
	c.Sources = []SourceConfig{source1("/usr/lib/python3.*")}
	p := mustPack(t, c, packOptions(t.TempDir()))
	s := p.Summary
	if s.Kept.Documents < 300 || s.Skipped[skipGenerated] == nil || s.Skipped[skipNear] == nil || s.Projects[Validation] < 3 {
		t.Errorf("%+v", s)
	}
	var b strings.Builder
	s.Print(&b)
	t.Log("\n" + b.String())
}
