package corpus

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// makeTokens makes documents whose tokens are all different, so that a token says
// where it is from; ends of documents are the token 0.
func makeTokens(t interface {
	rapid.TB
	Cleanup(func())
}, dir string, lengths, marks []int,
) (*Tokens, []int32) {
	t.Helper()
	tok := &Tokens{TokensMeta: TokensMeta{Width: 4, Documents: len(lengths)}}
	var stream []int32
	next := int32(1)
	for i, n := range lengths {
		if marks != nil {
			tok.marks = append(tok.marks, int64(len(stream)+marks[i]))
		}
		for range n {
			stream = append(stream, next)
			next++
		}
		stream = append(stream, 0)
		tok.ends = append(tok.ends, int64(len(stream)))
	}
	tok.Tokens = int64(len(stream))
	var raw []byte
	for _, x := range stream {
		raw = binary.LittleEndian.AppendUint32(raw, uint32(x))
	}
	var err error
	if tok.file, err = os.Create(filepath.Join(dir, "tokens")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tok.Close() })
	if _, err := tok.file.Write(raw); err != nil {
		t.Fatal(err)
	}
	return tok, stream
}

// targets calls each with the input and the target of every position that counts.
func targets(b *Batch, each func(row int, input, target int32)) {
	for r := range b.B {
		for i := range b.T {
			if b.Mask[r*b.T+i] == 1 {
				each(r, b.Tokens[r*(b.T+1)+i], b.Tokens[r*(b.T+1)+i+1])
			}
		}
	}
}

// TestWindows: an epoch has every token as a target once, after the token that is
// before it in the stream, whatever the shape.
func TestWindows(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		lengths := rapid.SliceOfN(rapid.IntRange(0, 40), 2, 12).Draw(rt, "documents")
		o := WindowOptions{
			Batch: rapid.IntRange(1, 5).Draw(rt, "B"), Length: rapid.IntRange(1, 50).Draw(rt, "T"),
			Seed: rapid.Uint64().Draw(rt, "seed"), Documents: rapid.Bool().Draw(rt, "documents"), Sequential: rapid.Bool().Draw(rt, "sequential"),
		}
		tok, stream := makeTokens(rt, dir, lengths, nil)
		w, err := NewWindows(tok, o)
		if err != nil {
			rt.Fatal(err)
		}
		document := make([]int, len(stream)) // of every token
		for i := range document {
			document[i] = tok.DocumentAt(int64(i))
			if start, end := tok.Document(document[i]); int64(i) < start || int64(i) >= end {
				rt.Fatal(i, start, end)
			}
		}
		before := map[int32]int32{}
		where := map[int32]int{}
		for i, x := range stream {
			before[x] = stream[(i+len(stream)-1)%len(stream)]
			where[x] = i
		}
		const epochs = 2
		seen, ends := map[int32]int{}, 0
		rows := int64(0)
		for i := range w.Batches() * epochs {
			b, err := w.Batch(i)
			if err != nil {
				rt.Fatal(err)
			}
			again, err := w.Batch(i)
			if err != nil || !reflect.DeepEqual(b, again) {
				rt.Fatal("the batch is another the second time", err)
			}
			if b.B != o.Batch || b.T != o.Length || len(b.Tokens) != b.B*(b.T+1) || len(b.Mask) != b.B*b.T || len(b.Lengths) != b.B {
				rt.Fatalf("shape %d %d %d", len(b.Tokens), len(b.Mask), len(b.Lengths))
			}
			for r := range b.B {
				if n := int(b.Lengths[r]); n < 1 || n > b.T {
					rt.Fatal("length", n)
				}
				if rows++; !o.Sequential && rows > w.Rows()*epochs {
					for i := range b.T { // of the epoch after
						b.Mask[r*b.T+i] = 0
					}
				}
			}
			inRow := map[int]int{}
			targets(b, func(r int, in, target int32) {
				if target == 0 {
					ends++
					return
				}
				seen[target]++
				if before[target] != in {
					rt.Fatalf("%d comes after %d, not %d", target, before[target], in)
				}
				if d, ok := inRow[r]; o.Documents && ok && d != document[where[target]] {
					rt.Fatal("a row with two documents")
				}
				inRow[r] = document[where[target]]
			})
		}
		for _, x := range stream {
			if x != 0 && seen[x] != epochs {
				rt.Fatalf("%d is a target %d times", x, seen[x])
			}
		}
		if ends != epochs*len(lengths) {
			rt.Fatalf("%d ends", ends)
		}
	})
}

