package token

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

var savedDir = flag.String("saved", "", "folder for the tokenizers that testdata/gen/saved.py loads")

// toSave makes the tokenizers that saved.py was run on.
func toSave(t *testing.T) map[string]*Tokenizer {
	t.Helper()
	docs := readTrainings(t).Cases[0].Docs
	train := func(o TrainOptions) *Tokenizer {
		tk, err := Train(t.Context(), slices.Values(docs), o)
		if err != nil {
			t.Fatal(err)
		}
		return tk
	}
	all := parsed(t)
	return map[string]*Tokenizer{
		"trained-gpt2":  train(TrainOptions{VocabSize: 400, Special: []string{"<|endoftext|>", "<|pad|>"}}),
		"trained-qwen2": train(TrainOptions{VocabSize: 400, Pattern: "qwen2"}),
		"trained-mask":  train(TrainOptions{VocabSize: 400, Special: []string{"<s>", "</s>", "<pad>", "<mask>"}}),
		"roberta":       all["roberta"],
		"llama3":        all["llama3"],
	}
}

// transformers loaded the very files that Save writes now, and agreed on ids, text and roles.
func TestSaved(t *testing.T) {
	if *savedDir != "" {
		for name, tk := range toSave(t) {
			if err := tk.Save(filepath.Join(*savedDir, name)); err != nil {
				t.Fatal(err)
			}
		}
		return
	}
	var saved struct {
		Texts   []string
		Folders map[string]struct {
			SHA256  map[string]string
			IDs     [][]int32
			Decoded []string
			Roles   map[string]int32
			Size    int
		}
	}
	data, err := os.ReadFile("testdata/saved.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &saved); err != nil {
		t.Fatal(err)
	}
	made := toSave(t)
	if len(saved.Folders) != len(made) {
		t.Errorf("%d tokenizers were loaded, want %d", len(saved.Folders), len(made))
	}
	for name, want := range saved.Folders {
		tk := made[name]
		dir := t.TempDir()
		if err := tk.Save(dir); err != nil {
			t.Fatal(err)
		}
		for file, digest := range want.SHA256 {
			data, err := os.ReadFile(filepath.Join(dir, file))
			if err != nil {
				t.Fatal(err)
			}
			if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != digest {
				t.Errorf("%s/%s is not what transformers loaded: run testdata/gen/saved.py again", name, file)
			}
		}
		for i, text := range saved.Texts {
			if got := tk.EncodeSpecial(text); !slices.Equal(got, want.IDs[i]) {
				t.Errorf("%s: %q\n got %v\nwant %v", name, text, got, want.IDs[i])
			}
			if got := tk.Decode(want.IDs[i]); got != want.Decoded[i] {
				t.Errorf("%s: decoded %q, want %q", name, got, want.Decoded[i])
			}
		}
		roles := map[string]int32{}
		for _, role := range allRoles {
			if id := *role.id(&tk.special); id != None {
				roles[role.name[:len(role.name)-len("_token")]] = id
			}
		}
		if len(roles) != len(want.Roles) {
			t.Errorf("%s: roles %v, want %v", name, roles, want.Roles)
		}
		for role, id := range want.Roles {
			if roles[role] != id {
				t.Errorf("%s: roles %v, want %v", name, roles, want.Roles)
			}
		}
		if tk.Size() != want.Size {
			t.Errorf("%s: size %d, want %d", name, tk.Size(), want.Size)
		}
	}
}
