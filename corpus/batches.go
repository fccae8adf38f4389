package corpus

// Batches is where a trainer gets its data: [Windows] or [Rows].
type Batches interface {
	// Batch returns batch i, counted from 0 over all epochs; the same one every time.
	Batch(i int64) (*Batch, error)
	// Batches is the number of batches that hold an epoch.
	Batches() int64
}

var (
	_ Batches = (*Windows)(nil)
	_ Batches = (*Rows)(nil)
)
