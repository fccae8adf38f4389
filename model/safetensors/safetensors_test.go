package safetensors

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func open(t testing.TB, path string) *File {
	t.Helper()
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func readJSON(t testing.TB, path string, v any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, v); err != nil {
		t.Fatal(err)
	}
}

// fails wants an error that says every one of texts.
func fails(t testing.TB, err error, texts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, wanted %q", texts)
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("error %q does not say %q", err, text)
		}
	}
}

// A file that the reference wrote: every type, every value.
func TestReadsReference(t *testing.T) {
	f := open(t, "testdata/types.safetensors")
	var values map[string][]string
	readJSON(t, "testdata/types.json", &values)
	if len(values) != 18 || len(f.Names()) != 19 {
		t.Fatalf("%d values of %d tensors", len(values), len(f.Names()))
	}
	if diff := cmp.Diff(map[string]string{"format": "pt"}, f.Metadata()); diff != "" {
		t.Error(diff)
	}
	for name, want := range values {
		info, err := f.Tensor(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Elements() != len(want) {
			t.Errorf("%v has %d elements, want %d", info, info.Elements(), len(want))
			continue
		}
		switch info.DType {
		case Float32, Float16, BFloat16, Float64:
			if name == "f64" {
				continue // TestFloat64
			}
			got, err := f.Float32(name)
			if err != nil {
				t.Fatal(err)
			}
			for i, text := range want {
				w, err := strconv.ParseFloat(text, 64) // exactly a float32
				if err != nil {
					t.Fatal(err)
				}
				if v := got[i]; float64(v) != w && !(v != v && w != w) || math.Signbit(float64(v)) != math.Signbit(w) && w == w {
					t.Errorf("%v element %d: %v, want %v", info, i, v, w)
				}
			}
		default:
			got, err := f.Int64(name)
			if err != nil {
				t.Fatal(err)
			}
			for i, text := range want {
				if s := strconv.FormatInt(got[i], 10); s != text {
					t.Errorf("%v element %d: %s, want %s", info, i, s, text)
				}
			}
		}
	}
	for name, shape := range map[string][]int{"f32": {2, 13}, "scalar": {}, "empty": {0, 4}, "i8": {2, 2}} {
		if info, err := f.Tensor(name); err != nil || !slices.Equal(info.Shape, shape) {
			t.Errorf("%v %v, want shape %v", info, err, shape)
		}
	}
}

func TestFloat64(t *testing.T) {
	f := open(t, "testdata/types.safetensors")
	_, err := f.Float32("f64")
	fails(t, err, "types.safetensors", `tensor "f64" (F64 [4])`, "-1e+300 is beyond float32's range")

	g := memory(t, OfBytes("x", Float64, []int{3}, le.AppendUint64(le.AppendUint64(le.AppendUint64(nil,
		math.Float64bits(0.1)), math.Float64bits(math.Inf(-1))), math.Float64bits(1e-300))))
	if got, err := g.Float32("x"); err != nil || !slices.Equal(got, []float32{0.1, float32(math.Inf(-1)), 0}) {
		t.Error(got, err)
	}
}

// What Hone writes from the same tensors is what the reference wrote, byte for byte:
// here every type, and a model that transformers saved.
func TestWritesAsReference(t *testing.T) {
	for _, path := range []string{
		"testdata/types.safetensors", "../testdata/gpt2/model.safetensors", "../testdata/llama/golden.safetensors",
	} {
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f := open(t, path)
		var tensors []Tensor
		for _, name := range f.Names() {
			info, err := f.Tensor(name)
			if err != nil {
				t.Fatal(err)
			}
			data, err := f.Bytes(name)
			if err != nil {
				t.Fatal(err)
			}
			tensors = append(tensors, OfBytes(name, info.DType, info.Shape, data))
		}
		rand.New(rand.NewPCG(1, 2)).Shuffle(len(tensors), func(i, j int) { tensors[i], tensors[j] = tensors[j], tensors[i] })
		out := filepath.Join(t.TempDir(), "out.safetensors")
		if err := Write(out, tensors, f.Metadata()); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes that differ from the reference's %d", path, len(got), len(want))
		}
	}
}

