package safetensors

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"unicode/utf8"
)

const (
	lengthBytes    = 8           // the length of the header, little-endian
	maxHeaderBytes = 100_000_000 // the reference's bound
	metadataKey    = "__metadata__"
)

// Info describes a tensor.
type Info struct {
	Name  string
	DType DType
	Shape []int // row-major; empty for a scalar
	// Begin and End are the first byte and the one after the last, counted from the
	// end of the header.
	Begin, End int64
}

// Elements is the product of the shape.
func (i Info) Elements() int {
	n := 1
	for _, d := range i.Shape {
		n *= d
	}
	return n
}

// String names the tensor, its type and its shape, for messages.
func (i Info) String() string { return fmt.Sprintf("tensor %q (%s %v)", i.Name, i.DType, i.Shape) }

// readHeader reads and checks everything before the tensors' bytes. It returns the
// tensors by offset, the metadata, and where the bytes start.
func readHeader(r io.ReaderAt, size int64) (tensors []Info, metadata map[string]string, start int64, err error) {
	var length [lengthBytes]byte
	if size < lengthBytes {
		return nil, nil, 0, fmt.Errorf("%d bytes are too few, a safetensors file begins with 8 for the length of its header (is it still being copied?)", size)
	}
	if _, err := r.ReadAt(length[:], 0); err != nil {
		return nil, nil, 0, err
	}
	n := binary.LittleEndian.Uint64(length[:])
	if n > maxHeaderBytes {
		return nil, nil, 0, fmt.Errorf("the header would be %d bytes long, more than %d: %s", n, maxHeaderBytes, guess(length[:]))
	}
	start = lengthBytes + int64(n)
	if start > size {
		return nil, nil, 0, fmt.Errorf("truncated: %d bytes of the header's %d are missing (copy the file again)", start-size, n)
	}
	header := make([]byte, n)
	if _, err := r.ReadAt(header, lengthBytes); err != nil {
		return nil, nil, 0, err
	}
	tensors, metadata, err = parseHeader(header)
	if err != nil {
		return nil, nil, 0, err
	}
	end, err := checkOffsets(tensors)
	if err != nil {
		return nil, nil, 0, err
	}
	switch got := size - start; {
	case got < end:
		return nil, nil, 0, fmt.Errorf("truncated: %d bytes of %d are missing (copy the file again)", end-got, start+end)
	case got > end:
		return nil, nil, 0, fmt.Errorf("%d bytes after the last tensor belong to none", got-end)
	}
	return tensors, metadata, start, nil
}

// guess says what a file may be whose first bytes are no sensible length.
func guess(first []byte) string {
	switch {
	case bytes.HasPrefix(first, []byte("PK")), first[0] == 0x80:
		return "this looks like a pickle of PyTorch's; save it with safetensors.torch.save_file"
	case bytes.HasPrefix(first, []byte("version ")):
		return "this looks like a pointer of Git LFS; fetch the file itself with git lfs pull"
	case bytes.HasPrefix(first, []byte("GGUF")):
		return "this is a GGUF file; use the model's safetensors"
	}
	return "is this a safetensors file?"
}

// parseHeader reads the JSON object with names as keys.
func parseHeader(header []byte) (tensors []Info, metadata map[string]string, err error) {
	if len(header) == 0 || header[0] != '{' {
		return nil, nil, errors.New("the header does not begin with {: is this a safetensors file?")
	}
	if !utf8.Valid(header) {
		return nil, nil, errors.New("the header is not UTF-8")
	}
	// A decoder rather than a map, so that names given twice are seen.
	d := json.NewDecoder(bytes.NewReader(header))
	if _, err := d.Token(); err != nil {
		return nil, nil, jsonError(err)
	}
	seen := map[string]bool{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, nil, jsonError(err)
		}
		name := key.(string) // the decoder checks that keys are
		if seen[name] {
			return nil, nil, fmt.Errorf("tensor %.200q is described twice", name)
		}
		seen[name] = true
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, nil, jsonError(err)
		}
		if name == metadataKey {
			if metadata, err = parseMetadata(value); err != nil {
				return nil, nil, err
			}
			continue
		}
		info, err := parseInfo(name, value)
		if err != nil {
			return nil, nil, fmt.Errorf("tensor %.200q: %w", name, err)
		}
		tensors = append(tensors, info)
	}
	if _, err := d.Token(); err != nil {
		return nil, nil, jsonError(err)
	}
	if rest := header[d.InputOffset():]; len(bytes.Trim(rest, " \t\r\n")) > 0 {
		return nil, nil, fmt.Errorf("the header has %d bytes after its JSON", len(rest))
	}
	return tensors, metadata, nil
}

