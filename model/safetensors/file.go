// Package safetensors reads and writes files of named tensors in the safetensors
// format (8 bytes of length, a JSON header, the tensors' bytes, little-endian), as
// Hugging Face's reference implementation does and with its checks: nothing overlaps,
// nothing is left over, sizes agree with shapes. Opening a file reads its header
// only. A checkpoint in several files, joined by an index, opens like one.
package safetensors

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// File gives the tensors of a safetensors file, or of several that an index joins.
// Its methods may be called from several goroutines at once.
type File struct {
	path     string // of the file or the index, for errors
	tensors  map[string]entry
	metadata map[string]string
	closers  []io.Closer
}

// entry is where a tensor is.
type entry struct {
	Info
	path  string
	data  io.ReaderAt
	start int64 // of the tensors' bytes in data
}

// Open opens the file at path and reads its header. Errors name the file, the tensor
// and the numbers that do not agree.
func Open(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	size, err := fileSize(f)
	if err != nil {
		f.Close()
		return nil, err
	}
	file, err := New(path, f, size)
	if err != nil {
		f.Close()
		return nil, err
	}
	file.closers = append(file.closers, f)
	return file, nil
}

// fileSize refuses what is no plain file: a folder's size says nothing, and a pipe
// cannot be read at an offset.
func fileSize(f *os.File) (int64, error) {
	s, err := f.Stat()
	if err != nil {
		return 0, err
	}
	if !s.Mode().IsRegular() {
		return 0, fmt.Errorf("%s is not a plain file", f.Name())
	}
	return s.Size(), nil
}

// New reads the header of the size bytes of r, which path names in errors.
func New(path string, r io.ReaderAt, size int64) (*File, error) {
	tensors, metadata, start, err := readHeader(r, size)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	f := &File{path: path, metadata: metadata, tensors: make(map[string]entry, len(tensors))}
	for _, t := range tensors {
		f.tensors[t.Name] = entry{t, path, r, start}
	}
	return f, nil
}

// Close closes the files. Tensors that were read stay.
func (f *File) Close() error {
	var first error
	for _, c := range f.closers {
		if err := c.Close(); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// Path is the file, or the index that joins several.
func (f *File) Path() string { return f.path }

// Names are the tensors' names, sorted.
func (f *File) Names() []string { return slices.Sorted(maps.Keys(f.tensors)) }

// Metadata are the texts under __metadata__; of several files, the first's.
func (f *File) Metadata() map[string]string { return maps.Clone(f.metadata) }

// Tensor describes the tensor of that name.
func (f *File) Tensor(name string) (Info, error) {
	e, err := f.find(name)
	return e.Info, err
}

func (f *File) find(name string) (entry, error) {
	e, ok := f.tensors[name]
	if ok {
		return e, nil
	}
	// Names differ in a prefix more often than in a letter: "model.", "transformer.".
	for _, other := range f.Names() {
		if strings.HasSuffix(other, "."+name) || strings.HasSuffix(name, "."+other) {
			return e, fmt.Errorf("%s: tensor %q is missing (there is %q)", f.path, name, other)
		}
	}
	return e, fmt.Errorf("%s: tensor %q is missing among its %d", f.path, name, len(f.tensors))
}

// OpenFolder opens the checkpoint in dir: model.safetensors, or the files that
// model.safetensors.index.json lists.
func OpenFolder(dir string) (*File, error) {
	single := filepath.Join(dir, "model.safetensors")
	if exists(single) {
		return Open(single)
	}
	if index := single + ".index.json"; exists(index) {
		return openIndex(index)
	}
	if s, err := os.Stat(dir); err != nil {
		return nil, err
	} else if !s.IsDir() {
		return nil, fmt.Errorf("%s is not a folder", dir)
	}
	hint := "is this a model's folder?"
	others, err := filepath.Glob(filepath.Join(escapeGlob(dir), "*"))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	for _, path := range others {
		switch name := filepath.Base(path); {
		case strings.HasSuffix(name, ".safetensors"):
			return nil, fmt.Errorf("%s has no model.safetensors and no index; there is %s (rename it if it is the whole model)", dir, name)
		case strings.HasSuffix(name, ".bin"), strings.HasSuffix(name, ".pt"), strings.HasSuffix(name, ".pth"):
			hint = "there is " + name + ", a pickle, which Hone does not read: load it with transformers and save_pretrained it"
		}
	}
	return nil, fmt.Errorf("%s has no model.safetensors and no model.safetensors.index.json: %s", dir, hint)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// escapeGlob makes a path match itself only.
func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}