// TestWindowsOrder: epochs and seeds differ in order, and rows are not those of the
// stream.
func TestWindowsOrder(t *testing.T) {
	t.Parallel()
	tok, _ := makeTokens(t, t.TempDir(), []int{5000}, nil)
	first := func(o WindowOptions, i int64) []int32 {
		w, err := NewWindows(tok, o)
		if err != nil {
			t.Fatal(err)
		}
		b, err := w.Batch(i)
		if err != nil {
			t.Fatal(err)
		}
		if want := i / w.Batches(); b.Epoch != want {
			t.Errorf("epoch %d, want %d", b.Epoch, want)
		}
		return b.Tokens
	}
	o := WindowOptions{Batch: 2, Length: 10, Seed: 1}
	base := first(o, 0)
	if cmp.Equal(base, first(o, 1)) || cmp.Equal(base, first(o, 251)) || cmp.Equal(base, first(WindowOptions{Batch: 2, Length: 10, Seed: 2}, 0)) {
		t.Error("batches are the same")
	}
	s := WindowOptions{Batch: 2, Length: 10, Sequential: true}
	if got := first(s, 0); !cmp.Equal(got[:3], []int32{0, 1, 2}) || !cmp.Equal(got, first(s, 251)) {
		t.Error(got)
	}
}

func TestWindowsRefuse(t *testing.T) {
	t.Parallel()
	tok, _ := makeTokens(t, t.TempDir(), []int{5}, nil)
	empty, _ := makeTokens(t, t.TempDir(), nil, nil)
	for want, f := range map[string]func() error{
		"both must be above 0":                   func() error { _, err := NewWindows(tok, WindowOptions{Batch: 1}); return err },
		"the stream has 0 tokens (is this split": func() error { _, err := NewWindows(empty, WindowOptions{Batch: 1, Length: 1}); return err },
		"windows: batch -1": func() error {
			w, _ := NewWindows(tok, WindowOptions{Batch: 1, Length: 1})
			_, err := w.Batch(-1)
			return err
		},
		"there are none":               func() error { return empty.Read(make([]int32, 1), 0) },
		"documents, not pairs":         func() error { _, err := NewRows(tok, RowOptions{Batch: 1, Length: 1}); return err },
		"rows of batch 0 and length 1": func() error { _, err := NewRows(tok, RowOptions{Length: 1}); return err },
		"none of 0 can be used":        func() error { _, err := NewRows(empty, RowOptions{Batch: 1, Length: 1}); return err },
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestRows: an epoch has every row that is short enough once, whole, and only its
// completion counts.
func TestRows(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		lengths := rapid.SliceOfN(rapid.IntRange(1, 60), 1, 60).Draw(rt, "rows")
		marks := make([]int, len(lengths))
		for i, n := range lengths {
			marks[i] = rapid.IntRange(0, n-1).Draw(rt, "mark")
		}
		o := RowOptions{
			Batch: rapid.IntRange(1, 3).Draw(rt, "B"), Length: rapid.IntRange(20, 70).Draw(rt, "T"), Multiple: rapid.SampledFrom([]int{0, 1, 8}).Draw(rt, "multiple"),
			Seed: rapid.Uint64().Draw(rt, "seed"), Sequential: rapid.Bool().Draw(rt, "sequential"),
		}
		tok, _ := makeTokens(rt, dir, lengths, marks)
		r, err := NewRows(tok, o)
		if err != nil {
			if strings.Contains(err.Error(), "can be used") {
				return
			}
			rt.Fatal(err)
		}
		const epochs = 2
		count := map[int32]int{} // of the first target that counts of every row
		for i := range r.Batches() * epochs {
			b, err := r.Batch(i)
			if err != nil {
				rt.Fatal(err)
			}
			again, _ := r.Batch(i)
			if !reflect.DeepEqual(b, again) {
				rt.Fatal("the batch is another the second time")
			}
			if b.B != o.Batch || b.T > o.Length || b.Epoch != i/r.Batches() {
				rt.Fatalf("%d×%d in epoch %d", b.B, b.T, b.Epoch)
			}
			for row := range b.B {
				var got []int32
				for t := range b.T {
					if b.Mask[row*b.T+t] == 1 {
						if t >= int(b.Lengths[row]) {
							rt.Fatal("padding counts")
						}
						got = append(got, b.Tokens[row*(b.T+1)+t+1])
					}
				}
				if len(got) == 0 {
					continue // fills the batch up
				}
				count[got[0]]++
				if got[len(got)-1] != 0 {
					rt.Fatal("no end", got)
				}
			}
		}
		next := int32(1)
		usable := 0
		for i, n := range lengths {
			first := next + int32(max(marks[i], 1)) // the first token of a row is no target
			if n == 1 {
				first = 0
			}
			next += int32(n)
			if n > o.Length {
				continue
			}
			usable++
			if first != 0 && count[first] != epochs {
				rt.Fatalf("row %d of %d tokens, completion at %d: seen %d times", i, n, marks[i], count[first])
			}
		}
		if int(r.Rows()) != usable || r.TooLong() != len(lengths)-usable {
			rt.Fatal(r.Rows(), r.TooLong(), usable)
		}
	})
}
