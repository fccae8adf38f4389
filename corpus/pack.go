package corpus

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"

	"hone/store"
)

// PackOptions say how documents become tokens and where those are kept.
type PackOptions struct {
	Dir       string                    // the cache: a folder for each corpus and tokenizer is made in it
	Encode    func(text string) []int32 // called from several goroutines; must always give the same
	EOD       int32                     // the end-of-document token, written after every document
	Vocab     int                       // tokens are below it
	Tokenizer string                    // identifies Encode, such as the hash of tokenizer.json
	Progress  func(documents int, bytes int64)
}

// Packed is a corpus as tokens, a stream for every split.
type Packed struct {
	Dir                     string // where it is kept
	Cached                  bool   // it was there already
	Train, Validation, Test *Tokens
	Summary                 Summary
}

// Pack returns the tokens of c: those that an earlier call with the same sources, as
// far as names, sizes and times of files tell, the same Config and the same tokenizer
// left in o.Dir, or those it makes now. Memory does not grow with the corpus, but for
// what de-duplication remembers of each document (1.2 KB). A corpus without
// documents for training is an [*EmptyError].
func Pack(ctx context.Context, c *Corpus, o PackOptions) (*Packed, error) {
	print, err := c.Fingerprint()
	if err != nil {
		return nil, err
	}
	return cached(ctx, print, o, func(ctx context.Context, dir string) error {
		p := &packer{o: o}
		for _, s := range c.config.Sources {
			p.searched = append(p.searched, s.Path)
		}
		return p.pack(ctx, dir, c.Documents(ctx, &p.summary))
	})
}

// cached returns what is in o.Dir for the sources with the fingerprint print, which
// pack writes into a folder where it is missing.
func cached(ctx context.Context, print string, o PackOptions, pack func(context.Context, string) error) (*Packed, error) {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s %q %d %d", tokensVersion, print, o.Tokenizer, o.EOD, o.Vocab))
	dir := filepath.Join(o.Dir, hex.EncodeToString(sum[:12]))
	if p, err := openPacked(dir); err == nil {
		p.Cached = true
		return p, nil
	}
	if err := os.MkdirAll(o.Dir, 0o755); err != nil {
		return nil, err
	}
	temp, err := os.MkdirTemp(o.Dir, ".pack-*.tmp")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(temp)
	if err := pack(ctx, temp); err != nil {
		return nil, err
	}
	// What is there is damaged, or another process was as fast: either may go.
	if err := os.RemoveAll(dir); err != nil {
		return nil, err
	}
	if err := os.Rename(temp, dir); err != nil {
		if p, e := openPacked(dir); e == nil {
			return p, nil
		}
		return nil, err
	}
	return openPacked(dir)
}

const summaryFile = "summary.json"

// packer writes documents as tokens.
type packer struct {
	o        PackOptions
	searched []string
	summary  Summary // filled by whoever yields the documents
}

// pack writes the tokens of docs into dir.
func (p *packer) pack(ctx context.Context, dir string, docs iter.Seq2[Document, error]) error {
	writers := map[Split]*tokensWriter{}
	defer func() {
		for _, w := range writers {
			w.file.Close()
		}
	}()
	for _, s := range Splits() {
		w, err := newTokensWriter(filepath.Join(dir, string(s)), p.o.Vocab, p.o.EOD)
		if err != nil {
			return fmt.Errorf("pack: %w", err)
		}
		writers[s] = w
	}
	documents, bytes := 0, int64(0)
	err := encodeAll(ctx, docs, p.o.Encode, func(d Document, e encoded) error {
		documents++
		bytes += d.size()
		if p.o.Progress != nil {
			p.o.Progress(documents, bytes)
		}
		if err := writers[d.Split].add(e.tokens, e.mark, d.size()); err != nil {
			return fmt.Errorf("pack %s: %w", d.Path, err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if writers[Train].meta.Documents == 0 {
		return &EmptyError{Summary: p.summary, Searched: p.searched}
	}
	for _, s := range Splits() {
		w := writers[s]
		delete(writers, s)
		if err := w.close(); err != nil {
			return fmt.Errorf("pack: %w", err)
		}
	}
	raw, err := json.MarshalIndent(p.summary, "", "  ")
	if err != nil {
		return err
	}
	return store.WriteFile(filepath.Join(dir, summaryFile), append(raw, '\n'), 0o644)
}

func openPacked(dir string) (*Packed, error) {
	p := &Packed{Dir: dir}
	raw, err := os.ReadFile(filepath.Join(dir, summaryFile))
	if err == nil {
		err = json.Unmarshal(raw, &p.Summary)
	}
	if err == nil {
		p.Train, err = openTokens(filepath.Join(dir, string(Train)))
	}
	if err == nil {
		p.Validation, err = openTokens(filepath.Join(dir, string(Validation)))
	}
	if err == nil {
		p.Test, err = openTokens(filepath.Join(dir, string(Test)))
	}
	if err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// Digest identifies the tokens of all splits, wherever they were packed.
func (p *Packed) Digest() string {
	sum := sha256.Sum256([]byte(p.Train.Digest + p.Validation.Digest + p.Test.Digest))
	return hex.EncodeToString(sum[:16])
}

// Close lets go of the files.
func (p *Packed) Close() error {
	var errs []error
	for _, t := range []*Tokens{p.Train, p.Validation, p.Test} {
		if t != nil {
			errs = append(errs, t.Close())
		}
	}
	return errors.Join(errs...)
}
