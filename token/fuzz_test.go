package token

import (
	"slices"
	"testing"
)

// FuzzParse: whatever the file is, there is an error or a tokenizer that works.
func FuzzParse(f *testing.F) {
	f.Add(marshal(f, base(f)))
	g := readGoldens(f)
	for i, c := range g.Cases {
		// The components of each kind around a model that is small enough to mutate.
		small := base(f)
		for key, value := range c.File {
			if key != "added_tokens" {
				small[key] = value
			}
		}
		if c.Name != "roberta" && c.Name != "roberta-prefix" {
			f.Add(marshal(f, small))
		}
		if i == 0 {
			f.Add(g.tokenizerFile(f, i)[:2000])
		}
	}
	for _, data := range []string{
		`{"model":{"vocab":{"a":0,"b":2147483647},"merges":["a b"]}}`,
		`{"model":{"vocab":[],"merges":{}},"added_tokens":[{"id":-5,"content":""}]}`,
		`{"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Sequence","pretokenizers":[null]}]}}`,
		split(`{"Regex":"(a|aa)*[\\s\\d]{1,9}\\p{Han}+(?i:'s)?|\\s+(?!\\S)|\\s+"}`, "Contiguous"),
	} {
		f.Add([]byte(data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		tk, err := Parse(data)
		if err != nil {
			return
		}
		if tk.Size() > 2*len(data)+sparse {
			t.Fatalf("%d bytes make %d ids", len(data), tk.Size())
		}
		text := "I'm  é\u0301 <s>abc\r\n\t12\xff"
		wantContiguous(t, text, tk.Tokens(text))
		tk.Decode(tk.EncodeSpecial(text))
	})
}

// FuzzEncode: the spans cover the text, and what is not normalized comes back.
func FuzzEncode(f *testing.F) {
	for _, text := range readGoldens(f).Texts[:120] {
		f.Add(text)
	}
	f.Add("\xff\xc3(\xe2\x82")
	tokenizers := parsed(f)
	f.Fuzz(func(t *testing.T, text string) {
		for name, tk := range tokenizers {
			tokens := tk.Tokens(text)
			wantContiguous(t, text, tokens)
			ids := tk.Encode(text)
			for i, tok := range tokens {
				if ids[i] != tok.ID {
					t.Fatalf("%s: Tokens(%q) and Encode differ at %d", name, text, i)
				}
			}
			if slices.Contains([]string{"gpt2", "llama3", "starcoder2", "deepseek", "o200k"}, name) && tk.Decode(ids) != text {
				t.Fatalf("%s: Decode(Encode(%q)) = %q", name, text, tk.Decode(ids))
			}
		}
	})
}
