package python

import (
	"os"
	"strings"
	"testing"
)

// shortFunction is a function of 30 lines.
const shortFunction = `def merge_intervals(intervals, gap=0):
    """Merge intervals that overlap or lie at most gap apart."""
    if not intervals:
        return []
    ordered = sorted(intervals, key=lambda pair: (pair[0], -pair[1]))
    merged = [list(ordered[0])]
    for start, end in ordered[1:]:
        last = merged[-1]
        if start <= last[1] + gap:
            last[1] = max(last[1], end)
        else:
            merged.append([start, end])
    return [tuple(pair) for pair in merged]


def summarize(text, *, limit=10, stop=frozenset({"a", "the"})):
    counts = {}
    for word in text.lower().split():
        word = word.strip(".,;:!?\"'")
        if word and word not in stop:
            counts[word] = counts.get(word, 0) + 1
    best = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    lines = []
    for rank, (word, count) in enumerate(best[:limit], start=1):
        share = 100.0 * count / sum(counts.values())
        lines.append(f"{rank:>3}. {word!r}: {count} ({share:.1f} %)")
    try:
        return "\n".join(lines)
    finally:
        counts.clear()
`

// largeProgram is about 1 MB of the standard library.
func largeProgram(b *testing.B) []byte {
	var text strings.Builder
	for _, path := range realPrograms(b) {
		src, err := os.ReadFile(path)
		if err != nil || !strings.Contains(path, "/python3.") || len(src) < 5000 {
			continue
		}
		if _, err := Parse(src); err == nil {
			text.Write(src)
			text.WriteByte('\n')
		}
		if text.Len() > 1_000_000 {
			break
		}
	}
	return []byte(text.String())
}

func BenchmarkTokenize(b *testing.B) {
	src := largeProgram(b)
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		Tokenize(src)
	}
}

func BenchmarkParse(b *testing.B) {
	src := largeProgram(b)
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(src); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseFunction(b *testing.B) {
	src := []byte(shortFunction)
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(src); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkHash(b *testing.B) {
	m, err := Parse([]byte(shortFunction))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		Hash(m, true)
	}
}
