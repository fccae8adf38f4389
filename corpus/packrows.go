package corpus

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
)

// PairsConfig says which rows of prompt and completion there are. Its tags are those
// of recipes.
type PairsConfig struct {
	// Path of a JSON Lines file, also .gz or .zst; * and ? match names.
	Path string `yaml:"path,required" json:"path"`
	// Prompt and Completion are the fields; "" is the usual ones: prompt, instruction;
	// completion, response, solution.
	Prompt     string      `yaml:"prompt" json:"prompt"`
	Completion string      `yaml:"completion" json:"completion"`
	Split      SplitConfig `yaml:"split" json:"split"` // rows with one prompt stay together
}

// Default fills p in: 5 % of the prompts for validation.
func (p *PairsConfig) Default() { *p = PairsConfig{Split: SplitConfig{Validation: 0.05}} }

var (
	promptFields     = []string{"prompt", "instruction"}
	completionFields = []string{"completion", "response", "solution"}
)

// PackRows returns the tokens of the rows of c, as [Pack] does those of documents:
// each row is the tokens of its prompt, of its completion and the end of document.
// The first malformed row is an error; an equal row after another is left out.
func PackRows(ctx context.Context, c PairsConfig, o PackOptions) (*Packed, error) {
	paths, err := filepath.Glob(c.Path)
	if err == nil && len(paths) == 0 {
		err = errors.New("there is no such file")
	}
	if err != nil {
		return nil, fmt.Errorf("rows %s: %w", c.Path, err)
	}
	config, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	print := fmt.Sprintf("rows %d %s", rulesVersion, config)
	for _, path := range paths {
		p, err := fileFingerprint(path)
		if err != nil {
			return nil, fmt.Errorf("rows %s: %w", path, err)
		}
		print += p
	}
	return cached(ctx, print, o, func(ctx context.Context, dir string) error {
		p := &packer{o: o, searched: []string{c.Path}, summary: newSummary()}
		return p.pack(ctx, dir, p.pairs(ctx, c, paths))
	})
}

// pairs yields the rows as documents, Text being the prompt and Completion the rest.
func (p *packer) pairs(ctx context.Context, c PairsConfig, paths []string) iter.Seq2[Document, error] {
	return func(yield func(Document, error) bool) {
		seen := map[[32]byte]bool{}
		for _, path := range paths {
			for row, err := range jsonRows(ctx, path) {
				if err != nil {
					yield(Document{}, err)
					return
				}
				d, err := pair(row, c)
				if err != nil {
					yield(d, err)
					return
				}
				p.summary.found(d)
				key := sha256.Sum256(fmt.Appendf(nil, "%d %s%s", len(d.Text), d.Text, *d.completion))
				if seen[key] {
					p.summary.skip(skipExact, d.size())
					continue
				}
				seen[key] = true
				d.Split = c.Split.of(d.Project)
				p.summary.keep(d)
				if !yield(d, nil) {
					return
				}
			}
		}
	}
}

// pair makes a row a document.
func pair(row jsonRow, c PairsConfig) (Document, error) {
	if row.err != nil {
		return Document{}, fmt.Errorf("%s: no JSON object: %w", row.at, row.err)
	}
	field := func(what, name string, usual []string) (string, error) {
		s, ok := row.first(name, usual)
		if ok {
			return s, nil
		}
		if name == "" {
			return "", fmt.Errorf("%s: there is no text %q (name the field with %s)", row.at, usual[0], what)
		}
		return "", fmt.Errorf("%s: there is no text %q", row.at, name)
	}
	prompt, err := field("prompt", c.Prompt, promptFields)
	if err != nil {
		return Document{}, err
	}
	completion, err := field("completion", c.Completion, completionFields)
	if err != nil {
		return Document{}, err
	}
	if completion == "" {
		return Document{}, fmt.Errorf("%s: the completion is empty: there is nothing to learn from it", row.at)
	}
	sum := sha256.Sum256([]byte(prompt))
	return Document{Source: c.Path, Path: row.at, Project: hex.EncodeToString(sum[:8]), Text: prompt, completion: &completion}, nil
}
