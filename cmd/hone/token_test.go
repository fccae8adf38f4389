//go:build linux

package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// corpus writes a folder with a little Python, and with files that are not read.
func (u *user) corpus() {
	u.t.Helper()
	for _, dir := range []string{"src/deep", "src/.git"} {
		if err := os.MkdirAll(u.path(dir), 0o755); err != nil {
			u.t.Fatal(err)
		}
	}
	u.write("src/a.py", strings.Repeat("def add(a, b):\n    return a + b\n", 20))
	u.write("src/deep/b.py", strings.Repeat("def sub(a, b):\n    return a - b\n", 20))
	u.write("src/notes.txt", strings.Repeat("qqqqqqqq zzzzzzzz ", 50))
	u.write("src/.git/c.py", strings.Repeat("xyxyxyxy ", 50))
	u.write("src/latin.py", "# caf\xe9\n")
}

func TestTokenTrainAndShow(t *testing.T) {
	u := newUser(t)
	u.corpus()
	var s trainedSummary
	r := u.hone("token", "train", "src", "--vocab", "300", "--out", "tok", "--json").exits(0).says("src/latin.py is not UTF-8: left out")
	if err := json.Unmarshal([]byte(r.out), &s); err != nil {
		t.Fatalf("%v in %s", err, r.out)
	}
	if s.Files != 2 || s.Skipped != 1 || s.Tokens < 270 || s.Tokens > 300 || s.Bytes != 1280 || s.BytesPerToken < 2 || s.Unchanged || s.Fingerprint == "" {
		t.Errorf("summary: %+v", s)
	}

	text := "def add(é<|endoftext|>"
	var shown shown
	r = u.hone("token", "show", "tok", text, "--json").exits(0)
	if err := json.Unmarshal([]byte(r.out), &shown); err != nil {
		t.Fatalf("%v in %s", err, r.out)
	}
	at := 0
	for _, tok := range shown.Tokens {
		if tok.Start != at {
			t.Errorf("a token begins at %d, want %d", tok.Start, at)
		}
		at = tok.End
	}
	if last := shown.Tokens[len(shown.Tokens)-1]; at != len(text) || shown.Bytes != len(text) || shown.Count != len(shown.Tokens) || last.ID != 0 || !last.Special || last.Piece != "<|endoftext|>" {
		t.Errorf("shown: %+v", shown)
	}
	u.hone("token", "show", "tok/tokenizer.json", text).exits(0).prints(`"<|endoftext|>"`, "23 bytes", "bytes a token", "Ġadd")
	u.hone("token", "show", "tok").exits(0).prints("eos", "0 <|endoftext|>", s.Fingerprint)
	stdin := u.command("token", "show", "tok", "-")
	stdin.cmd.Stdin = strings.NewReader("x\ty")
	stdin.start()
	stdin.wait().exits(0).prints("3 tokens, 3 bytes", `"\t"`)
}

// The same again is fine, another one needs --force.
func TestTokenTrainAgain(t *testing.T) {
	u := newUser(t)
	u.corpus()
	u.hone("token", "train", "src", "--vocab", "270", "--out", "tok").exits(0).prints("270 tokens from 2 files")
	before := u.read("tok/tokenizer.json")
	u.hone("token", "train", "src/deep", "src/a.py", "--vocab", "270", "--out", "tok").exits(0).prints("it was there already")
	u.hone("token", "train", "src", "--vocab", "275", "--out", "tok").exits(1).says("--out tok holds another tokenizer: --force replaces it")
	if u.read("tok/tokenizer.json") != before {
		t.Error("it was replaced without --force")
	}
	u.hone("token", "train", "src", "--vocab", "275", "--out", "tok", "--force").exits(0).prints("275 tokens")
	u.hone("token", "train", "src", "--vocab", "9000", "--out", "big").exits(0).says("tokens instead of 9000", "--min-frequency")
	u.hone("token", "train", "src", "--glob", "*.txt", "--vocab", "270", "--pattern", "qwen2", "--special", "<s>,</s>", "--out", "other").exits(0)
	u.hone("token", "show", "other").exits(0).prints("bos", "0 <s>", "eos", "1 </s>")
}

func TestTokenMistakes(t *testing.T) {
	u := newUser(t)
	u.corpus()
	u.write("broken.json", `{"model": {"vo`)
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"token nonsense", 2, `"nonsense" is no command or flag of hone token`},
		{"token train --vocab 300 --out x", 2, "name folders or files to train on"},
		{"token train src --out x", 2, "--vocab is missing"},
		{"token train src --vocab 256 --out x", 2, "--vocab 256 is too small: 256 bytes and 1 special token are 257"},
		{"token train src --vocab 300", 2, "--out is missing"},
		{"token train src --vocab 300 --out x --pattern bert", 2, `--pattern "bert": it is gpt2 or qwen2`},
		{"token train src --vocab 300 --out x --min-frequency 0", 2, "--min-frequency 0: at least 1"},
		{"token train src --vocab 300 --out x --glob [", 2, `--glob "[" is no pattern`},
		{"token train src --vocab 300 --out x --glob *.c", 1, "src: no file in it is named *.c (choose others with --glob)"},
		{"token train nowhere --vocab 300 --out x", 1, "nowhere: no such file or directory"},
		{"token train src/latin.py --vocab 300 --out x", 1, "there is no text"},
		{"token show", 2, "name a tokenizer"},
		{"token show a b c", 2, "name a tokenizer"},
		{"token show nowhere", 1, "nowhere: no such file or directory"},
		{"token show src", 1, "src: there is neither tokenizer.json nor vocab.json with merges.txt"},
		{"token show broken.json x", 1, "broken.json: unexpected EOF after 14 bytes (is the file cut off?)"},
	} {
		u.hone(strings.Fields(c.args)...).exits(c.code).says(c.says)
	}
	if u.exists("x") {
		t.Error("a mistake left a folder")
	}
}
