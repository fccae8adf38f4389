package token

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

// What comes back is what went in, valid UTF-8 or not; the spans cover it, and where
// nothing is changed on the way, a token's bytes are those of its span.
func TestRoundTrip(t *testing.T) {
	tokenizers := parsed(t)
	for _, name := range []string{"gpt2", "llama3", "starcoder2", "deepseek", "o200k", "removed", "previous", "next", "contiguous", "literal"} {
		tk := tokenizers[name]
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				s := anyText(false).Draw(t, "text")
				ids := tk.Encode(s)
				if got := tk.Decode(ids); got != s {
					t.Fatalf("Decode(Encode(%q)) = %q", s, got)
				}
				tokens := tk.Tokens(s)
				wantContiguous(t, s, tokens)
				for i, tok := range tokens {
					if text, _ := tk.Text(tok.ID); tok.ID != ids[i] || text != s[tok.Start:tok.End] {
						t.Fatalf("%q: token %d is %q and covers %q", s, i, text, s[tok.Start:tok.End])
					}
				}
			})
		})
	}
}

// Whatever the tokenizer changes, the spans cover the text.
func TestSpansCover(t *testing.T) {
	tokenizers := parsed(t)
	for _, name := range slices.Sorted(maps.Keys(tokenizers)) {
		tk := tokenizers[name]
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				s := anyText(false).Draw(t, "text")
				tokens := tk.Tokens(s)
				wantContiguous(t, s, tokens)
				for i, id := range tk.Encode(s) {
					if tokens[i].ID != id {
						t.Fatalf("Tokens(%q) and Encode differ at %d", s, i)
					}
				}
			})
		})
	}
}

func TestNFC(t *testing.T) {
	tk := parsed(t)["qwen2"]
	rapid.Check(t, func(t *rapid.T) {
		s := anyText(true).Draw(t, "text")
		if got, want := tk.Decode(tk.Encode(s)), norm.NFC.String(s); got != want {
			t.Fatalf("Decode(Encode(%q)) = %q, want %q", s, got, want)
		}
	})
	// A + ring + cedilla become Å + cedilla, four bytes that are a token each.
	s := "xA\u030a\u0327y"
	var got []string
	for _, tok := range tk.Tokens(s) {
		text, _ := tk.Text(tok.ID)
		got = append(got, fmt.Sprintf("%q=%q", text, s[tok.Start:tok.End]))
	}
	want := "\"x\"=\"x\" \"\\xc3\"=\"A\u030a\u0327\" \"\\x85\"=\"\" \"\\xcc\"=\"\" \"\\xa7\"=\"\" \"y\"=\"y\""
	if strings.Join(got, " ") != want {
		t.Errorf("got %s\nwant %s", strings.Join(got, " "), want)
	}
}

