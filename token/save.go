package token

import (
	"fmt"
	"os"
	"path/filepath"

	"hone/store"
)

// Save writes tokenizer.json and tokenizer_config.json into dir, which it makes. The
// first is what was read, byte for byte; the second has what was read and the roles of
// special tokens. Hugging Face's AutoTokenizer loads the folder.
func (t *Tokenizer) Save(dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("save the tokenizer: %w", err)
	}
	config := map[string]any{}
	for key, value := range t.config {
		config[key] = value
	}
	if _, ok := config["tokenizer_class"]; !ok {
		config["tokenizer_class"] = "PreTrainedTokenizerFast" // which does as tokenizer.json says
	}
	if _, ok := config["clean_up_tokenization_spaces"]; !ok {
		config["clean_up_tokenization_spaces"] = false
	}
	for _, role := range allRoles {
		if _, ok := config[role.name]; ok {
			continue
		}
		config[role.name] = nil // or names would decide when it is read
		if id := *role.id(&t.special); id != None {
			config[role.name] = t.entries[id].piece
		}
	}
	data, err := encodeFile(config)
	if err != nil {
		return fmt.Errorf("save the tokenizer: %w", err)
	}
	if err := store.WriteFile(filepath.Join(dir, "tokenizer.json"), t.file, 0o644); err != nil {
		return fmt.Errorf("save the tokenizer: %w", err)
	}
	if err := store.WriteFile(filepath.Join(dir, "tokenizer_config.json"), data, 0o644); err != nil {
		return fmt.Errorf("save the tokenizer: %w", err)
	}
	return nil
}

// newFile is a tokenizer.json of a kind (gpt2, qwen2, roberta) without tokens.
func newFile(kind string) *file {
	yes, no := true, false
	f := &file{
		Version:     "1.0",
		AddedTokens: []Added{},
		Decoder:     &component{Type: "ByteLevel", AddPrefixSpace: &yes, TrimOffsets: &yes, UseRegex: &yes},
		Model:       &modelFile{Type: "BPE", Vocab: vocabulary{}, Merges: mergeList{}},
	}
	byteLevel := &component{Type: "ByteLevel", AddPrefixSpace: &no, TrimOffsets: &no, UseRegex: &yes}
	f.PreTokenizer, f.PostProcessor = byteLevel, byteLevel
	switch kind {
	case "qwen2":
		regex := qwen2Pattern
		f.Normalizer = &component{Type: "NFC"}
		f.PreTokenizer = &component{Type: "Sequence", PreTokenizers: []*component{
			{Type: "Split", Pattern: &pattern{Regex: &regex}, Behavior: "Isolated", Invert: &no},
			{Type: "ByteLevel", AddPrefixSpace: &no, TrimOffsets: &no, UseRegex: &no},
		}}
		f.PostProcessor = f.PreTokenizer.PreTokenizers[1]
	case "roberta":
		f.PostProcessor = &component{Type: "RobertaProcessing", AddPrefixSpace: &no, TrimOffsets: &yes}
	}
	return f
}
