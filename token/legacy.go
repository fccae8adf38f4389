package token

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// legacyFile makes a tokenizer.json of vocab.json and merges.txt.
func legacyFile(dir string, r roles) ([]byte, error) {
	vocab, err := os.ReadFile(filepath.Join(dir, "vocab.json"))
	if err != nil {
		return nil, err
	}
	merges, err := os.ReadFile(filepath.Join(dir, "merges.txt"))
	if err != nil {
		return nil, err
	}
	kind, err := legacyKind(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	f := newFile(kind)
	var prefix bool
	if raw, ok := r.config["add_prefix_space"]; ok && json.Unmarshal(raw, &prefix) == nil && prefix {
		last := f.PreTokenizer
		if n := len(last.PreTokenizers); n > 0 {
			last = last.PreTokenizers[n-1]
		}
		last.AddPrefixSpace = &prefix
	}
	if err := json.Unmarshal(vocab, &f.Model.Vocab); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, "vocab.json"), explainJSON(vocab, err))
	}
	for i, line := range strings.Split(string(merges), "\n") {
		line = strings.TrimSuffix(line, "\r")
		if line == "" || i == 0 && strings.HasPrefix(line, "#version") {
			continue
		}
		pair := splitMerge(line)
		if len(pair) != 2 {
			return nil, fmt.Errorf("%s:%d: want two pieces, got %q", filepath.Join(dir, "merges.txt"), i+1, line)
		}
		f.Model.Merges = append(f.Model.Merges, [2]string(pair))
	}
	if err := f.addLegacyTokens(dir, kind, r); err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return encodeFile(f)
}

func splitMerge(line string) []string { return strings.Split(line, " ") }

// legacyKind decides how a tokenizer without tokenizer.json splits text, which vocab.json
// and merges.txt do not say.
func legacyKind(r roles) (string, error) {
	var class, modelType string
	_ = json.Unmarshal(r.config["tokenizer_class"], &class) // what is no string names no class
	_ = json.Unmarshal(r.model["model_type"], &modelType)
	switch strings.TrimSuffix(class, "Fast") {
	case "GPT2Tokenizer", "CodeGenTokenizer":
		return "gpt2", nil
	case "Qwen2Tokenizer":
		return "qwen2", nil
	case "RobertaTokenizer", "BartTokenizer", "LongformerTokenizer":
		return "roberta", nil
	case "", "PreTrainedTokenizer":
		switch modelType {
		case "gpt2", "qwen2", "roberta":
			return modelType, nil
		case "gpt_bigcode", "codegen":
			return "gpt2", nil
		case "bart", "longformer":
			return "roberta", nil
		}
	}
	return "", fmt.Errorf("there is no tokenizer.json, and of vocab.json with merges.txt only the kinds GPT2Tokenizer, RobertaTokenizer and Qwen2Tokenizer are understood (tokenizer_config.json: tokenizer_class is %q; config.json: model_type is %q)", class, modelType)
}

// addLegacyTokens adds the special and added tokens that files beside vocab.json name.
func (f *file) addLegacyTokens(dir, kind string, r roles) error {
	ids, next := map[string]int32{}, int32(0)
	for _, v := range f.Model.Vocab {
		ids[v.piece] = v.id
		next = max(next, v.id+1)
	}
	listed := map[string]bool{}
	add := func(a Added) {
		if a.Content != "" && !listed[a.Content] {
			listed[a.Content] = true
			next = max(next, a.ID+1)
			f.AddedTokens = append(f.AddedTokens, a)
		}
	}
	// added_tokens_decoder knows ids and flags, added_tokens.json ids, roles only flags.
	decoder, err := readDecoder(r)
	if err != nil {
		return err
	}
	for _, a := range decoder {
		add(a)
	}
	var special []Added
	for _, role := range allRoles {
		a, ok, err := r.named(role.name)
		if err != nil {
			return err
		}
		usual := legacySpecial[kind][role.name]
		if _, there := ids[usual]; !ok && there {
			a = &Added{Content: usual, Special: true, LStrip: role.name == "mask_token" && kind == "roberta"}
		}
		if a != nil {
			a.Special = true
			special = append(special, *a)
		}
	}
	byText := map[string]int32{}
	data, err := os.ReadFile(filepath.Join(dir, "added_tokens.json"))
	if err == nil {
		err = json.Unmarshal(data, &byText)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("added_tokens.json: %w", err)
	}
	for text, id := range byText {
		a := Added{Content: text, Normalized: true}
		if i := slices.IndexFunc(special, func(s Added) bool { return s.Content == text }); i >= 0 {
			a = special[i]
		}
		a.ID = id
		add(a)
	}
	for _, a := range special {
		id, ok := ids[a.Content]
		if !ok {
			id = next
		}
		a.ID = id
		add(a)
	}
	slices.SortFunc(f.AddedTokens, func(a, b Added) int { return cmp.Compare(a.ID, b.ID) })
	if kind == "roberta" {
		cls, hasCls := ids["<s>"]
		sep, hasSep := ids["</s>"]
		if !hasCls || !hasSep {
			return errors.New("vocab.json lacks <s> or </s>, which this kind puts around a text")
		}
		f.PostProcessor.Cls, f.PostProcessor.Sep = &named{"<s>", cls}, &named{"</s>", sep}
	}
	return nil
}

// legacySpecial is the special tokens that the kinds have where no file names them.
var legacySpecial = map[string]map[string]string{
	"gpt2":  {"bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>", "unk_token": "<|endoftext|>"},
	"qwen2": {"eos_token": "<|endoftext|>", "pad_token": "<|endoftext|>", "unk_token": "<|endoftext|>"},
	"roberta": {
		"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>",
		"mask_token": "<mask>", "cls_token": "<s>", "sep_token": "</s>",
	},
}

// readDecoder reads added_tokens_decoder of tokenizer_config.json, by id.
func readDecoder(r roles) ([]Added, error) {
	raw, ok := r.config["added_tokens_decoder"]
	if !ok {
		return nil, nil
	}
	var byID map[int32]Added
	if err := json.Unmarshal(raw, &byID); err != nil {
		return nil, fmt.Errorf("tokenizer_config.json: added_tokens_decoder: %w", err)
	}
	out := make([]Added, 0, len(byID))
	for _, id := range slices.Sorted(maps.Keys(byID)) {
		a := byID[id]
		a.ID = id
		out = append(out, a)
	}
	return out, nil
}
