package token

import (
	"compress/gzip"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// goldens is what Hugging Face's tokenizers made of many strings; testdata/gen/golden.py wrote it.
type goldens struct {
	Model map[string]any
	Texts []string
	Cases []struct {
		Name    string
		File    map[string]any
		Model   map[string]any // what differs from the common one
		IDs     [][]int32
		Offsets [][]int // [texts][2*tokens] in characters: start after the end of the one before, length
		Decoded []*string
		Plain   []*string
		X       []int32
	}
}

// readGoldens reads them once for all tests, which do not change them.
func readGoldens(t testing.TB) goldens {
	t.Helper()
	g, err := goldensOnce()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

var goldensOnce = sync.OnceValues(func() (g goldens, err error) {
	err = readGzip("testdata/golden.json.gz", &g)
	return g, err
})

// readGzip reads a compressed JSON file.
func readGzip(path string, to any) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	return json.NewDecoder(z).Decode(to)
}

// tokenizerFile is the tokenizer.json of case i.
func (g *goldens) tokenizerFile(t testing.TB, i int) []byte {
	t.Helper()
	model := maps.Clone(g.Model)
	maps.Copy(model, g.Cases[i].Model)
	f := maps.Clone(g.Cases[i].File)
	f["model"] = model
	data, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// parsed is the tokenizer of each case by its name.
func parsed(t testing.TB) map[string]*Tokenizer {
	t.Helper()
	g, out := readGoldens(t), map[string]*Tokenizer{}
	for i, c := range g.Cases {
		tk, err := Parse(g.tokenizerFile(t, i))
		if err != nil {
			t.Fatalf("%s: %v", c.Name, err)
		}
		out[c.Name] = tk
	}
	return out
}

func TestGolden(t *testing.T) {
	g, tokenizers := readGoldens(t), parsed(t)
	if len(g.Cases) < 20 || len(g.Texts) < 300 {
		t.Fatalf("only %d cases and %d texts", len(g.Cases), len(g.Texts))
	}
	for _, c := range g.Cases {
		t.Run(c.Name, func(t *testing.T) {
			tk := tokenizers[c.Name]
			for i, text := range g.Texts {
				if got := tk.Encode(text); !slices.Equal(got, c.IDs[i]) {
					t.Errorf("Encode(%q)\n got %v %s\nwant %v %s", text, got, pieces(tk, got), c.IDs[i], pieces(tk, c.IDs[i]))
					continue
				}
				compareSpans(t, tk, text, c.Offsets[i])
				compareText(t, text, "Decode", tk.Decode(c.IDs[i]), c.Decoded[i])
				compareText(t, text, "Plain", tk.Plain(c.IDs[i]), c.Plain[i])
			}
			if got := tk.EncodeSpecial("x"); !slices.Equal(got, c.X) {
				t.Errorf("EncodeSpecial(x): got %v, want %v", got, c.X)
			}
		})
	}
}

func pieces(tk *Tokenizer, ids []int32) string {
	var out []string
	for _, id := range ids {
		out = append(out, tk.Piece(id))
	}
	return strings.Join(out, "|")
}

func compareText(t *testing.T, text, what, got string, want *string) {
	t.Helper()
	if want == nil {
		want = &text
	}
	// Hugging Face gives invalid UTF-8 as U+FFFD, we as it is.
	if clean(got) != clean(*want) {
		t.Errorf("%s of Encode(%q)\n got %q\nwant %q", what, text, got, *want)
	}
}

// clean makes invalid UTF-8 and runs of U+FFFD one U+FFFD.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	for strings.Contains(s, "\uFFFD\uFFFD") {
		s = strings.ReplaceAll(s, "\uFFFD\uFFFD", "\uFFFD")
	}
	return s
}

// compareSpans checks that the spans cover the text, and that they are the characters
// that Hugging Face gives for a token. Of characters that were composed it gives the
// first, and we all.
func compareSpans(t *testing.T, tk *Tokenizer, text string, steps []int) {
	t.Helper()
	tokens := tk.Tokens(text)
	wantContiguous(t, text, tokens)
	var chars []int // index of the character at each byte
	n := -1
	for i := range len(text) {
		if utf8.RuneStart(text[i]) {
			n++
		}
		chars = append(chars, n)
	}
	end := 0
	for i, tok := range tokens {
		wantFrom := end + steps[2*i]
		wantTo := wantFrom + steps[2*i+1]
		end = wantTo
		if tok.Start == tok.End {
			continue
		}
		from, to := chars[tok.Start], chars[tok.End-1]+1
		if composed := tk.compose && norm.NFC.String(text[tok.Start:tok.End]) != text[tok.Start:tok.End]; from != wantFrom || to != wantTo && !(composed && to > wantTo) {
			t.Errorf("Tokens(%q): token %d %q is characters %d…%d, want %d…%d", text, i, tk.Piece(tok.ID), from, to, wantFrom, wantTo)
		}
	}
}

// wantContiguous checks that tokens cover text, one after the other.
func wantContiguous(t interface{ Fatalf(string, ...any) }, text string, tokens []Token) {
	at := 0
	for i, tok := range tokens {
		if tok.Start != at || tok.End < tok.Start {
			t.Fatalf("Tokens(%q): token %d covers %d…%d after %d", text, i, tok.Start, tok.End, at)
		}
		at = tok.End
	}
	if at != len(text) {
		t.Fatalf("Tokens(%q) end at %d of %d", text, at, len(text))
	}
}
