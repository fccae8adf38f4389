package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// namedBenchmark is a public file of problems that has a short name (docs/data.md).
type namedBenchmark struct {
	name  string
	path  string // below HONE_DATA
	split string // that published numbers are over; empty: all problems
}

var namedBenchmarks = []namedBenchmark{
	{"humaneval", "humaneval/HumanEval.jsonl.gz", ""},
	{"humaneval+", "humanevalplus/HumanEvalPlus.jsonl.gz", ""},
	{"humaneval+mini", "humanevalplus/HumanEvalPlus-Mini.jsonl.gz", ""},
	{"mbpp", "mbpp/mbpp.jsonl.gz", "test"},
	{"mbpp-sanitized", "mbpp/sanitized-mbpp.json.gz", "test"},
	{"mbpp+", "mbppplus/MbppPlus.v0-767efcc.jsonl.gz", ""},
	{"bigcodebench", "bigcodebench/BigCodeBench.hf.jsonl.gz", ""},
}

func benchmarkNames() string {
	var names []string
	for _, b := range namedBenchmarks {
		names = append(names, b.name)
	}
	return strings.Join(names, ", ")
}

// findBenchmarks turns files and names into files. split is the one to use where
// all that are named agree on one.
func findBenchmarks(refs []string) (files []problemFile, split string, err error) {
	splits := map[string]bool{}
	for _, ref := range refs {
		i := slices.IndexFunc(namedBenchmarks, func(b namedBenchmark) bool { return b.name == strings.ToLower(ref) })
		if _, err := os.Stat(ref); err == nil || i < 0 {
			if err != nil && !strings.ContainsAny(ref, "./") {
				return nil, "", fmt.Errorf("--benchmark %s: there is no such file and no such name; the names are %s", ref, benchmarkNames())
			}
			files = append(files, problemFile{path: ref})
			splits[""] = true
			continue
		}
		b := namedBenchmarks[i]
		splits[b.split] = true
		path := filepath.Join(cmp.Or(os.Getenv("HONE_DATA"), filepath.Join("..", "shared", "data")), filepath.FromSlash(b.path))
		_, err := os.Stat(path)
		switch {
		case err == nil:
			files = append(files, problemFile{path: path})
		case b.name == "humaneval":
			files = append(files, problemFile{path: "HumanEval.jsonl.gz", data: demoProblems})
		default:
			return nil, "", fmt.Errorf("--benchmark %s: there is no file %s (docs/data.md says where it comes from; HONE_DATA names another folder)", ref, path)
		}
	}
	if len(splits) == 1 {
		for s := range splits {
			split = s
		}
	}
	return files, split, nil
}