// Rounding to 16 bits is torch's; the numbers are the F32 of the same file.
func TestRounding(t *testing.T) {
	f := open(t, "testdata/types.safetensors")
	values, err := f.Float32("f32")
	if err != nil {
		t.Fatal(err)
	}
	shape := []int{len(values)}
	g := memory(t, OfBFloat16("bf16", shape, values), OfFloat16("f16", shape, values))
	for _, name := range []string{"bf16", "f16"} {
		want, err := f.Bytes(name + ".rounded")
		if err != nil {
			t.Fatal(err)
		}
		got, err := g.Bytes(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range values {
			if g, w := le.Uint16(got[2*i:]), le.Uint16(want[2*i:]); g != w {
				t.Errorf("%v as %s: %04x, want %04x", v, name, g, w)
			}
		}
	}
	for _, bits := range []uint32{0x7f800001, 0xffffffff, 0x7fc00000} {
		nan := math.Float32frombits(bits)
		if b := bfloat16(nan); b&0x7f80 != 0x7f80 || b&0x7f == 0 {
			t.Errorf("NaN %x became %x", bits, b)
		}
		if h := halfToFloat32(float16(nan)); h == h {
			t.Errorf("NaN %x became %v", bits, h)
		}
	}
	for h := range 1 << 16 { // every half is itself
		if f := halfToFloat32(uint16(h)); f == f && float16(f) != uint16(h) {
			t.Fatalf("%04x became %04x by way of %v", h, float16(f), f)
		}
	}
}

// Of each small file, most of them wrong, our opinion is the reference's, except where the
// format's description is stricter than its implementation.
func TestHeadersAsReference(t *testing.T) {
	stricter := map[string]string{
		"padded in front": "does not begin with {",
		"same name twice": `"x" is described twice`,
	}
	var rows []struct {
		Name, Reference string
		File            []byte
		Accepted        bool
	}
	readJSON(t, "testdata/headers.json", &rows)
	if len(rows) < 55 {
		t.Fatalf("%d rows", len(rows))
	}
	for _, row := range rows {
		t.Run(row.Name, func(t *testing.T) {
			_, err := New("f", bytes.NewReader(row.File), int64(len(row.File)))
			if text, ok := stricter[row.Name]; ok {
				fails(t, err, text)
			} else if (err == nil) != row.Accepted {
				t.Errorf("%v; the reference: %v %s", err, row.Accepted, row.Reference)
			}
		})
	}
}

func TestErrorsSayWhatAndHowMuch(t *testing.T) {
	whole, err := os.ReadFile("testdata/types.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	length := func(n uint64) []byte { return le.AppendUint64(nil, n) }
	header := func(json string, data int) []byte {
		return append(append(length(uint64(len(json))), json...), make([]byte, data)...)
	}
	for _, test := range []struct {
		name string
		file []byte
		want []string
	}{
		{"truncated", whole[:len(whole)-5], []string{"truncated: 5 bytes of " + strconv.Itoa(len(whole)) + " are missing", "copy the file again"}},
		{"truncated in the header", whole[:100], []string{"bytes of the header's", "are missing"}},
		{"longer", append(slices.Clone(whole), 1, 2), []string{"2 bytes after the last tensor belong to none"}},
		{"short", whole[:7], []string{"7 bytes are too few"}},
		{"pickle", []byte("PK\x03\x04rest of it"), []string{"more than 100000000", "pickle of PyTorch's", "save_file"}},
		{"git lfs", []byte("version https://git-lfs"), []string{"pointer of Git LFS", "git lfs pull"}},
		{"GGUF", []byte("GGUF\x03\x00\x00\x00\x01"), []string{"GGUF"}},
		{"size", header(`{"w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,20]}}`, 20), []string{`tensor "w": shape [2 3] of F32 takes 24 bytes, but data_offsets 0 to 20 are 20`}},
		{"type", header(`{"w":{"dtype":"F31","shape":[2,3],"data_offsets":[0,20]}}`, 20), []string{`tensor "w": type "F31" is unknown`}},
		{"hole", header(`{"w":{"dtype":"U8","shape":[1],"data_offsets":[3,4]}}`, 4), []string{`3 bytes before tensor "w" (from 3) belong to none`}},
		{"overlap", header(`{"v":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"w":{"dtype":"U8","shape":[2],"data_offsets":[3,5]}}`, 5), []string{`tensor "w" (from byte 3) overlaps "v" (to 4)`}},
		{"overflow", header(`{"w":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}`, 0), []string{"is larger than any file"}},
		{"shape", header(`{"w":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}`, 8), []string{`tensor "w": shape is 2, a list of integers from 0 is wanted`}},
		{"missing", header(`{"w":{"dtype":"F32","shape":[2]}}`, 8), []string{`data_offsets is missing`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "m.safetensors")
			if err := os.WriteFile(path, test.file, 0o644); err != nil {
				t.Fatal(err)
			}
			_, err := Open(path)
			fails(t, err, append(test.want, path)...)
		})
	}
	_, err = Open(t.TempDir())
	fails(t, err, "not a plain file")
	_, err = Open(filepath.Join(t.TempDir(), "none"))
	fails(t, err, "no such file")
}

func TestReadRefuses(t *testing.T) {
	f := memory(t,
		OfFloat32("model.a.weight", []int{2, 2}, []float32{1, 2, 3, 4}),
		OfInt64("big", []int{2}, []int64{1 << 53, 1<<53 + 1}),
		OfInt64("edge", []int{1}, []int64{math.MaxInt64}),
		OfBytes("u", Uint64, []int{1}, bytes.Repeat([]byte{0xff}, 8)),
		OfBytes("f8", "F8_E4M3", []int{2}, []byte{1, 2}),
	)
	_, err := f.Float32("a.weight")
	fails(t, err, `tensor "a.weight" is missing (there is "model.a.weight")`)
	_, err = f.Tensor("b")
	fails(t, err, `tensor "b" is missing among its 5`)
	_, err = f.Bytes("b")
	fails(t, err, `"b" is missing`)
	fails(t, f.ReadFloat32("model.a.weight", make([]float32, 3)), `(F32 [2 2]) has 4 elements, 3 are wanted`)
	_, err = f.Float32("big")
	fails(t, err, "no float32 equals 9007199254740993")
	_, err = f.Float32("edge")
	fails(t, err, "no float32 equals 9223372036854775807")
	_, err = f.Int64("u")
	fails(t, err, "18446744073709551615 is beyond int64's range")
	_, err = f.Float32("f8")
	fails(t, err, `"f8" (F8_E4M3 [2]) cannot be read as numbers`)
	_, err = f.Int64("model.a.weight")
	fails(t, err, "cannot be read as integers")
}

// A file that changes under us is an error, not zeros.
func TestFileShrinksWhileOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.safetensors")
	if err := Write(path, []Tensor{OfFloat32("w", []int{1000}, make([]float32, 1000))}, nil); err != nil {
		t.Fatal(err)
	}
	f := open(t, path)
	if err := os.Truncate(path, 2000); err != nil {
		t.Fatal(err)
	}
	_, err := f.Float32("w")
	fails(t, err, path, `tensor "w"`, "became shorter")
}