func jsonError(err error) error { return fmt.Errorf("the header is not valid JSON: %w", err) }

func parseMetadata(value json.RawMessage) (map[string]string, error) {
	var texts map[string]*string
	if err := json.Unmarshal(value, &texts); err != nil {
		return nil, fmt.Errorf("%s must be texts by name: %w", metadataKey, err)
	}
	metadata := make(map[string]string, len(texts))
	for k, v := range texts {
		if v == nil {
			return nil, fmt.Errorf("%s must be texts by name: %.200q is null", metadataKey, k)
		}
		metadata[k] = *v
	}
	return metadata, nil
}

func parseInfo(name string, value json.RawMessage) (Info, error) {
	var fields map[string]json.RawMessage // not a struct: its keys would match in any case
	if err := json.Unmarshal(value, &fields); err != nil {
		return Info{}, fmt.Errorf("%.40s is not an object", value)
	}
	info := Info{Name: name}
	if err := json.Unmarshal(fields["dtype"], &info.DType); err != nil || info.DType == "" {
		return Info{}, fmt.Errorf("dtype is %s, a text is wanted", shown(fields["dtype"]))
	}
	shape, err := naturals(fields["shape"])
	if err != nil {
		return Info{}, fmt.Errorf("shape is %s, %w", shown(fields["shape"]), err)
	}
	info.Shape = make([]int, len(shape))
	for i, d := range shape {
		if d > math.MaxInt {
			return Info{}, fmt.Errorf("dimension %d of shape %s is too large", i, shown(fields["shape"]))
		}
		info.Shape[i] = int(d)
	}
	offsets, err := naturals(fields["data_offsets"])
	if err != nil {
		return Info{}, fmt.Errorf("data_offsets is %s, %w", shown(fields["data_offsets"]), err)
	}
	if len(offsets) != 2 || offsets[0] > offsets[1] || offsets[1] > math.MaxInt64 {
		return Info{}, fmt.Errorf("data_offsets is %s, [begin, end] is wanted", shown(fields["data_offsets"]))
	}
	info.Begin, info.End = int64(offsets[0]), int64(offsets[1])

	bytes, err := info.DType.size(info.Shape)
	if err != nil {
		return Info{}, err
	}
	if bytes != info.End-info.Begin {
		return Info{}, fmt.Errorf("shape %v of %s takes %d bytes, but data_offsets %d to %d are %d",
			info.Shape, info.DType, bytes, info.Begin, info.End, info.End-info.Begin)
	}
	return info, nil
}

var errNaturals = errors.New("a list of integers from 0 is wanted")

func naturals(raw json.RawMessage) ([]uint64, error) {
	var list []*uint64 // null elements must not pass as 0
	if err := json.Unmarshal(raw, &list); err != nil || list == nil {
		return nil, errNaturals
	}
	ns := make([]uint64, len(list))
	for i, p := range list {
		if p == nil {
			return nil, errNaturals
		}
		ns[i] = *p
	}
	return ns, nil
}

func shown(raw json.RawMessage) string {
	if raw == nil {
		return "missing"
	}
	return fmt.Sprintf("%.60s", raw)
}

// checkOffsets sorts tensors by offset and reports holes and overlaps; end is where
// the last one ends.
func checkOffsets(tensors []Info) (end int64, err error) {
	slices.SortFunc(tensors, func(a, b Info) int {
		return cmp.Or(cmp.Compare(a.Begin, b.Begin), cmp.Compare(a.End, b.End), cmp.Compare(a.Name, b.Name))
	})
	for i, t := range tensors {
		switch {
		case t.Begin > end:
			return 0, fmt.Errorf("%d bytes before tensor %.200q (from %d) belong to none", t.Begin-end, t.Name, t.Begin)
		case t.Begin < end:
			return 0, fmt.Errorf("tensor %.200q (from byte %d) overlaps %.200q (to %d)", t.Name, t.Begin, tensors[i-1].Name, end)
		}
		end = t.End
	}
	return end, nil
}