func TestDecoder(t *testing.T) {
	tk := parsed(t)["gpt2"]
	rapid.Check(t, func(t *rapid.T) {
		special := rapid.Bool().Draw(t, "special")
		ids := rapid.SliceOfN(rapid.Int32Range(-2, int32(tk.Size())+2), 0, 40).Draw(t, "ids")
		if rapid.Bool().Draw(t, "of a text") {
			ids = tk.Encode(anyText(false).Draw(t, "text"))
		}
		want := tk.Plain(ids)
		if special {
			want = tk.Decode(ids)
		}
		d, got := tk.Decoder(special), ""
		for _, id := range ids {
			part := d.Add(id)
			if got += part; !strings.HasPrefix(want, got) {
				t.Fatalf("got %q, want %q", got, want)
			}
			if rest := want[len(got):]; utf8.ValidString(want) && (!utf8.ValidString(part) || rest != "" && !utf8.RuneStart(rest[0])) {
				t.Fatalf("%q ends inside a character", got)
			}
		}
		if got += d.Flush(); got != want || d.Flush() != "" {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}

// A character comes when its last byte does, and what cannot become one at once.
func TestDecoderHolds(t *testing.T) {
	tk := parsed(t)["gpt2"]
	d := tk.Decoder(true)
	var got []string
	for _, b := range []byte("\xf0\x9f\x99\x82a\xc3\xc3\xa9\xe2\x82\xff\xe2") {
		got = append(got, d.Add(tk.model.bytes[b]))
	}
	got = append(got, d.Flush())
	want := []string{"", "", "", "🙂", "a", "", "\xc3", "é", "", "", "\xe2\x82\xff", "", "\xe2"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestIDAndText(t *testing.T) {
	tk := parsed(t)["gpt2"]
	for id := range int32(tk.Size()) {
		text, ok := tk.Text(id)
		if got, found := tk.ID(text); !ok || !found || got != id {
			t.Errorf("ID(Text(%d)) = %d", id, got)
		}
		if tk.Piece(id) != spell(text) && !tk.IsSpecial(id) {
			t.Errorf("token %d is %q and spelled %q", id, text, tk.Piece(id))
		}
	}
	if id, ok := tk.ID("no such token"); ok {
		t.Errorf("no such token has the id %d", id)
	}
	if id, ok := tk.ID("<|endoftext|>"); !ok || !tk.IsSpecial(id) || tk.Special().EOS != id {
		t.Errorf("<|endoftext|> is %d, %+v", id, tk.Special())
	}
}

func TestSaveLoad(t *testing.T) {
	g := readGoldens(t)
	tokenizers := parsed(t)
	seen := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(tokenizers)) {
		tk := tokenizers[name]
		dir := filepath.Join(t.TempDir(), name)
		if err := tk.Save(dir); err != nil {
			t.Fatal(err)
		}
		for _, file := range []string{"tokenizer.json", "tokenizer_config.json"} {
			if info, err := os.Stat(filepath.Join(dir, file)); err != nil || info.Mode().Perm()&0o022 != 0 {
				t.Errorf("%s: %s can be written by others: %v, %v", name, file, info.Mode(), err)
			}
		}
		again, err := Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		if again.Fingerprint() != tk.Fingerprint() || again.Special() != tk.Special() {
			t.Errorf("%s: saved and loaded it is another one", name)
		}
		if other, ok := seen[tk.Fingerprint()]; ok {
			t.Errorf("%s and %s have the same fingerprint", name, other)
		}
		seen[tk.Fingerprint()] = name
		for _, text := range g.Texts {
			if !slices.Equal(again.EncodeSpecial(text), tk.EncodeSpecial(text)) {
				t.Errorf("%s: saved and loaded it encodes %q otherwise", name, text)
			}
		}
	}
	if err := tokenizers["gpt2"].Save("tokenizer_test.go/x"); err == nil || !strings.Contains(err.Error(), "save the tokenizer") {
		t.Errorf("save where no folder can be: %v", err)
	}
}

// vocab.json and merges.txt of the kinds give what their tokenizer.json gives.
func TestLegacy(t *testing.T) {
	g := readGoldens(t)
	vocab := string(marshal(t, g.Model["vocab"]))
	merges := "#version: 0.2\n"
	for _, m := range g.Model["merges"].([]any) {
		pair := m.([]any)
		merges += pair[0].(string) + " " + pair[1].(string) + "\n"
	}
	n := len(g.Model["vocab"].(map[string]any))
	files := map[string]map[string]string{
		"gpt2":    {"config.json": `{"model_type": "gpt2"}`},
		"roberta": {"tokenizer_config.json": `{"tokenizer_class": "RobertaTokenizer", "add_prefix_space": false}`},
		"roberta-prefix": {
			"tokenizer_config.json":   `{"tokenizer_class": "RobertaTokenizer", "add_prefix_space": true}`,
			"special_tokens_map.json": `{"mask_token": {"content": "<mask>", "lstrip": true}}`,
		},
		"qwen2": {
			"tokenizer_config.json": fmt.Sprintf(`{"tokenizer_class": "Qwen2TokenizerFast", "added_tokens_decoder": {"%d": {"content": "<|im_end|>", "special": true}, "%d": {"content": "<|im_start|>", "special": true}}}`, n+1, n),
			"added_tokens.json":     fmt.Sprintf(`{"<tool_call>": %d, "<|im_end|>": %d}`, n+2, n+1),
		},
	}
	for _, c := range g.Cases {
		extra, ok := files[c.Name]
		if !ok {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			dir := writeFiles(t, map[string]string{"vocab.json": vocab, "merges.txt": merges})
			for name, text := range extra {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			tk, err := Load(dir)
			if err != nil {
				t.Fatal(err)
			}
			for i, text := range g.Texts {
				if got := tk.Encode(text); !slices.Equal(got, c.IDs[i]) {
					t.Errorf("Encode(%q)\n got %v %s\nwant %v %s", text, got, pieces(tk, got), c.IDs[i], pieces(tk, c.IDs[i]))
				}
			}
			if got := tk.EncodeSpecial("x"); !slices.Equal(got, c.X) {
				t.Errorf("EncodeSpecial(x): got %v, want %v", got, c.X)
			}
		})
	}
}

func TestConcurrent(t *testing.T) {
	g := readGoldens(t)
	for name, tk := range parsed(t) {
		var want [][]int32
		for _, text := range g.Texts {
			want = append(want, tk.Encode(text))
		}
		var wg sync.WaitGroup
		for w := range 4 {
			wg.Go(func() {
				for i := range g.Texts {
					i = (i + w*97) % len(g.Texts)
					if got := tk.Encode(g.Texts[i]); !slices.Equal(got, want[i]) {
						t.Errorf("%s: Encode(%q) differs", name, g.Texts[i])
					}
				}
			})
		}
		wg.Wait()
	}
}
