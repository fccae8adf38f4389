package token

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Load reads a tokenizer from a tokenizer.json or from a folder with one. Roles of
// special tokens are read from tokenizer_config.json, special_tokens_map.json and
// config.json beside it. A folder without tokenizer.json may have vocab.json and
// merges.txt, as older models do.
func Load(path string) (*Tokenizer, error) {
	dir, name := path, filepath.Join(path, "tokenizer.json")
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("load the tokenizer: %w", err)
	}
	if !info.IsDir() {
		dir, name = filepath.Dir(path), path
	}
	roles, err := readRoles(dir)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		if data, err = legacyFile(dir, roles); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s: there is neither tokenizer.json nor vocab.json with merges.txt", dir)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("load the tokenizer: %w", err)
	}
	t, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := t.assign(roles); err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return t, nil
}

// roles is what the files beside tokenizer.json say.
type roles struct {
	config   map[string]json.RawMessage // tokenizer_config.json
	specials map[string]json.RawMessage // special_tokens_map.json
	model    map[string]json.RawMessage // config.json
}

func readRoles(dir string) (r roles, err error) {
	for name, to := range map[string]*map[string]json.RawMessage{
		"tokenizer_config.json":   &r.config,
		"special_tokens_map.json": &r.specials,
		"config.json":             &r.model,
	} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			if err = json.Unmarshal(data, to); err != nil {
				err = explainJSON(data, err)
			}
		}
		if err != nil {
			return r, fmt.Errorf("%s: %w", filepath.Join(dir, name), err)
		}
	}
	return r, nil
}

// role is a role of special tokens: its name in files, and customary texts of its token.
type role struct {
	name      string
	id        func(*Special) *int32
	customary []string
}

var allRoles = []role{
	{"bos_token", func(s *Special) *int32 { return &s.BOS }, []string{"<s>", "<|begin_of_text|>", "<|startoftext|>", "<bos>", "[BOS]"}},
	{"eos_token", func(s *Special) *int32 { return &s.EOS }, []string{"</s>", "<|endoftext|>", "<|end_of_text|>", "<eos>", "[EOS]"}},
	{"pad_token", func(s *Special) *int32 { return &s.PAD }, []string{"<pad>", "<|pad|>", "[PAD]"}},
	{"unk_token", func(s *Special) *int32 { return &s.UNK }, []string{"<unk>", "<|unk|>", "[UNK]"}},
	{"mask_token", func(s *Special) *int32 { return &s.MASK }, []string{"<mask>", "<|mask|>", "[MASK]"}},
	{"cls_token", func(s *Special) *int32 { return &s.CLS }, []string{"<cls>", "[CLS]"}},
	{"sep_token", func(s *Special) *int32 { return &s.SEP }, []string{"<sep>", "[SEP]"}},
}

// named finds the token of a role; decided is false where no file speaks of the role,
// and a nil token says that there is none.
func (r roles) named(name string) (a *Added, decided bool, err error) {
	for _, from := range []struct {
		file   string
		fields map[string]json.RawMessage
	}{{"tokenizer_config.json", r.config}, {"special_tokens_map.json", r.specials}} {
		raw, ok := from.fields[name]
		if !ok {
			continue
		}
		a, err := readAdded(raw)
		if err != nil {
			return nil, false, fmt.Errorf("%s: %s: %w", from.file, name, err)
		}
		return a, true, nil
	}
	return nil, false, nil
}

// readAdded reads a token that is written as a string or as an object; nil is null.
func readAdded(raw json.RawMessage) (*Added, error) {
	if bytes.Equal(raw, []byte("null")) {
		return nil, nil
	}
	a := &Added{Special: true}
	if raw[0] == '"' {
		return a, json.Unmarshal(raw, &a.Content)
	}
	if err := json.Unmarshal(raw, a); err != nil {
		return nil, fmt.Errorf("want a string or an object with content: %w", err)
	}
	return a, nil
}

// assign gives special tokens their roles.
func (t *Tokenizer) assign(r roles) error {
	decided := map[string]bool{}
	for _, role := range allRoles {
		a, ok, err := r.named(role.name)
		switch {
		case err != nil:
			return err
		case ok:
			decided[role.name] = true
			*role.id(&t.special) = None
			if a == nil {
				continue
			}
			id, ok := t.named(a.Content)
			if !ok {
				return fmt.Errorf("%s is %q in tokenizer_config.json or special_tokens_map.json: the tokenizer has no such token", role.name, a.Content)
			}
			*role.id(&t.special) = id
		default:
			var id int32
			if raw, ok := r.model[role.name+"_id"]; ok && string(raw) != "null" && json.Unmarshal(raw, &id) == nil && t.has(id) {
				decided[role.name] = true
				*role.id(&t.special) = id
			}
		}
	}
	t.config = r.config
	t.customary(decided)
	return nil
}

// named is the token that files call text: an added one by its text, others as the
// vocabulary spells them.
func (t *Tokenizer) named(text string) (int32, bool) {
	if id, ok := t.ids[text]; ok && t.entries[id].piece == text {
		return id, true
	}
	raw, _ := unspell(text)
	id, ok := t.ids[raw]
	return id, ok && t.entries[id].piece == text
}

// customary gives the roles that are not decided to the special tokens with customary names.
func (t *Tokenizer) customary(decided map[string]bool) {
	if t.unknown != None && !decided["unk_token"] {
		t.special.UNK = t.unknown
	}
	for _, role := range allRoles {
		for _, text := range role.customary {
			if id, ok := t.ids[text]; ok && !decided[role.name] && *role.id(&t.special) == None && t.IsSpecial(id) {
				*role.id(&t.special) = id
			}
		}
	}
}
