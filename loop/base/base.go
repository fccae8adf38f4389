// Package base is the small model that comes with Hone: a Transformer of 2.4 million
// parameters that writes Python functions and programs for a kitchen robot from one line of
// English, trained from nothing by recipes/graded-base.yaml. docs/base.md says what it can do.
package base

import (
	"embed"
	"io/fs"
	"os"
	"path/filepath"

	"hone/store"
)

//go:embed model
var files embed.FS

// Write writes the model's files, in the Hugging Face layout, into a folder; those that are
// there already and the same are left alone.
func Write(dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	entries, err := files.ReadDir("model")
	if err != nil {
		return err
	}
	for _, e := range entries {
		raw, err := fs.ReadFile(files, "model/"+e.Name())
		if err != nil {
			return err
		}
		path := filepath.Join(dir, e.Name())
		if had, err := os.ReadFile(path); err == nil && string(had) == string(raw) {
			continue
		}
		if err := store.WriteFile(path, raw, 0o666); err != nil {
			return err
		}
	}
	return nil
}