func TestWriteRefuses(t *testing.T) {
	w := OfFloat32("w", []int{2}, []float32{1, 2})
	for _, test := range []struct {
		tensors []Tensor
		want    string
	}{
		{[]Tensor{w, w}, `tensor "w" is given twice`},
		{[]Tensor{OfFloat32("w", []int{3}, []float32{1, 2})}, "shape [3] of F32 takes 12 bytes, but the data has 8"},
		{[]Tensor{OfFloat32("w", []int{-1, -2}, []float32{1, 2})}, "negative dimension"},
		{[]Tensor{OfFloat32("__metadata__", []int{2}, []float32{1, 2})}, "cannot be called"},
		{[]Tensor{OfFloat32("a\xff", []int{2}, []float32{1, 2})}, "not UTF-8"},
		{[]Tensor{OfBytes("w", "F33", []int{2}, nil)}, `type "F33" is unknown`},
	} {
		path := filepath.Join(t.TempDir(), "m")
		fails(t, Write(path, test.tensors, nil), test.want, path)
		if _, err := os.Stat(path); err == nil {
			t.Error("there is a file all the same")
		}
	}
}

// broken fails after n bytes.
type broken struct{ n int }

func (b *broken) Write(p []byte) (int, error) {
	if len(p) > b.n {
		return b.n, errors.New("disk full")
	}
	b.n -= len(p)
	return len(p), nil
}

func TestEncodePassesErrorsOn(t *testing.T) {
	tensors := []Tensor{OfFloat32("w", []int{100_000}, make([]float32, 100_000)), OfInt8("v", []int{3}, make([]int8, 3))}
	var whole bytes.Buffer
	if err := Encode(&whole, tensors, nil); err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 8, 1000, 200_000, whole.Len() - 1} {
		fails(t, Encode(&broken{n}, tensors, nil), "disk full")
	}
	if err := Encode(&broken{whole.Len()}, tensors, nil); err != nil {
		t.Error(err)
	}
}

