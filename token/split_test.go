package token

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// anyText draws strings of what pre-tokenizers tell apart, some invalid UTF-8 too.
func anyText(valid bool) *rapid.Generator[string] {
	atoms := []string{
		" ", "  ", "\n", "\r", "\r\n", "\t", "\v", "\u00a0", "\u3000", "\u2028", "\u0085", "a", "Z", "word", "def", "s", "t", "re", "LL", "é", "e\u0301", "\u0301", "ſ", "ß", "ж", "語", "ǅ", "ʰ",
		"1", "42", "½", "٣", "'", "''", "'s", "'S", "'ſ", ".", ",", "==", "_", "/", "🙂", "👩\u200d👧", "\x00", "<|endoftext|>", "<mask>", "<a", "<abc>",
	}
	if !valid {
		atoms = append(atoms, "\xff", "\xc3", "\xe2\x82", "\x80", "\xed\xa0\x80")
	}
	return rapid.Map(rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(atoms), rapid.StringN(1, 2, -1)), 0, 12), func(parts []string) string {
		return strings.Join(parts, "")
	})
}

// The scanners by hand do what the patterns say: package regexp matches the same ones,
// but for the look-ahead at the end, which finder adds.
func TestScannersFollowPatterns(t *testing.T) {
	for regex, scan := range known {
		find, err := finder(&pattern{Regex: &regex})
		if err != nil {
			t.Fatal(err)
		}
		rapid.Check(t, func(t *rapid.T) {
			s := anyText(false).Draw(t, "text")
			var got, want []string
			scan.split(s, func(p string) { got = append(got, p) })
			at := 0
			for _, p := range parts(s, find, false) {
				if !p.match {
					t.Fatalf("%q is not matched in %q", s[at:p.end], s)
				}
				want = append(want, s[at:p.end])
				at = p.end
			}
			if !slices.Equal(got, want) {
				t.Fatalf("%q by %s\n got %q\nwant %q", s, regex, got, want)
			}
		})
	}
}

func TestSplitBehaviors(t *testing.T) {
	literal := ","
	regex := `,|x*`
	for _, c := range []struct {
		pattern  pattern
		behavior string
		invert   bool
		want     string
	}{
		{pattern{String: &literal}, "Isolated", false, "a|,|,|b"},
		{pattern{String: &literal}, "Contiguous", false, "a|,,|b"},
		{pattern{String: &literal}, "MergedWithPrevious", false, "a,|,|b"},
		{pattern{String: &literal}, "MergedWithNext", false, "a|,|,b"},
		{pattern{String: &literal}, "MergedWithPrevious", true, "a|,|,b"},
		{pattern{Regex: &regex}, "Isolated", false, "a|,|,|b"},
	} {
		split, err := newSplit(&component{Pattern: &c.pattern, Behavior: c.behavior, Invert: &c.invert})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		split("a,,b", func(p string) { got = append(got, p) })
		if s := strings.Join(got, "|"); s != c.want {
			t.Errorf("%+v: got %s, want %s", c, s, c.want)
		}
	}
}
