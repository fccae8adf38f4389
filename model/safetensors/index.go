package safetensors

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// openIndex opens the files that an index lists. The index decides: a tensor of a
// file that it does not list is not there.
func openIndex(path string) (_ *File, err error) {
	weights, err := readIndex(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var names, missing []string
	for _, name := range weights {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	dir := filepath.Dir(path)
	for _, name := range names {
		if !exists(filepath.Join(dir, name)) {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("%s: %d of its %d files are missing: %s (copy them too)", path, len(missing), len(names), listed(missing))
	}

	all := &File{path: path, tensors: make(map[string]entry, len(weights))}
	defer func() {
		if err != nil {
			all.Close()
		}
	}()
	parts := make(map[string]*File, len(names))
	for i, name := range names {
		part, err := Open(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		all.closers = append(all.closers, part)
		parts[name] = part
		if i == 0 {
			all.metadata = part.metadata
		}
	}
	for tensor, name := range weights {
		e, ok := parts[name].tensors[tensor]
		if !ok {
			missing = append(missing, fmt.Sprintf("%q in %s", tensor, name))
		}
		all.tensors[tensor] = e
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		return nil, fmt.Errorf("%s: %d of its %d tensors are not where it says: %s", path, len(missing), len(weights), listed(missing))
	}
	return all, nil
}

// readIndex returns the file of each tensor.
func readIndex(path string) (map[string]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxHeaderBytes+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxHeaderBytes {
		return nil, fmt.Errorf("more than %d bytes are no index", maxHeaderBytes)
	}
	return parseIndex(data)
}

func parseIndex(data []byte) (map[string]string, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return nil, fmt.Errorf("not a JSON object: %w", err)
	}
	var weights map[string]string
	if err := json.Unmarshal(fields["weight_map"], &weights); err != nil || len(weights) == 0 {
		return nil, fmt.Errorf(`"weight_map" is %s, file names by tensor are wanted`, shown(fields["weight_map"]))
	}
	for tensor, name := range weights {
		// Nothing outside the folder is read, whoever wrote the index.
		if name == "." || !filepath.IsLocal(name) || strings.ContainsAny(name, `/\`) {
			return nil, fmt.Errorf("tensor %.200q is in %.200q, which is not the name of a file beside the index", tensor, name)
		}
	}
	return weights, nil
}

// listed joins the first few of items.
func listed(items []string) string {
	const few = 5
	if len(items) <= few {
		return strings.Join(items, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(items[:few], ", "), len(items)-few)
}