// Write leaves the file as it was where writing fails.
func TestWriteIsAtomic(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "m.safetensors")
	if err := Write(path, []Tensor{OfInt8("old", []int{1}, []int8{1})}, nil); err != nil {
		t.Fatal(err)
	}
	bad := OfInt8("new", []int{1}, []int8{1})
	bad.write = func(io.Writer) error { return errors.New("disk full") }
	fails(t, Write(path, []Tensor{bad}, nil), path, "disk full")
	if got := open(t, path).Names(); !slices.Equal(got, []string{"old"}) {
		t.Error(got)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Error(entries, err)
	}
}

// memory is a file of tensors that is not on disk.
func memory(t interface {
	Helper()
	Fatal(...any)
}, tensors ...Tensor,
) *File {
	t.Helper()
	var b bytes.Buffer
	if err := Encode(&b, tensors, nil); err != nil {
		t.Fatal(err)
	}
	f, err := New("memory", bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// What is written is read again, whatever the types, shapes and names.
func TestWriteReadIdentity(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type item struct {
			Shape []int
			Ints  []int64
		}
		items := rapid.MapOf(
			rapid.String().Filter(func(s string) bool { return s != metadataKey }),
			rapid.Custom(func(t *rapid.T) item {
				shape := rapid.SliceOfN(rapid.IntRange(0, 5), 0, 4).Draw(t, "shape")
				n := Info{Shape: shape}.Elements()
				return item{shape, rapid.SliceOfN(rapid.Int64Range(-128, 127), n, n).Draw(t, "ints")}
			})).Draw(t, "items")
		kinds := map[string]DType{}
		var tensors []Tensor
		for name, it := range items {
			kind := rapid.SampledFrom([]DType{Float32, BFloat16, Float16, Int8, Int32, Int64}).Draw(t, "kind")
			kinds[name] = kind
			switch kind {
			case Float32:
				tensors = append(tensors, OfFloat32(name, it.Shape, as[float32](it.Ints)))
			case BFloat16: // has 8 bits: exact
				tensors = append(tensors, OfBFloat16(name, it.Shape, as[float32](it.Ints)))
			case Float16:
				tensors = append(tensors, OfFloat16(name, it.Shape, as[float32](it.Ints)))
			case Int8:
				tensors = append(tensors, OfInt8(name, it.Shape, as[int8](it.Ints)))
			case Int32:
				tensors = append(tensors, OfInt32(name, it.Shape, as[int32](it.Ints)))
			case Int64:
				tensors = append(tensors, OfInt64(name, it.Shape, it.Ints))
			}
		}
		f := memory(t, tensors...)
		if len(f.Names()) != len(items) {
			t.Fatalf("%d tensors, want %d", len(f.Names()), len(items))
		}
		for name, it := range items {
			info, err := f.Tensor(name)
			if err != nil {
				t.Fatal(err)
			}
			if info.DType != kinds[name] || !slices.Equal(info.Shape, it.Shape) {
				t.Fatalf("%v, want %s %v", info, kinds[name], it.Shape)
			}
			if width := 8 * (info.End - info.Begin); info.Elements() > 0 && (lengthBytes+info.Begin)*8%(width/int64(info.Elements())) != 0 {
				t.Fatalf("%v is not aligned", info)
			}
			got, err := f.Float32(name)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, as[float32](it.Ints)) {
				t.Fatalf("%v: %v, want %v", info, got, it.Ints)
			}
			if slices.Contains([]DType{Int8, Int32, Int64}, info.DType) {
				if got, err := f.Int64(name); err != nil || !slices.Equal(got, it.Ints) {
					t.Fatalf("%v: %v, want %v (%v)", info, got, it.Ints, err)
				}
			}
		}
	})
}

func as[T float32 | int8 | int32](ints []int64) []T {
	out := make([]T, len(ints))
	for i, v := range ints {
		out[i] = T(v)
	}
	return out
}

// A tensor of more than a buffer, read in pieces.
func TestLargeTensor(t *testing.T) {
	const n = chunkBytes/4*2 + 12345
	rng := rand.New(rand.NewPCG(3, 4))
	values := make([]float32, n)
	for i := range values {
		values[i] = float32(rng.NormFloat64())
	}
	path := filepath.Join(t.TempDir(), "m.safetensors")
	if err := Write(path, []Tensor{OfFloat32("w", []int{n}, values), OfBFloat16("b", []int{n}, values)}, map[string]string{"b": "1", "a": "2"}); err != nil {
		t.Fatal(err)
	}
	f := open(t, path)
	if got, err := f.Float32("w"); err != nil || !slices.Equal(got, values) {
		t.Errorf("%v, or values differ", err)
	}
	got, err := f.Float32("b")
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range values {
		if math.Abs(float64(got[i]-v)) > math.Abs(float64(v))/256 {
			t.Fatalf("element %d: %v became %v", i, v, got[i])
		}
	}
}

