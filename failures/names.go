package failures

import (
	"cmp"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"
)

// benchmarks are the names that benchmarks go by, folded, and the one that is shown.
var benchmarks = map[string]string{
	"humaneval": "HumanEval", "humaneval+": "HumanEval+", "humanevalplus": "HumanEval+",
	"mbpp": "MBPP", "mbpp+": "MBPP+", "mbppplus": "MBPP+",
	"lcb": "LiveCodeBench", "livecodebench": "LiveCodeBench",
	"bcb": "BigCodeBench", "bigcodebench": "BigCodeBench",
	"bcbhard": "BigCodeBench-Hard", "bigcodebenchhard": "BigCodeBench-Hard",
	"evalperf": "EvalPerf",
}

// BenchmarkName is the name a benchmark is shown under: BCB-Hard is BigCodeBench-Hard, lcb LiveCodeBench; others are as given.
func BenchmarkName(name string) string {
	name = strings.TrimSpace(name)
	if known, ok := benchmarks[foldBenchmark(name)]; ok {
		return known
	}
	return name
}

func foldBenchmark(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '+' {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// benchmarkOf guesses a benchmark from an id's prefix, else from the name of a file, whose parts are tried from the left;
// else it is the name of the file without its endings.
func benchmarkOf(id, file string) string {
	base := baseName(file)
	parts := strings.FieldsFunc(base, func(r rune) bool { return r == '_' || r == '-' || r == ' ' || r == '.' })
	for i := range parts {
		for j := min(len(parts), i+2); j > i; j-- { // two parts before one: bcb hard
			if known, ok := benchmarks[foldBenchmark(strings.Join(parts[i:j], ""))]; ok {
				return known
			}
		}
	}
	if prefix, _, ok := strings.Cut(id, "/"); ok {
		return BenchmarkName(prefix)
	}
	return base
}

// baseName is a file's name without folder and endings.
func baseName(file string) string {
	base := filepath.Base(file)
	for {
		ext := filepath.Ext(base)
		switch strings.ToLower(ext) {
		case ".gz", ".zst", ".csv", ".tsv", ".json", ".jsonl":
			base = strings.TrimSuffix(base, ext)
		default:
			return base
		}
	}
}

var numberedID = regexp.MustCompile(`^([a-z][a-z+]*)[ _/-](\d+)$`)

// foldID makes one of the spellings of a task: Mbpp/2, MBPP/2, mbpp_2 and 2 are the same within MBPP and its variants, not
// within a benchmark that draws tasks from several.
func foldID(benchmark, id string) string {
	id = strings.ToLower(strings.TrimSpace(id))
	m := numberedID.FindStringSubmatch(id)
	switch {
	case m == nil:
		return id
	case strings.HasPrefix(foldBenchmark(benchmark), m[1]):
		return m[2]
	}
	return m[1] + "/" + m[2]
}

// prefixOf is what stands before the number of an id.
func prefixOf(id string) string { return strings.TrimRight(id, "0123456789") }

// foldModel makes one of the spellings of a model, which differ in case and punctuation. A mark between two digits stays:
// 4.1 is not 41.
func foldModel(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '+':
			b.WriteRune(unicode.ToLower(r))
		case i > 0 && i+1 < len(runes) && unicode.IsDigit(runes[i-1]) && unicode.IsDigit(runes[i+1]):
			b.WriteByte('.')
		}
	}
	return b.String()
}

// compareIDs orders ids with the numbers in them by value.
func compareIDs(a, b string) int {
	for a != "" && b != "" {
		x, y := number(a), number(b)
		if x != "" && y != "" {
			tx, ty := strings.TrimLeft(x, "0"), strings.TrimLeft(y, "0")
			if c := cmp.Or(len(tx)-len(ty), cmp.Compare(tx, ty)); c != 0 {
				return c
			}
			a, b = a[len(x):], b[len(y):]
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return len(a) - len(b)
}

func number(s string) string { return s[:len(s)-len(strings.TrimLeft(s, "0123456789"))] }
