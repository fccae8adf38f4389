// Package corpus turns what lies about (folders of source files, JSON Lines, parquet)
// into what a trainer eats: documents that were filtered, freed of duplicates and
// split by project, packed into a file of tokens, and read back as batches whose
// order is a function of a seed and a counter, so that training can go on anywhere.
//
//	c, err := corpus.Open(config)                                // which documents
//	p, err := corpus.Pack(ctx, c, corpus.PackOptions{…})         // their tokens, cached on disk
//	w, err := corpus.NewWindows(p.Train, corpus.WindowOptions{…}) // [B, T+1] by step
//	b, err := w.Batch(step)
//
// For supervised fine-tuning, [PackRows] and [NewRows] do the same with pairs of
// prompt and completion.
package corpus

import (
	"context"
	"iter"
)

// Document is one text, such as a source file.
type Document struct {
	Source  string // the path of the source it came from, as configured
	Path    string // a file, or file:row
	Project string // what it belongs to; a project is never divided between splits
	Text    string // UTF-8
	Split   Split

	completion *string // of a row of prompt (Text) and completion; else nil
}

// size is the bytes of text.
func (d *Document) size() int64 {
	n := len(d.Text)
	if d.completion != nil {
		n += len(*d.completion)
	}
	return int64(n)
}

// Split is the part of a corpus that a document is in.
type Split string

// The splits.
const (
	Train      Split = "train"
	Validation Split = "validation"
	Test       Split = "test"
)

// Splits are all of them, in order.
func Splits() []Split { return []Split{Train, Validation, Test} }

// Corpus is a set of documents that can be gone through again and again.
type Corpus struct {
	config  Config
	sources []source
}

// source yields raw documents in an order that depends on nothing but its content.
type source interface {
	// fingerprint changes when the source's content does, as far as names, sizes and
	// times of files tell.
	fingerprint() (string, error)
	// documents yields every document; what cannot be one goes to skip. An error
	// ends it.
	documents(ctx context.Context, skip skipFunc) iter.Seq2[Document, error]
}

// skipFunc is told what was left out, why, and how many bytes it had.
type skipFunc func(path, reason string, bytes int64)
