package token

import (
	"context"
	"os"
	"slices"
	"testing"
)

func TestTrainSaveLoad(t *testing.T) {
	b, _ := os.ReadFile("parse.go")
	tk, err := Train(context.Background(), slices.Values([]string{string(b)}), TrainOptions{VocabSize: 600})
	if err != nil {
		t.Fatal(err)
	}
	s := "func main() {\n\tx := \"héllo 🙂\" <|endoftext|>\n}"
	ids := tk.Encode(s)
	if tk.Decode(ids) != s {
		t.Fatal(tk.Decode(ids))
	}
	t.Log(tk.Tokens(s), tk.Special(), tk.Size())
	dir := t.TempDir()
	if err := tk.Save(dir); err != nil {
		t.Fatal(err)
	}
	t2, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if t2.Fingerprint() != tk.Fingerprint() || !slices.Equal(t2.Encode(s), ids) {
		t.Fatal("differs")
	}
}
