package source

import (
	"bytes"
	"os"
	"testing"
)

// function is one of 30 lines, as models write them.
var function = []byte(`def merge_intervals(intervals, key=None, *, strict=False):
    """Merge overlapping intervals.

    Returns a sorted list of disjoint intervals.
    """
    if not intervals:
        return []
    if key is None:
        key = lambda pair: pair[0]  # the start
    ordered = sorted(intervals, key=key)
    merged = [list(ordered[0])]
    for start, end in ordered[1:]:
        if start > end:
            raise ValueError(f"bad interval: {start!r} > {end!r}")
        last = merged[-1]
        if start < last[1] or (not strict and start == last[1]):
            last[1] = max(last[1], end)
        else:
            merged.append([start, end])
    total = 0
    for start, end in merged:
        total += end - start
    try:
        longest = max(merged, key=lambda pair: pair[1] - pair[0])
    except ValueError:
        longest = None
    while merged and merged[-1] is None:
        merged.pop()
    result = {"merged": merged, "total": total, "longest": longest}
    return [tuple(pair) for pair in result["merged"] if pair]
`)

// large is about 100 KB of the standard library, or of the function over and over.
func large() []byte {
	if b, err := os.ReadFile("/usr/lib/python3.11/argparse.py"); err == nil {
		return b
	}
	return bytes.Repeat(function, 70)
}

func benchParse(b *testing.B, src []byte) {
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(Python, src); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseLarge(b *testing.B)    { benchParse(b, large()) }
func BenchmarkParseFunction(b *testing.B) { benchParse(b, function) }

// BenchmarkRelations is parsing a function, its leaves, its syntax graph and all
// distances.
func BenchmarkRelations(b *testing.B) {
	for b.Loop() {
		tree, err := Parse(Python, function)
		if err != nil {
			b.Fatal(err)
		}
		leaves := tree.Leaves()
		edges := 0
		for range leaves.Syntax() {
			edges++
		}
		if edges == 0 || len(leaves.Distances()) == 0 {
			b.Fatal("nothing is related")
		}
	}
}

// BenchmarkStart is what a process pays before its first tree, with a warm cache.
func BenchmarkStart(b *testing.B) {
	cache := b.TempDir()
	start := func(dir string) {
		p := NewParser(dir)
		if _, err := p.Parse(b.Context(), Python, []byte(small)); err != nil {
			b.Fatal(err)
		}
		_ = p.Close()
	}
	start(cache)
	b.Run("cached", func(b *testing.B) {
		for b.Loop() {
			start(cache)
		}
	})
	b.Run("compiling", func(b *testing.B) {
		for b.Loop() {
			start("")
		}
	})
}
