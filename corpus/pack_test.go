package corpus

import (
	"os"
	"path/filepath"
	"testing"
)

func bytesEncode(s string) []int32 {
	out := make([]int32, len(s))
	for i := range out {
		out[i] = int32(s[i])
	}
	return out
}

func writeTree(t *testing.T, files map[string]string) string {
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

func TestPackPython(t *testing.T) {
	var c Config
	c.Default()
	var s SourceConfig
	s.Default()
	s.Path = "/usr/lib/python3.1*"
	c.Sources = []SourceConfig{s}
	co, err := Open(c)
	if err != nil {
		t.Skip(err)
	}
	p, err := Pack(t.Context(), co, PackOptions{Dir: t.TempDir(), Encode: bytesEncode, EOD: 256, Vocab: 257})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	p.Summary.Print(os.Stderr)
	w, err := NewWindows(p.Train, WindowOptions{Batch: 4, Length: 64, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	b, err := w.Batch(3)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(b.Lengths, b.Tokens[:20], w.Rows(), w.Batches())
}
