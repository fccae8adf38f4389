package corpus

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
)

// folder is a tree of source files, gone through in the order of their names.
type folder struct {
	root   string
	config SourceConfig
	debian map[string]string // files to Debian packages; nil unless asked for
}

// containers are folders that hold projects and are none.
var containers = map[string]bool{
	"dist-packages": true, "site-packages": true, "lib-dynload": true, "src": true, "lib": true,
}

// walk visits the files that are documents by name.
func (f *folder) walk(each func(path string, e fs.DirEntry) error) error {
	root, err := filepath.EvalSymlinks(f.root)
	if err != nil {
		return err
	}
	return filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && path != root && hidden(e.Name()):
			return filepath.SkipDir
		case !e.Type().IsRegular() || !f.matches(e.Name()):
			return nil // links too: what they lead to is elsewhere, or here already
		}
		return each(path, e)
	})
}

func hidden(dir string) bool {
	return strings.HasPrefix(dir, ".") || dir == "__pycache__" || dir == "node_modules"
}

func (f *folder) matches(name string) bool {
	for _, p := range f.config.Files {
		if ok, _ := filepath.Match(p, name); ok {
			return true
		}
	}
	return false
}

func (f *folder) fingerprint() (string, error) {
	h := sha256.New()
	err := f.walk(func(path string, e fs.DirEntry) error {
		info, err := e.Info()
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(h, "%q %d %d\n", path, info.Size(), info.ModTime().UnixNano())
		return err
	})
	return hex.EncodeToString(h.Sum(nil)), err
}

func (f *folder) documents(ctx context.Context, skip skipFunc) iter.Seq2[Document, error] {
	return func(yield func(Document, error) bool) {
		root, _ := filepath.EvalSymlinks(f.root)
		err := f.walk(func(path string, e fs.DirEntry) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			raw, err := os.ReadFile(path)
			if err != nil {
				skip(path, skipUnreadable, 0)
				return nil
			}
			d := Document{Source: f.config.Path, Path: path, Project: f.project(root, path), Text: string(raw)}
			if !yield(d, nil) {
				return fs.SkipAll
			}
			return nil
		})
		if err != nil {
			yield(Document{}, fmt.Errorf("corpus source %s: %w", f.config.Path, err))
		}
	}
}

// project is the Debian package of a file, or the top-level folder or file it is in,
// containers of projects aside.
func (f *folder) project(root, path string) string {
	if p, ok := f.debian[path]; ok {
		return p
	}
	rel, err := filepath.Rel(root, path)
	if err != nil || rel == "." { // the root is a file
		rel = filepath.Base(path)
	}
	parts := strings.Split(filepath.ToSlash(rel), "/")
	for len(parts) > 1 && containers[parts[0]] {
		parts = parts[1:]
	}
	return strings.TrimSuffix(parts[0], filepath.Ext(parts[0]))
}
