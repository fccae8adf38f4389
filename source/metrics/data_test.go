package metrics

import (
	"encoding/json"
	"errors"
	"io"
	"iter"
	"os"
	"testing"

	"github.com/klauspost/compress/gzip"
)

// jsonRows yields the rows of a compressed file of JSON lines.
func jsonRows[T any](t *testing.T, path string) iter.Seq[T] {
	return func(yield func(T) bool) {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		z, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		for d := json.NewDecoder(z); ; {
			var row T
			err := d.Decode(&row)
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if !yield(row) {
				return
			}
		}
	}
}

// halsteadFunction is a [name, numbers] pair.
type halsteadFunction struct {
	Name string
	Halstead
}

// UnmarshalJSON reads the pair.
func (f *halsteadFunction) UnmarshalJSON(b []byte) error {
	return json.Unmarshal(b, &[]any{&f.Name, &f.Halstead})
}

// toolCognitive is [line, complexity, deviations].
type toolCognitive struct {
	Line, Complexity int
	Deviations       []string
}

// UnmarshalJSON reads the triple.
func (f *toolCognitive) UnmarshalJSON(b []byte) error {
	return json.Unmarshal(b, &[]any{&f.Line, &f.Complexity, &f.Deviations})
}
