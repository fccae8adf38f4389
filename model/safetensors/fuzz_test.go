package safetensors

import (
	"bytes"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzOpen: never panics and never takes memory that the file does not pay for; what
// is accepted is covered by its tensors, and the same when written and read again.
func FuzzOpen(f *testing.F) {
	var rows []struct{ File []byte }
	readJSON(f, "testdata/headers.json", &rows)
	for _, row := range rows {
		f.Add(row.File)
	}
	whole, err := os.ReadFile("testdata/types.safetensors")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := New("f", bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		var tensors []Tensor
		total := 0
		for _, name := range file.Names() {
			info, err := file.Tensor(name)
			if err != nil {
				t.Fatal(err)
			}
			raw, err := file.Bytes(name)
			if err != nil {
				t.Fatal(err)
			}
			total += len(raw)
			if values, err := file.Float32(name); err == nil && len(values) != info.Elements() {
				t.Fatalf("%v: %d elements", info, len(values))
			}
			if values, err := file.Int64(name); err == nil && len(values) != info.Elements() {
				t.Fatalf("%v: %d elements", info, len(values))
			}
			tensors = append(tensors, OfBytes(name, info.DType, info.Shape, raw))
		}
		if header := int(le.Uint64(data)); lengthBytes+header+total != len(data) {
			t.Fatalf("%d bytes of header and %d of tensors in a file of %d", header, total, len(data))
		}
		var b bytes.Buffer
		if err := Encode(&b, tensors, file.Metadata()); err != nil {
			t.Fatal(err)
		}
		again, err := New("again", bytes.NewReader(b.Bytes()), int64(b.Len()))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(file.Names(), again.Names()); diff != "" {
			t.Fatal(diff)
		}
		for _, name := range again.Names() {
			one, _ := file.Bytes(name)
			two, _ := again.Bytes(name)
			if !bytes.Equal(one, two) || !slices.Equal(file.tensors[name].Shape, again.tensors[name].Shape) {
				t.Fatalf("tensor %q changed", name)
			}
		}
	})
}

// FuzzIndex: never panics, and never names a file outside the folder.
func FuzzIndex(f *testing.F) {
	f.Add([]byte(`{"metadata":{"total_size":2},"weight_map":{"a":"model-00001-of-00002.safetensors","b":"x"}}`))
	f.Add([]byte(`{"weight_map":{"a":"../x"}}`))
	f.Add([]byte(`{"weight_map":{"a":"/etc/passwd"}}`))
	f.Add([]byte(`{"weight_map":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		weights, err := parseIndex(data)
		if err != nil {
			return
		}
		if len(weights) == 0 {
			t.Fatal("accepted, but empty")
		}
		for _, name := range weights {
			if name == "" || name == "." || name == ".." || bytes.ContainsAny([]byte(name), `/\`) {
				t.Fatalf("accepted the file %q", name)
			}
		}
	})
}
