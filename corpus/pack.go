package corpus

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

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
// what de-duplication remembers of each document (about 600 bytes). A corpus without
// documents for training is an [*EmptyError].
func Pack(ctx context.Context, c *Corpus, o PackOptions) (*Packed, error) {
	print, err := c.Fingerprint()
	if err != nil {
		return nil, err
	}
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
	if err := pack(ctx, c, o, temp); err != nil {
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

// pack writes the tokens of c into dir.
func pack(ctx context.Context, c *Corpus, o PackOptions, dir string) error {
	writers := map[Split]*tokensWriter{}
	defer func() {
		for _, w := range writers {
			w.file.Close()
		}
	}()
	for _, s := range Splits() {
		w, err := newTokensWriter(filepath.Join(dir, string(s)), o.Vocab, o.EOD)
		if err != nil {
			return fmt.Errorf("pack: %w", err)
		}
		writers[s] = w
	}
	var summary Summary
	documents, bytes := 0, int64(0)
	err := encodeAll(ctx, c.Documents(ctx, &summary), o.Encode, func(d Document, tokens []int32) error {
		documents++
		bytes += int64(len(d.Text))
		if o.Progress != nil {
			o.Progress(documents, bytes)
		}
		if err := writers[d.Split].add(tokens, -1, int64(len(d.Text))); err != nil {
			return fmt.Errorf("pack %s: %w", d.Path, err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if writers[Train].meta.Documents == 0 {
		return &EmptyError{Summary: summary, config: c.config}
	}
	for _, s := range Splits() {
		w := writers[s]
		delete(writers, s)
		if err := w.close(); err != nil {
			return fmt.Errorf("pack: %w", err)
		}
	}
	raw, err := json.MarshalIndent(summary, "", "  ")
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

// groupBytes is how much text is encoded as one piece of work.
const groupBytes = 1 << 20

// encodeAll encodes documents on all processors and hands them on in their order.
func encodeAll(ctx context.Context, docs docSeq, encode func(string) []int32, each func(Document, []int32) error) error {
	type group struct {
		docs   []Document
		tokens [][]int32
		err    error // after the documents
		done   chan struct{}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	workers := runtime.GOMAXPROCS(0)
	work, order := make(chan *group), make(chan *group, workers)
	for range workers {
		go func() {
			for g := range work {
				for _, d := range g.docs {
					g.tokens = append(g.tokens, encode(d.Text))
				}
				close(g.done)
			}
		}()
	}
	go func() {
		defer close(work)
		defer close(order)
		send := func(g *group) bool {
			select {
			case order <- g:
			case <-ctx.Done():
				return false
			}
			select {
			case work <- g:
				return true
			case <-ctx.Done():
				return false
			}
		}
		g, size := &group{done: make(chan struct{})}, 0
		for d, err := range docs {
			if err != nil {
				g.err = err
				break
			}
			g.docs = append(g.docs, d)
			if size += len(d.Text); size >= groupBytes {
				if !send(g) {
					return
				}
				g, size = &group{done: make(chan struct{})}, 0
			}
		}
		send(g)
	}()
	for g := range order {
		select {
		case <-g.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		for i, d := range g.docs {
			if err := each(d, g.tokens[i]); err != nil {
				return err
			}
		}
		if g.err != nil {
			return g.err
		}
	}
	return ctx.Err()
}
