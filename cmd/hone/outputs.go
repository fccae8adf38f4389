package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// checkReport finds what is wrong with the file of a report before the work begins.
func checkReport(path string, inputs ...string) error {
	if path == "" {
		return nil
	}
	if path == "-" {
		return usagef("--report names a file, it does not go to standard output")
	}
	for _, in := range inputs {
		if in != "" && (sameFile(in, path) || filepath.Clean(in) == filepath.Clean(path)) {
			return usagef("--report %s is an input or the output: name another file", path)
		}
	}
	return needFolder("--report", path)
}

// checkOutputs refuses files that are named twice, or are there and are not to be replaced;
// an empty path is a file that is not wanted.
func checkOutputs(force bool, paths ...string) error {
	var named []string
	for _, path := range paths {
		if path == "" {
			continue
		}
		for _, other := range named {
			if filepath.Clean(path) == filepath.Clean(other) || sameFile(path, other) {
				return usagef("%s is named twice: every file needs its own name", path)
			}
		}
		named = append(named, path)
		if err := needFolder("the file", path); err != nil {
			return err
		}
		if _, err := os.Lstat(path); err == nil && !force {
			return usagef("%s is there already: name another file, or replace it with --force", path)
		} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// needFolder reports that the folder of a file to write is not there, before the work is done that
// would be written. No file and standard output need none, and folders in made are made on the way.
func needFolder(what, path string, made ...string) error {
	if path == "" || path == "-" {
		return nil
	}
	dir := filepath.Dir(path)
	if slices.ContainsFunc(made, func(m string) bool { return filepath.Clean(m) == dir }) {
		return nil
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return fmt.Errorf("%s %s: there is no folder %s (make it: mkdir -p %s)", what, path, dir, dir)
	}
	return nil
}
