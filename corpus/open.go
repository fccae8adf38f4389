package corpus

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math"
	"os"
	"path/filepath"
	"strings"
)

// rulesVersion changes when the same sources and Config give other documents.
const rulesVersion = 1

// Open finds the sources of c. Nothing of them is read yet, but that they are there
// is made sure of.
func Open(c Config) (*Corpus, error) {
	if err := c.Check(); err != nil {
		return nil, fmt.Errorf("corpus: %w", err)
	}
	out := &Corpus{config: c}
	for _, s := range c.Sources {
		paths, err := filepath.Glob(s.Path)
		if err != nil {
			return nil, fmt.Errorf("corpus source %s: %w", s.Path, err)
		}
		if len(paths) == 0 {
			return nil, fmt.Errorf("corpus source %s: there is no such file or folder", s.Path)
		}
		for _, path := range paths {
			opened, err := openSource(path, s)
			if err != nil {
				return nil, fmt.Errorf("corpus source %s: %w", path, err)
			}
			if c.Unit == Functions {
				opened = functions{opened, c.Docstrings}
			}
			out.sources = append(out.sources, opened)
		}
	}
	return out, nil
}

// openSource tells by its name and nature what path is.
func openSource(path string, c SourceConfig) (source, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	f := &folder{root: path, config: c}
	name := strings.TrimSuffix(strings.TrimSuffix(path, ".gz"), ".zst")
	switch ext := filepath.Ext(name); {
	case info.IsDir():
		if len(c.Files) == 0 {
			return nil, errors.New("no patterns of names are given (files: [\"*.py\"])")
		}
		for _, p := range c.Files {
			if _, err := filepath.Match(p, ""); err != nil {
				return nil, fmt.Errorf("pattern %q: %w", p, err)
			}
		}
	case !info.Mode().IsRegular():
		return nil, errors.New("neither a folder nor a file")
	case ext == ".jsonl" || ext == ".ndjson" || ext == ".json":
		return &jsonl{path: path, config: c}, nil
	case ext == ".parquet" && name == path:
		return &parquetFile{path: path, config: c}, nil
	case ext == ".parquet":
		return nil, errors.New("a parquet file must not be compressed as a whole: unpack it")
	case !f.matches(info.Name()):
		return nil, fmt.Errorf("neither a folder, nor .jsonl, .parquet, .jsonl.gz, .jsonl.zst, nor one of %s", strings.Join(c.Files, ", "))
	}
	if c.Project == "debian" {
		if f.debian, err = debianPackages(debianInfo, path); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// Fingerprint identifies the documents by Config and by the names, sizes and times of
// the files they come from.
func (c *Corpus) Fingerprint() (string, error) {
	config, err := json.Marshal(c.config)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	fmt.Fprintf(h, "%d %s\n", rulesVersion, config)
	for _, s := range c.sources {
		p, err := s.fingerprint()
		if err != nil {
			return "", err
		}
		fmt.Fprintln(h, p)
	}
	return hex.EncodeToString(h.Sum(nil)[:16]), nil
}

// Documents yields the documents of the corpus, in the same order every time: those
// of the sources as they were given, filtered, without duplicates, each with its
// Split. An error ends it. s is filled while it goes on.
func (c *Corpus) Documents(ctx context.Context, s *Summary) iter.Seq2[Document, error] {
	return func(yield func(Document, error) bool) {
		*s = newSummary()
		dedup := newDeduper(c.config.Dedup)
		skip := func(_, reason string, bytes int64) {
			s.Found.add(bytes)
			s.skip(reason, bytes)
		}
		for _, source := range c.sources {
			for d, err := range source.documents(ctx, skip) {
				if err != nil {
					yield(d, err)
					return
				}
				s.found(d)
				reason := c.config.Filter.reason(d.Text)
				if reason == "" {
					reason = dedup.reason(d.Text)
				}
				if reason != "" {
					s.skip(reason, d.size())
					continue
				}
				d.Split = c.config.Split.of(d.Project)
				s.keep(d)
				if !yield(d, nil) {
					return
				}
			}
		}
	}
}

// of is the split of a project: its name's hash, as a number from 0 to 1, falls into
// the test share, the validation share or the rest.
func (c SplitConfig) of(project string) Split {
	sum := sha256.Sum256([]byte(c.Salt + "\x00" + strings.ToLower(project)))
	x := float64(binary.BigEndian.Uint64(sum[:])) / math.MaxUint64
	switch {
	case x < c.Test:
		return Test
	case x < c.Test+c.Validation:
		return Validation
	}
	return Train
}
