package corpus

import (
	"fmt"
	"slices"
)

// RowOptions say how rows of prompt and completion become batches.
type RowOptions struct {
	Batch  int // B, rows a batch
	Length int // the most inputs of a row; longer rows are left out, see Rows.TooLong
	// Multiple rounds the inputs of a batch up, so that there are few shapes; 0 means 32.
	Multiple   int
	Seed       uint64
	Sequential bool // for evaluation: the same batches in every epoch
}

// groupBatches is how many batches are drawn together and then sorted by length.
const groupBatches = 16

// Rows gives the batches of pairs of prompt and completion. Each epoch has every row
// exactly once; a last batch of fewer rows is filled up with rows whose Mask is 0. To
// waste little on padding, each 16 batches of a random order are sorted by length,
// cut, and the cuts put in random order; T is as long as a batch's rows need. Only
// the tokens of completions, and the end of document after each, count in the loss.
// Everything is computed from the seed and the number of the batch. It may be used
// from several goroutines.
type Rows struct {
	t       *Tokens
	o       RowOptions
	usable  []int32 // rows that are not too long
	tooLong int
}

// NewRows returns the batches of t, as [PackRows] made it, that o describes.
func NewRows(t *Tokens, o RowOptions) (*Rows, error) {
	if o.Multiple <= 0 {
		o.Multiple = 32
	}
	switch {
	case o.Batch <= 0 || o.Length <= 0:
		return nil, fmt.Errorf("rows of batch %d and length %d: both must be above 0", o.Batch, o.Length)
	case t.marks == nil && t.Documents > 0:
		return nil, fmt.Errorf("rows: these tokens are documents, not pairs of prompt and completion")
	}
	r := &Rows{t: t, o: o}
	for i := range t.Documents {
		switch n := r.inputs(int32(i)); {
		case n > int64(o.Length):
			r.tooLong++
		case n > 0:
			r.usable = append(r.usable, int32(i))
		}
	}
	if len(r.usable) == 0 {
		return nil, fmt.Errorf("rows: none of %d can be used: %d have more than %d tokens", t.Documents, r.tooLong, o.Length)
	}
	return r, nil
}

// inputs is the number of inputs of a row: all of its tokens but the last.
func (r *Rows) inputs(row int32) int64 {
	start, end := r.t.Document(int(row))
	return end - start - 1
}

// Rows is the number of rows of an epoch.
func (r *Rows) Rows() int64 { return int64(len(r.usable)) }

// TooLong is the number of rows that were left out for their length.
func (r *Rows) TooLong() int { return r.tooLong }

// Batches is the number of batches of an epoch.
func (r *Rows) Batches() int64 { return ceil(r.Rows(), int64(r.o.Batch)) }

// Batch returns batch i, counted from 0 over all epochs.
func (r *Rows) Batch(i int64) (*Batch, error) {
	if i < 0 {
		return nil, fmt.Errorf("rows: batch %d", i)
	}
	epoch, k := i/r.Batches(), i%r.Batches()
	rows := r.rows(epoch, k)
	length := int64(0)
	for _, row := range rows {
		length = max(length, r.inputs(row))
	}
	m := int64(r.o.Multiple)
	out := newBatch(r.o.Batch, int(min(ceil(length, m)*m, int64(r.o.Length))), r.t.EOD)
	out.Epoch = epoch
	for b, row := range rows {
		start, end := r.t.Document(int(row))
		if err := r.t.Read(out.Tokens[b*(out.T+1):][:end-start], start); err != nil {
			return nil, err
		}
		out.Lengths[b] = int32(end - start - 1)
		for t := max(r.t.marks[row]-1, start); t < end-1; t++ { // the input before a target
			out.Mask[int64(b*out.T)+t-start] = 1
		}
	}
	return out, nil
}

// rows are those of batch k of an epoch.
func (r *Rows) rows(epoch, k int64) []int32 {
	n, size := r.Rows(), int64(r.o.Batch)
	group := k / groupBatches
	first, last := group*groupBatches*size, min((group+1)*groupBatches*size, n)
	perm := newPermutation(uint64(n), r.o.Seed, uint64(epoch))
	drawn := make([]int32, 0, last-first)
	for i := first; i < last; i++ {
		at := uint64(i)
		if !r.o.Sequential {
			at = perm.at(at)
		}
		drawn = append(drawn, r.usable[at])
	}
	slices.SortStableFunc(drawn, func(a, b int32) int { return int(r.inputs(a) - r.inputs(b)) })
	cut := uint64(k % groupBatches)
	if !r.o.Sequential {
		cuts := newPermutation(uint64(ceil(last-first, size)), mix(r.o.Seed)^uint64(group), uint64(epoch))
		cut = cuts.at(cut)
	}
	return drawn[int64(cut)*size : min((int64(cut)+1)*size, int64(len(drawn)))]
}