func TestOpenFolder(t *testing.T) {
	dir := t.TempDir()
	one := []Tensor{OfInt8("a", []int{1}, []int8{1}), OfInt8("unlisted", []int{1}, []int8{1})}
	two := []Tensor{OfInt8("b", []int{1}, []int8{2})}
	write := func(dir, name string, tensors []Tensor) {
		if err := Write(filepath.Join(dir, name), tensors, map[string]string{"format": "pt"}); err != nil {
			t.Fatal(err)
		}
	}
	index := func(dir, text string) {
		if err := os.WriteFile(filepath.Join(dir, "model.safetensors.index.json"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(dir, "model-00001-of-00002.safetensors", one)
	_, err := OpenFolder(dir)
	fails(t, err, "there is model-00001-of-00002.safetensors")

	good := `{"metadata":{"total_size":2},"weight_map":{"a":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors"}}`
	index(dir, good)
	_, err = OpenFolder(dir)
	fails(t, err, "index.json: 1 of its 2 files are missing: model-00002-of-00002.safetensors")

	write(dir, "model-00002-of-00002.safetensors", two)
	f, err := OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got := f.Names(); !slices.Equal(got, []string{"a", "b"}) {
		t.Error(got)
	}
	for name, want := range map[string]int64{"a": 1, "b": 2} {
		if got, err := f.Int64(name); err != nil || !slices.Equal(got, []int64{want}) {
			t.Errorf("%s: %v %v", name, got, err)
		}
	}
	if f.Metadata()["format"] != "pt" {
		t.Error(f.Metadata())
	}

	for _, test := range []struct{ name, index, want string }{
		{"a tensor elsewhere", strings.Replace(good, `"b"`, `"c"`, 1), `1 of its 2 tensors are not where it says: "c" in model-00002-of-00002.safetensors`},
		{"outside", strings.Replace(good, "model-00002", "../model-00002", 1), `"../model-00002-of-00002.safetensors", which is not the name of a file beside the index`},
		{"parent", strings.Replace(good, "model-00002-of-00002.safetensors", "..", 1), "not the name of a file"},
		{"empty", strings.Replace(good, "model-00002-of-00002.safetensors", "", 1), "not the name of a file"},
		{"no JSON", good[:40], "not a JSON object"},
		{"no map", `{"metadata":{}}`, `"weight_map" is missing`},
		{"empty map", `{"weight_map":{}}`, `"weight_map" is {}`},
		{"a number", `{"weight_map":{"a":1}}`, `"weight_map" is {"a":1}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			index(dir, test.index)
			_, err := OpenFolder(dir)
			fails(t, err, test.want, dir)
		})
	}

	index(dir, good)
	data, err := os.ReadFile(filepath.Join(dir, "model-00001-of-00002.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "model-00002-of-00002.safetensors"), data[:len(data)-1], 0o644); err != nil {
		t.Fatal(err)
	}
	_, err = OpenFolder(dir)
	fails(t, err, "model-00002-of-00002.safetensors", "truncated: 1 bytes")

	// One whole file comes first.
	write(dir, "model.safetensors", two)
	g, err := OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	if got := g.Names(); !slices.Equal(got, []string{"b"}) {
		t.Error(got)
	}
}

func TestOpenFolderOfSomethingElse(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a[b")
	_, err := OpenFolder(dir)
	fails(t, err, dir, "no such file")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	_, err = OpenFolder(dir)
	fails(t, err, "has no model.safetensors", "is this a model's folder?")
	path := filepath.Join(dir, "pytorch_model.bin")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err = OpenFolder(dir)
	fails(t, err, "there is pytorch_model.bin, a pickle")
	_, err = OpenFolder(path)
	fails(t, err, "is not a folder")
}

func ExampleFile() {
	var b bytes.Buffer
	weights := OfBFloat16("weight", []int{2, 2}, []float32{1, 2, 3, 4})
	if err := Encode(&b, []Tensor{weights}, map[string]string{"format": "pt"}); err != nil {
		fmt.Println(err)
		return
	}
	f, err := New("example", bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer f.Close()
	info, _ := f.Tensor("weight")
	values, err := f.Float32("weight")
	fmt.Println(info, values, err)
	// Output: tensor "weight" (BF16 [2 2]) [1 2 3 4] <nil>
}
