package main

import (
	"bufio"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"

	"hone/problem"
)

// sampleFile is a file of samples, which is read twice: once to hash and count it, once to judge.
type sampleFile struct {
	name string
	file *os.File
	size int64
}

// openSamples opens path, or standard input where path is "-". What cannot be read
// twice (a pipe) is copied to a temporary file first.
func openSamples(path string) (*sampleFile, error) {
	s := &sampleFile{name: path, file: os.Stdin}
	if path == "-" {
		s.name = "stdin"
	} else if f, err := os.Open(path); err != nil {
		return nil, explainOpen("--samples", err)
	} else {
		s.file = f
	}
	info, err := s.file.Stat()
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, fmt.Errorf("--samples: %s is a folder; name a file in it", path)
	case info.Mode().IsRegular() && path != "-":
		s.size = info.Size()
		return s, nil
	}
	return s, s.spool()
}

func (s *sampleFile) spool() error {
	f, err := os.CreateTemp("", "hone-samples-*.jsonl")
	if err != nil {
		return fmt.Errorf("copy of %s: %w (TMPDIR names another folder for it)", s.name, err)
	}
	_ = os.Remove(f.Name()) // it stays open, and is gone when we are
	if s.size, err = io.Copy(f, s.file); err != nil {
		f.Close()
		return fmt.Errorf("copy %s to %s: %w (TMPDIR names another folder for it)", s.name, f.Name(), err)
	}
	s.file.Close()
	s.file = f
	return nil
}

func (s *sampleFile) close() { s.file.Close() }

func (s *sampleFile) reader() io.Reader { return io.NewSectionReader(s.file, 0, s.size) }

func (s *sampleFile) programs() iter.Seq2[problem.Program, error] {
	return problem.ReadSamples(s.reader(), s.name)
}

// scan hashes the file and counts the programs that will be judged. With strict
// the first bad row is an error, before anything was run.
func (s *sampleFile) scan(suite *suite, strict bool) (digest []byte, programs int, err error) {
	h := sha256.New()
	if _, err := io.Copy(h, bufio.NewReaderSize(s.reader(), 1<<20)); err != nil {
		return nil, 0, fmt.Errorf("%s: %w", s.name, err)
	}
	var first error
	for p, err := range s.programs() {
		if err == nil {
			_, err = suite.job(p)
		}
		switch {
		case err == nil:
			programs++
		case strict:
			return nil, 0, fmt.Errorf("%w (--strict: nothing was run)", err)
		case first == nil:
			first = err
		}
	}
	if programs == 0 && first != nil {
		return nil, 0, fmt.Errorf("no row of %s can be judged; the first: %w", s.name, first)
	}
	if programs == 0 {
		return nil, 0, fmt.Errorf("%s holds no programs: rows need task_id and one of completion, solution, response (docs/formats.md)", s.name)
	}
	return h.Sum(nil), programs, nil
}

// explainOpen names the flag whose file could not be opened.
func explainOpen(flag string, err error) error {
	var pe *fs.PathError
	switch {
	case errors.As(err, &pe) && errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: there is no file %s", flag, pe.Path)
	case errors.As(err, &pe) && errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s: %s may not be read by this user (chmod +r, or run as its owner)", flag, pe.Path)
	}
	return fmt.Errorf("%s: %w", flag, err)
}
