package corpus

import (
	"fmt"
	"sort"
)

// Batch is what a training step reads.
type Batch struct {
	B, T int
	// Tokens: [B, T+1] Row b's inputs are Tokens[b, :T], its targets Tokens[b, 1:].
	Tokens []int32
	// Mask: [B, T] 1 where the target Tokens[b, t+1] counts in the loss, else 0.
	Mask []float32
	// Lengths: [B] how many inputs of each row are no padding, from 1 to T. Padding
	// comes last and is the end-of-document token.
	Lengths []int32
	// Epoch of the first row, from 0.
	Epoch int64
}

// newBatch returns a batch of padding.
func newBatch(b, t int, pad int32) *Batch {
	out := &Batch{B: b, T: t, Tokens: make([]int32, b*(t+1)), Mask: make([]float32, b*t), Lengths: make([]int32, b)}
	for i := range out.Tokens {
		out.Tokens[i] = pad
	}
	for i := range out.Lengths {
		out.Lengths[i] = 1
	}
	return out
}

// WindowOptions say how a stream of tokens becomes batches.
type WindowOptions struct {
	Batch  int // B, rows a batch
	Length int // T, inputs a row
	Seed   uint64
	// Documents keeps rows within documents: a row is (part of) one document, padded
	// where that is shorter, and the first input is the end-of-document token before
	// it. Otherwise rows are cut from the packed stream wherever they fall.
	Documents bool
	// Sequential is for evaluation: rows in the order of the stream, the same in every
	// epoch; a last batch of fewer rows is filled up with rows whose Mask is 0.
	Sequential bool
}

// Windows gives the batches of a stream of tokens. Each epoch has every token as a
// target exactly once, the first one after the last (the stream is taken as a ring).
// In each epoch another permutation of the rows and, without Documents, another
// offset of the first cut is drawn. Everything is computed from the seed and the
// number of the batch; there is no state to save. It may be used from several
// goroutines.
type Windows struct {
	t    *Tokens
	o    WindowOptions
	n    int64   // rows an epoch
	rows []int64 // with Documents: [documents] the rows up to and with each document
}

// NewWindows returns the batches of t that o describes.
func NewWindows(t *Tokens, o WindowOptions) (*Windows, error) {
	switch {
	case o.Batch <= 0 || o.Length <= 0:
		return nil, fmt.Errorf("windows of batch %d and length %d: both must be above 0", o.Batch, o.Length)
	case t.Tokens < 2:
		return nil, fmt.Errorf("windows: the stream has %d tokens (is this split of the corpus empty?)", t.Tokens)
	}
	w := &Windows{t: t, o: o, n: ceil(t.Tokens, int64(o.Length))}
	if o.Documents {
		w.rows = make([]int64, t.Documents)
		w.n = 0
		for i := range w.rows {
			start, end := t.Document(i)
			w.n += ceil(end-start, int64(o.Length))
			w.rows[i] = w.n
		}
	}
	return w, nil
}

func ceil(a, b int64) int64 { return (a + b - 1) / b }

// Rows is the number of rows of an epoch.
func (w *Windows) Rows() int64 { return w.n }

// Batches is the number of batches that hold an epoch; the last can begin the next.
func (w *Windows) Batches() int64 { return ceil(w.n, int64(w.o.Batch)) }

// Batch returns batch i, counted from 0 over all epochs: rows i·B to i·B+B-1 of the
// endless sequence of epochs.
func (w *Windows) Batch(i int64) (*Batch, error) {
	if i < 0 {
		return nil, fmt.Errorf("windows: batch %d", i)
	}
	out := newBatch(w.o.Batch, w.o.Length, w.t.EOD)
	first := i * int64(w.o.Batch)
	out.Epoch = first / w.n
	if w.o.Sequential {
		out.Epoch = i / w.Batches()
		first = i % w.Batches() * int64(w.o.Batch)
	}
	var perm permutation
	drawn := int64(-1)
	for b := range w.o.Batch {
		epoch, row := (first+int64(b))/w.n, (first+int64(b))%w.n
		if w.o.Sequential {
			if epoch > 0 {
				break
			}
		} else {
			if epoch != drawn {
				perm, drawn = newPermutation(uint64(w.n), w.o.Seed, uint64(epoch)), epoch
			}
			row = int64(perm.at(uint64(row)))
		}
		if err := w.row(out, b, epoch, row); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// row fills row b of a batch with the given row of an epoch.
func (w *Windows) row(out *Batch, b int, epoch, row int64) error {
	length := int64(w.o.Length)
	var first, targets int64 // the first target, and how many there are
	if w.o.Documents {
		d := sort.Search(len(w.rows), func(i int) bool { return w.rows[i] > row })
		if d > 0 {
			row -= w.rows[d-1]
		}
		start, end := w.t.Document(d)
		first = start + row*length
		targets = min(length, end-first)
	} else {
		targets = min(length, w.t.Tokens-row*length)
		first = row * length
		if !w.o.Sequential {
			first += int64(mix(mix(w.o.Seed+1)^mix(uint64(epoch)+2)) % uint64(w.t.Tokens))
		}
	}
	out.Lengths[b] = int32(targets)
	for t := range targets {
		out.Mask[b*out.T+int(t)] = 1
	}
	return w.t.Read(out.Tokens[b*(out.T+1):][:targets+1], first-1)
}
