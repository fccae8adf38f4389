package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"hone/internal/words"
	"hone/source"
)

// findPrograms lists the programs that arguments stand for, folders in the order of names.
// anyName says that the language does not depend on the names.
func findPrograms(args []string, anyName bool) ([]string, error) {
	var files []string
	for _, arg := range args {
		if arg == "-" {
			files = append(files, arg)
			continue
		}
		info, err := os.Stat(arg)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, usagef("%s does not exist%s", arg, neighbour(arg))
		case err != nil:
			return nil, usagef("%v", err)
		case info.IsDir():
			found, err := programsIn(arg)
			if err != nil {
				return nil, err
			}
			files = append(files, found...)
		case !info.Mode().IsRegular():
			return nil, usagef("%s is no file or folder", arg)
		default:
			if err := knownLanguage(arg); err != nil && !anyName {
				return nil, err
			}
			files = append(files, filepath.Clean(arg))
		}
	}
	return files, nil
}

// neighbour names what in the folder of a missing file has the most similar name.
func neighbour(path string) string {
	dir := filepath.Dir(path)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Sprintf(", nor does the folder %s", dir)
	}
	var names []string
	for _, e := range entries {
		if _, ok := source.LanguageOf(e.Name()); ok || e.IsDir() {
			names = append(names, e.Name())
		}
	}
	base := filepath.Base(path)
	name := words.Nearest(base, names)
	if name == "" || words.Distance(strings.ToLower(name), strings.ToLower(base)) > 1+len(base)/3 {
		return ""
	}
	return fmt.Sprintf(" (is %s meant?)", filepath.Join(dir, name))
}

// knownLanguage is an error for a file whose name, and first line, do not say that it is a
// program that is understood.
func knownLanguage(path string) error {
	if _, ok := source.LanguageOf(path); ok {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return usagef("%v", err)
	}
	defer f.Close()
	head := make([]byte, 8000)
	n, _ := f.Read(head)
	head = head[:n]
	if err := notText(head); err != nil {
		return usagef("%s is no program: %v", path, err)
	}
	first, _, _ := bytes.Cut(head, []byte("\n"))
	if bytes.HasPrefix(first, []byte("#!")) && bytes.Contains(first, []byte("python")) {
		return nil
	}
	return usagef("%s: its name does not say which language it is (--lang python, c or java does)", path)
}

// programsIn lists the programs in a folder and the folders in it. What begins with a dot,
// caches and links are passed over.
func programsIn(root string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		name := d.Name()
		switch {
		case err != nil && path == root:
			return usagef("%v", err)
		case err != nil:
			return nil // a folder that may not be read
		case path == root:
			return nil
		case d.IsDir() && (strings.HasPrefix(name, ".") || name == "__pycache__" || name == "node_modules"):
			return fs.SkipDir
		case d.Type().IsRegular():
			if _, ok := source.LanguageOf(name); ok {
				files = append(files, path)
			}
		}
		return nil
	})
	if err == nil && len(files) == 0 {
		err = usagef("there are no programs in the folder %s (.py, .pyi, .pyw, .c, .h, .java)", root)
	}
	return files, err
}

// readProgram reads a file that is not too large.
func readProgram(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err == nil && info.Size() > source.MaxSize {
		return nil, fmt.Errorf("it has %d MiB, at most %d are read", info.Size()>>20, source.MaxSize>>20)
	}
	src, err := os.ReadFile(path)
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err // the path is said anyway
	}
	return src, err
}

// notText is an error for what is not the text of a program.
func notText(data []byte) error {
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")):
		return errors.New("it is UTF-16; Python reads UTF-8")
	case bytes.IndexByte(data[:min(len(data), 8000)], 0) >= 0:
		return errors.New("it is binary")
	}
	return nil
}
