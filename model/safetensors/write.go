package safetensors

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"unicode/utf8"

	"hone/store"
)

// Tensor is a tensor to be written; the functions OfFloat32 and so on make one. The
// data is not copied and must stay as it is until it is written.
type Tensor struct {
	Name  string
	DType DType
	Shape []int
	size  int64 // bytes that write gives
	write func(w io.Writer) error
}

// OfFloat32 stores data, in row-major order, as F32.
func OfFloat32(name string, shape []int, data []float32) Tensor {
	return encoded(name, Float32, shape, data, 4, func(b []byte, v float32) { le.PutUint32(b, math.Float32bits(v)) })
}

// OfBFloat16 stores data as BF16, rounded to the nearest, ties to even.
func OfBFloat16(name string, shape []int, data []float32) Tensor {
	return encoded(name, BFloat16, shape, data, 2, func(b []byte, v float32) { le.PutUint16(b, bfloat16(v)) })
}

// OfFloat16 stores data as F16, rounded to the nearest, ties to even; beyond ±65504 it
// becomes infinite.
func OfFloat16(name string, shape []int, data []float32) Tensor {
	return encoded(name, Float16, shape, data, 2, func(b []byte, v float32) { le.PutUint16(b, float16(v)) })
}

// OfInt8 stores data as I8.
func OfInt8(name string, shape []int, data []int8) Tensor {
	return encoded(name, Int8, shape, data, 1, func(b []byte, v int8) { b[0] = byte(v) })
}

// OfInt32 stores data as I32.
func OfInt32(name string, shape []int, data []int32) Tensor {
	return encoded(name, Int32, shape, data, 4, func(b []byte, v int32) { le.PutUint32(b, uint32(v)) })
}

// OfInt64 stores data as I64.
func OfInt64(name string, shape []int, data []int64) Tensor {
	return encoded(name, Int64, shape, data, 8, func(b []byte, v int64) { le.PutUint64(b, uint64(v)) })
}

// OfBytes stores data as it is, little-endian elements of the type given.
func OfBytes(name string, dtype DType, shape []int, data []byte) Tensor {
	return Tensor{name, dtype, shape, int64(len(data)), func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	}}
}

// encoded writes elements of width bytes through a buffer.
func encoded[T any](name string, dtype DType, shape []int, data []T, width int, put func([]byte, T)) Tensor {
	size := len(data) * width
	return Tensor{name, dtype, shape, int64(size), func(w io.Writer) error {
		buffer := make([]byte, min(size, chunkBytes))
		for rest := data; len(rest) > 0; {
			n := min(len(rest), len(buffer)/width)
			for i, v := range rest[:n] {
				put(buffer[i*width:], v)
			}
			if _, err := w.Write(buffer[:n*width]); err != nil {
				return err
			}
			rest = rest[n:]
		}
		return nil
	}}
}

// Write replaces the file at path by one with the tensors, or leaves it as it was. The
// same tensors and metadata give the same bytes in whatever order they are
// passed; without metadata, or with one text, they are those of the reference
// implementation. transformers wants the metadata format=pt.
func Write(path string, tensors []Tensor, metadata map[string]string) error {
	header, sorted, err := prepare(tensors, metadata)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return store.Create(path, 0o644, func(w io.Writer) error { return encode(w, header, sorted) })
}

// Encode writes to w what Write writes to a file.
func Encode(w io.Writer, tensors []Tensor, metadata map[string]string) error {
	header, sorted, err := prepare(tensors, metadata)
	if err != nil {
		return err
	}
	return encode(w, header, sorted)
}

func encode(w io.Writer, header []byte, sorted []Tensor) error {
	b := bufio.NewWriterSize(w, 64<<10) // for small tensors; large ones pass it by
	if _, err := b.Write(le.AppendUint64(nil, uint64(len(header)))); err != nil {
		return err
	}
	if _, err := b.Write(header); err != nil {
		return err
	}
	for _, t := range sorted {
		if err := t.write(b); err != nil {
			return fmt.Errorf("tensor %q: %w", t.Name, err)
		}
	}
	return b.Flush()
}

// prepare checks the tensors, sorts them as the reference does (wide types first, so that
// elements are aligned, then by name), and makes the header.
func prepare(tensors []Tensor, metadata map[string]string) (header []byte, sorted []Tensor, err error) {
	sorted = slices.Clone(tensors)
	slices.SortFunc(sorted, func(a, b Tensor) int {
		return cmp.Or(cmp.Compare(b.DType.rank(), a.DType.rank()), cmp.Compare(a.Name, b.Name))
	})

	j := jsonWriter{}
	j.WriteByte('{')
	if len(metadata) > 0 {
		j.text(metadataKey)
		j.WriteByte(':')
		j.value(metadata)
	}
	seen := make(map[string]bool, len(tensors))
	begin := int64(0)
	for _, t := range sorted {
		switch {
		case t.Name == metadataKey:
			return nil, nil, fmt.Errorf("a tensor cannot be called %q", t.Name)
		case seen[t.Name]:
			return nil, nil, fmt.Errorf("tensor %q is given twice", t.Name)
		}
		seen[t.Name] = true
		size, err := t.DType.size(t.Shape)
		if err != nil {
			return nil, nil, fmt.Errorf("tensor %q: %w", t.Name, err)
		}
		if size != t.size {
			return nil, nil, fmt.Errorf("tensor %q: shape %v of %s takes %d bytes, but the data has %d", t.Name, t.Shape, t.DType, size, t.size)
		}
		if begin > math.MaxInt64-size {
			return nil, nil, errors.New("the tensors are larger than any file")
		}
		if j.Len() > 1 {
			j.WriteByte(',')
		}
		j.text(t.Name)
		j.WriteString(`:{"dtype":`)
		j.text(string(t.DType))
		j.WriteString(`,"shape":`)
		j.value(append([]int{}, t.Shape...)) // nil would be null
		fmt.Fprintf(&j, `,"data_offsets":[%d,%d]}`, begin, begin+size)
		begin += size
	}
	j.WriteByte('}')
	if j.err != nil {
		return nil, nil, j.err
	}
	header = j.Bytes()
	for len(header)%lengthBytes != 0 { // so that the tensors are aligned
		header = append(header, ' ')
	}
	if len(header) > maxHeaderBytes {
		return nil, nil, fmt.Errorf("%d tensors need a header of %d bytes, the format allows %d", len(tensors), len(header), maxHeaderBytes)
	}
	return header, sorted, nil
}

// jsonWriter writes JSON as serde_json does, without encoding/json's care for HTML;
// err is the first error.
type jsonWriter struct {
	bytes.Buffer
	err error
}

func (j *jsonWriter) text(s string) {
	if !utf8.ValidString(s) && j.err == nil {
		j.err = fmt.Errorf("name %q is not UTF-8", s)
	}
	j.value(s)
}

func (j *jsonWriter) value(v any) {
	e := json.NewEncoder(&j.Buffer)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil && j.err == nil {
		j.err = err
	}
	j.Truncate(j.Len() - 1) // Encode's newline
}
