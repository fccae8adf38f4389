package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"

	"hone/judge"
	"hone/problem"
)

// suite is what the problem files gave.
type suite struct {
	problems []*problem.Problem
	index    *problem.Index
	digest   []byte // of the files' bytes
}

// reporter prints issues, the first few in full.
type reporter struct {
	strict  bool
	console *console
	n       int
}

const maxIssues = 20

func (r *reporter) issue(err error) error {
	if r.strict {
		return fmt.Errorf("%w (--strict: nothing was run)", err)
	}
	r.n++
	if r.n <= maxIssues {
		r.console.println("skipped: " + err.Error())
	} else if r.n == maxIssues+1 {
		r.console.println("further bad rows are only counted")
	}
	return nil
}

// problemFiles are the files that a suite is read from.
type problemFiles struct {
	flag      string // that names them, for messages
	files     []problemFile
	format    string
	challenge bool // with MBPP's challenge tests
}

// problemFile is a file on disk, or - for standard input, or one that is part of the binary.
type problemFile struct {
	path string
	data []byte // nil: it is on disk
}

func filesOf(paths []string) []problemFile {
	files := make([]problemFile, len(paths))
	for i, p := range paths {
		files[i].path = p
	}
	return files
}

func (f *problemFile) load(format problem.Format, opts ...problem.Option) (*problem.Suite, error) {
	if f.data != nil {
		return problem.Read(bytes.NewReader(f.data), f.path, format, opts...)
	}
	return problem.Load(f.path, format, os.Stdin, opts...)
}

func loadSuite(f problemFiles, rep *reporter) (*suite, error) {
	s := &suite{}
	var opts []problem.Option
	if f.challenge {
		opts = append(opts, problem.WithChallenge())
	}
	known := map[problem.Key]bool{}
	for _, file := range f.files {
		path := file.path
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			return nil, fmt.Errorf("%s: %s is a folder; name a file in it", f.flag, path)
		}
		set, err := file.load(problem.Format(f.format), opts...)
		var pe *fs.PathError
		if errors.As(err, &pe) {
			return nil, explainOpen(f.flag, err)
		}
		if err != nil {
			return nil, err
		}
		for _, is := range set.Issues {
			if err := rep.issue(is); err != nil {
				return nil, err
			}
		}
		again := 0
		for _, p := range set.Problems {
			key := problem.Key{Benchmark: p.Benchmark, TaskID: p.TaskID}
			if known[key] {
				again++
				continue
			}
			known[key] = true
			s.problems = append(s.problems, p)
		}
		if again > 0 {
			if err := rep.issue(fmt.Errorf("%s: %s in an earlier file too; that one is used", path, count(again, "problem is", "problems are"))); err != nil {
				return nil, err
			}
		}
	}
	if len(s.problems) == 0 {
		return nil, errors.New("no usable problem was found; the messages above say why")
	}
	return s, s.prepare()
}

// prepare makes digest and index of the problems.
func (s *suite) prepare() error {
	h := sha256.New()
	enc := json.NewEncoder(h)
	for _, p := range s.problems {
		if err := enc.Encode(p); err != nil {
			return err
		}
	}
	s.digest = h.Sum(nil)
	s.index = problem.NewIndex(s.problems)
	return nil
}

// job joins a program with its problem.
func (s *suite) job(p problem.Program) (judge.Job, error) {
	prob, err := s.index.Find(p.TaskID)
	if err != nil {
		return judge.Job{}, fmt.Errorf("%s: %w", p.Where, err)
	}
	j := judge.Job{Problem: prob, TaskID: p.TaskID, Sample: p.Sample, Program: prob.Assemble(p.Form, p.Text).Code}
	if j.Response = p.Form == problem.FormResponse; j.Response && j.Program != p.Text {
		j.Literal = p.Text
	}
	return j, nil
}

// references yields the problems' own solutions as jobs.
func (s *suite) references(rep *reporter, fail *error) iter.Seq[judge.Job] {
	return func(yield func(judge.Job) bool) {
		for _, p := range s.problems {
			if p.Reference == "" {
				if *fail = rep.issue(fmt.Errorf("%s: the problem has no reference solution", p.TaskID)); *fail != nil {
					return
				}
				continue
			}
			if !yield(judge.Job{Problem: p, TaskID: p.TaskID, Program: p.Reference}) {
				return
			}
		}
	}
}

// samples yields the sample file's programs as jobs.
func (s *suite) samples(from *sampleFile, rep *reporter, fail *error) iter.Seq[judge.Job] {
	return func(yield func(judge.Job) bool) {
		for p, err := range from.programs() {
			var j judge.Job
			if err == nil {
				j, err = s.job(p)
			}
			if err != nil {
				var is *problem.Issue
				if fatal := !errors.As(err, &is) && p.TaskID == ""; fatal {
					*fail = err
				} else {
					*fail = rep.issue(err)
				}
				if *fail != nil {
					return
				}
				continue
			}
			if !yield(j) {
				return
			}
		}
	}
}
