package token

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// base is a small valid tokenizer.json: 256 bytes, "ab", "abc", and <s>.
func base(t testing.TB) map[string]any {
	t.Helper()
	vocab := map[string]any{}
	for b, r := range alphabet {
		vocab[string(r)] = b
	}
	vocab["ab"], vocab["abc"] = 256, 257
	data, err := json.Marshal(map[string]any{
		"added_tokens":  []any{map[string]any{"id": 258, "content": "<s>", "special": true}},
		"pre_tokenizer": map[string]any{"type": "ByteLevel", "add_prefix_space": false},
		"model":         map[string]any{"type": "BPE", "vocab": vocab, "merges": []any{"a b", []any{"ab", "c"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var f map[string]any
	if err := json.Unmarshal(data, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

// set puts the JSON value at a path such as model.vocab.
func set(t testing.TB, f map[string]any, path, value string) {
	t.Helper()
	parts := strings.Split(path, ".")
	for _, p := range parts[:len(parts)-1] {
		f = f[p].(map[string]any)
	}
	var v any
	if err := json.Unmarshal([]byte(value), &v); err != nil {
		t.Fatalf("%s: %v", value, err)
	}
	f[parts[len(parts)-1]] = v
}

func marshal(t testing.TB, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestParseBase(t *testing.T) {
	tk, err := Parse(marshal(t, base(t)))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := tk.Encode("abcab<s>a"), []int32{257, 256, 258, 'a'}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ path, value, want string }{
		{"model", `null`, "model is missing"},
		{"model.type", `"Unigram"`, `model: type "Unigram" is not supported`},
		{"model.vocab", `[["a", -1.5]]`, "vocab: want an object of pieces and ids (is this a Unigram model?"},
		{"model.vocab", `{}`, "model.vocab is empty"},
		{"model.vocab", `{"a": 0}`, `model.vocab lacks "Ā", the byte 0x00, and there is no unk_token`},
		{"model.vocab.new", `-1`, `vocab: "new" has the id -1: ids are not negative`},
		{"model.vocab.new", `1.5`, `"new"`},
		{"model.vocab.new", `257`, `have the same id 257`},
		{"model.vocab.new", `2147483647`, `model.vocab: "new": the id 2147483647 is too high for 259 tokens`},
		{"model.vocab.new", `99999999999`, `"new"`},
		{"model.merges", `["a b", "a q c"]`, `merges[1]: want "a b" or ["a", "b"], got "a q c"`},
		{"model.merges", `["ab zz"]`, `model.merges[0]: "zz" is not in the vocabulary`},
		{"model.merges", `["b c"]`, `model.merges[0]: "b" and "c" make "bc", which is not in the vocabulary`},
		{"model.merges", `[7]`, `merges[0]`},
		{"model.byte_fallback", `true`, "model.byte_fallback: true is not supported"},
		{"model.dropout", `0.1`, "model.dropout: 0.1 is not supported"},
		{"model.continuing_subword_prefix", `"##"`, `model.continuing_subword_prefix: "##" is not supported`},
		{"model.end_of_word_suffix", `"</w>"`, `model.end_of_word_suffix: "</w>" is not supported`},
		{"model.unk_token", `"<unk>"`, `model.unk_token: "<unk>" is not in the vocabulary`},
		{"added_tokens", `[{"id": 258, "content": "<s>"}, {"id": 258, "content": "</s>"}]`, `added_tokens[1] "</s>": "<s>" has the same id 258`},
		{"added_tokens", `[{"id": 258, "content": "<s>"}, {"id": 259, "content": "<s>"}]`, `added_tokens[1] "<s>": it has the id 259 here and 258 elsewhere`},
		{"added_tokens", `[{"id": 3, "content": "<s>"}]`, `added_tokens[0] "<s>": the vocabulary has`},
		{"added_tokens", `[{"id": 300, "content": "abc"}]`, `added_tokens[0] "abc": it has the id 300 here and 257 elsewhere`},
		{"added_tokens", `[{"id": 233, "content": "é"}]`, `it is how the vocabulary spells "\xe9"`},
		{"added_tokens", `[{"id": -1, "content": "<s>"}]`, "the id -1 is too high"},
		{"added_tokens", `[{"id": 2000000000, "content": "<s>"}]`, `added_tokens[0] "<s>": the id 2000000000 is too high`},
		{"normalizer", `{"type": "Lowercase"}`, `normalizer: type "Lowercase" is not supported (NFC or none)`},
		{"normalizer", `{"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "NFKC"}]}`, `normalizer.normalizers[1]: type "NFKC" is not supported`},
		{"pre_tokenizer", `null`, "pre_tokenizer is missing"},
		{"pre_tokenizer", `{"type": "Metaspace"}`, `pre_tokenizer: type "Metaspace" is not supported (byte-level BPE only`},
		{"pre_tokenizer", `{"type": "Sequence", "pretokenizers": [{"type": "Digits"}, {"type": "Metaspace"}]}`, `pre_tokenizer.pretokenizers[1]: type "Metaspace" is not supported (byte-level BPE only`},
		{"pre_tokenizer", `{"type": "Sequence", "pretokenizers": [{"type": "ByteLevel"}, {"type": "Digits"}]}`, `pre_tokenizer.pretokenizers[0]: ByteLevel comes last, before pre_tokenizer.pretokenizers[1]`},
		{"pre_tokenizer", `{"type": "Sequence", "pretokenizers": [{"type": "Digits"}]}`, "there is no ByteLevel at the end"},
		{"pre_tokenizer", `{"type": "Sequence", "pretokenizers": []}`, "there is no ByteLevel at the end"},
		{"pre_tokenizer", `{"type": "Sequence", "pretokenizers": [null]}`, "pre_tokenizer.pretokenizers[0] is null"},
		{"pre_tokenizer", split(`{"Regex": "(?<=a)b"}`, "Isolated"), `pre_tokenizer.pretokenizers[0]: pattern: regex "(?<=a)b" is not supported: "(?<=a)b" is not understood`},
		{"pre_tokenizer", split(`{"Regex": "a(?!b)"}`, "Isolated"), `is not understood`},
		{"pre_tokenizer", split(`{"Regex": "[a&&b]"}`, "Isolated"), `sets in sets`},
		{"pre_tokenizer", split(`{"Regex": "\\bx"}`, "Isolated"), `\b is not understood`},
		{"pre_tokenizer", split(`{"Regex": "x++"}`, "Isolated"), `is not supported`},
		{"pre_tokenizer", split(`{"Regex": "^x"}`, "Isolated"), `is not understood`},
		{"pre_tokenizer", split(`{"Regex": "x\\"}`, "Isolated"), `it ends in \`},
		{"pre_tokenizer", split(`{"Regex": "(x"}`, "Isolated"), `is not supported`},
		{"pre_tokenizer", split(`{"String": ""}`, "Isolated"), `the String to find is empty`},
		{"pre_tokenizer", split(`{}`, "Isolated"), `pattern: want one of Regex and String`},
		{"pre_tokenizer", split(`{"Regex": "x"}`, "Removed"), `behavior: "Removed" is not supported with this pattern`},
		{"post_processor", `{"type": "Other"}`, `post_processor: type "Other" is not supported`},
		{"post_processor", `{"type": "Sequence", "processors": [{"type": "Other"}]}`, `post_processor.processors[0]: type "Other" is not supported`},
		{"post_processor", `{"type": "RobertaProcessing", "cls": ["<s>", 258]}`, `post_processor: sep is missing`},
		{"post_processor", `{"type": "RobertaProcessing", "cls": ["<s>", 258], "sep": ["</s>", 900]}`, `post_processor.sep: no token has the id 900`},
		{"post_processor", `{"type": "RobertaProcessing", "cls": ["<s>", 258], "sep": ["</s>", 257]}`, `post_processor.sep: the id 257 is "abc", not "</s>"`},
		{"post_processor", `{"type": "RobertaProcessing", "cls": ["<s>"], "sep": 3}`, `want ["token", id]`},
		{"post_processor", `{"type": "TemplateProcessing", "single": []}`, `post_processor.single has the sequence 0 times, want once`},
		{"post_processor", `{"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>"}}]}`, `post_processor.single[0]: "<s>" is not among special_tokens`},
		{"post_processor", `{"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "q"}}], "special_tokens": {"q": {"id": "q", "ids": [999], "tokens": ["q"]}}}`, `post_processor.special_tokens: "q": no token has the id 999`},
		{"decoder", strings.Repeat(`{"type": "Sequence", "decoders": [`, 9) + `null` + strings.Repeat(`]}`, 9), `sequences nest more than 8 deep`},
		{"normalizer", strings.Repeat(`{"type": "Sequence", "normalizers": [`, 4000) + `null` + strings.Repeat(`]}`, 4000), `sequences nest more than 8 deep`},
		{"decoder", `{"type": "WordPiece"}`, `decoder: type "WordPiece" is not supported`},
		{"decoder", `{"type": "Sequence", "decoders": [{"type": "Fuse"}]}`, `decoder.decoders[0]: type "Fuse" is not supported`},
	} {
		f := base(t)
		set(t, f, c.path, c.value)
		tk, err := Parse(marshal(t, f))
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "tokenizer.json: ") {
			t.Errorf("%s = %s:\n got %v %v\nwant %s", c.path, c.value, tk != nil, err, c.want)
		}
	}
}

func split(pattern, behavior string) string {
	return `{"type": "Sequence", "pretokenizers": [{"type": "Split", "pattern": ` + pattern + `, "behavior": "` + behavior + `"}, {"type": "ByteLevel"}]}`
}

// What JSON itself lets pass, or does not.
func TestParseBadJSON(t *testing.T) {
	good := marshal(t, base(t))
	for n := 0; n < len(good)-1; n += 97 {
		if _, err := Parse(good[:n]); err == nil || !strings.Contains(err.Error(), "cut off") {
			t.Fatalf("the first %d bytes: %v", n, err)
		}
	}
	for data, want := range map[string]string{
		`{"model": {"vocab": {"a": 0, "a": 1}}}`: `vocab: "a" comes twice`,
		`{"model" 3}`:                            "byte 10: invalid character",
		`[]`:                                     "cannot unmarshal",
		`{}`:                                     "model is missing",
	} {
		if _, err := Parse([]byte(data)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", data, err, want)
		}
	}
}

// A vocabulary with holes is fine; ids without a token are no tokens.
func TestHoles(t *testing.T) {
	f := base(t)
	set(t, f, "added_tokens", `[{"id": 300, "content": "<s>", "special": true}]`)
	tk, err := Parse(marshal(t, f))
	if err != nil {
		t.Fatal(err)
	}
	if tk.Size() != 301 {
		t.Errorf("size %d", tk.Size())
	}
	for _, id := range []int32{-1, -1 << 31, 258, 299, 301, 1<<31 - 1} {
		if text, ok := tk.Text(id); ok || text != "" || tk.Piece(id) != "" || tk.IsSpecial(id) {
			t.Errorf("id %d is %q", id, text)
		}
		d := tk.Decoder(true)
		if got := tk.Decode([]int32{'a', id, 'b'}) + d.Add(id) + d.Flush(); got != "ab" {
			t.Errorf("Decode with %d: %q", id, got)
		}
	}
}

func writeFiles(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLoadRoles(t *testing.T) {
	f := base(t)
	set(t, f, "added_tokens", `[{"id": 258, "content": "<s>", "special": true}, {"id": 259, "content": "</s>", "special": true}, {"id": 260, "content": "<x>", "special": true}]`)
	file := string(marshal(t, f))
	none := Special{None, None, None, None, None, None, None}
	with := func(change func(*Special)) Special {
		s := none
		change(&s)
		return s
	}
	for _, c := range []struct {
		name  string
		files map[string]string
		want  Special
	}{
		{"customary names", nil, with(func(s *Special) { s.BOS, s.EOS = 258, 259 })},
		{
			"tokenizer_config.json",
			map[string]string{"tokenizer_config.json": `{"bos_token": null, "eos_token": {"content": "<x>", "lstrip": false}, "pad_token": "</s>"}`},
			with(func(s *Special) { s.EOS, s.PAD = 260, 259 }),
		},
		{
			"special_tokens_map.json comes second",
			map[string]string{
				"tokenizer_config.json":   `{"eos_token": "<x>", "tokenizer_class": "Qwen2Tokenizer"}`,
				"special_tokens_map.json": `{"eos_token": "</s>", "mask_token": "abc", "bos_token": null}`,
			},
			with(func(s *Special) { s.EOS, s.MASK = 260, 257 }),
		},
		{
			"config.json comes third",
			map[string]string{
				"tokenizer_config.json": `{"bos_token": null}`,
				"config.json":           `{"bos_token_id": 258, "eos_token_id": 260, "pad_token_id": 7000}`,
			},
			with(func(s *Special) { s.EOS = 260 }),
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := writeFiles(t, c.files)
			if err := os.WriteFile(filepath.Join(dir, "tokenizer.json"), []byte(file), 0o644); err != nil {
				t.Fatal(err)
			}
			for _, path := range []string{dir, filepath.Join(dir, "tokenizer.json")} {
				tk, err := Load(path)
				if err != nil {
					t.Fatal(err)
				}
				if tk.Special() != c.want {
					t.Errorf("Load(%s): %+v, want %+v", path, tk.Special(), c.want)
				}
				saved := filepath.Join(t.TempDir(), "saved", "here")
				if err := tk.Save(saved); err != nil {
					t.Fatal(err)
				}
				again, err := Load(saved)
				if err != nil {
					t.Fatal(err)
				}
				if again.Special() != c.want || again.Fingerprint() != tk.Fingerprint() {
					t.Errorf("saved and loaded: %+v, want %+v", again.Special(), c.want)
				}
			}
		})
	}
}

func TestLoadRefuses(t *testing.T) {
	good := string(marshal(t, base(t)))
	for _, c := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"nothing", nil, "there is neither tokenizer.json nor vocab.json with merges.txt"},
		{"cut off", map[string]string{"tokenizer.json": good[:500]}, "tokenizer.json: unexpected EOF after 500 bytes (is the file cut off?)"},
		{"no such role", map[string]string{"tokenizer.json": good, "tokenizer_config.json": `{"pad_token": "[PAD]"}`}, `pad_token is "[PAD]"`},
		{"odd role", map[string]string{"tokenizer.json": good, "tokenizer_config.json": `{"pad_token": 7}`}, `tokenizer_config.json: pad_token: want a string or an object with content`},
		{"broken roles", map[string]string{"tokenizer.json": good, "special_tokens_map.json": `{"pad`}, `special_tokens_map.json: unexpected EOF after 5 bytes`},
		{"no kind", map[string]string{"vocab.json": `{}`, "merges.txt": ""}, `only the kinds GPT2Tokenizer, RobertaTokenizer and Qwen2Tokenizer are understood`},
		{"other kind", map[string]string{"vocab.json": `{}`, "merges.txt": "", "tokenizer_config.json": `{"tokenizer_class": "BertTokenizer"}`}, `tokenizer_class is "BertTokenizer"`},
		{"bad vocab.json", map[string]string{"vocab.json": `{"a": 0, "a"`, "merges.txt": "", "config.json": `{"model_type": "gpt2"}`}, `vocab.json: unexpected EOF`},
		{"bad merges.txt", map[string]string{"vocab.json": `{"a": 0}`, "merges.txt": "#version: 0.2\na b\nab\n", "config.json": `{"model_type": "gpt2"}`}, `merges.txt:3: want two pieces, got "ab"`},
		{"no merges.txt", map[string]string{"vocab.json": `{"a": 0}`, "config.json": `{"model_type": "gpt2"}`}, `there is neither`},
		{"no <s>", map[string]string{"vocab.json": `{"a": 0}`, "merges.txt": "", "config.json": `{"model_type": "roberta"}`}, `vocab.json lacks <s> or </s>`},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := writeFiles(t, c.files)
			if _, err := Load(dir); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), dir) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
	if _, err := Load("testdata/nowhere"); err == nil || !strings.Contains(err.Error(), "testdata/nowhere") {
		t.Errorf("no such path: %v", err)
	}
}
