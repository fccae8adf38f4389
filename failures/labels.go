package failures

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat"

	"hone/judge"
	"hone/problem"
)

// Label is what a person says of a task's failure.
type Label struct {
	Benchmark     string         `json:"benchmark"`
	TaskID        string         `json:"task_id"`
	Patterns      []Pattern      `json:"patterns"`
	Complications []Complication `json:"complications,omitempty"`
}

// published are the names that the patterns have in FailureBench's files.
var published = map[string]Pattern{
	"flawed/incomplete algorithm": Algorithm, "wrong problem mapping": Mapping, "formatting mistakes": Formatting, "edge case mishandling": EdgeCase,
}

// ReadLabels reads labels: FailureBench's inspection files (CSV with task_id, failure_analysis, category), or what a report exports
// (JSON, a list of [Label]). A folder stands for the files in it that hold labels.
func ReadLabels(path string) ([]Label, error) {
	files, folder, err := filesOf(path)
	if err != nil {
		return nil, err
	}
	var out []Label
	for _, f := range files {
		labels, err := readLabels(f)
		var other *unusedError
		if folder && errors.As(err, &other) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, labels...)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s holds no labels of failures", path)
	}
	return out, nil
}

func readLabels(path string) ([]Label, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, _, done, err := problem.Unpack(f, path)
	if err != nil {
		return nil, err
	}
	defer done()
	if first, err := firstByte(r); err == nil && first == '[' {
		return readLabelsJSON(r, path)
	}
	return readLabelsCSV(r, path)
}

func readLabelsJSON(r io.Reader, path string) ([]Label, error) {
	var labels []Label
	if err := json.NewDecoder(r).Decode(&labels); err != nil {
		return nil, unused(path, "no list of labels: %v", err)
	}
	for i, l := range labels {
		if l.TaskID == "" || l.Patterns == nil {
			return nil, unused(path, "entry %d has no task_id or no patterns", i)
		}
		for _, p := range l.Patterns {
			if !slices.Contains(Patterns, p) {
				return nil, fmt.Errorf("%s: entry %d: pattern %q is unknown, it is one of %v", path, i, p, Patterns)
			}
		}
	}
	return labels, nil
}

func readLabelsCSV(r *bufio.Reader, path string) ([]Label, error) {
	rows, err := csv.NewReader(r).ReadAll()
	if err != nil {
		return nil, unused(path, "no table: %v", err)
	}
	id, category := slices.Index(rows[0], "task_id"), slices.Index(rows[0], "category")
	if id < 0 || category < 0 || !slices.Contains(rows[0], "failure_analysis") {
		return nil, unused(path, "labels have the columns task_id, failure_analysis and category")
	}
	var out []Label
	for i, row := range rows[1:] {
		l := Label{Benchmark: benchmarkOf(row[id], path), TaskID: row[id], Patterns: []Pattern{}}
		for name := range strings.SplitSeq(row[category], ",") {
			p, ok := published[strings.ToLower(strings.TrimSpace(name))]
			if !ok {
				return nil, fmt.Errorf("%s: row %d: pattern %q is unknown", path, i+2, strings.TrimSpace(name))
			}
			l.Patterns = append(l.Patterns, p)
		}
		out = append(out, l)
	}
	return out, nil
}

// Score is how well suggestions of a pattern meet labels.
type Score struct {
	Method    string  `json:"method"`    // evidence, majority or metadata
	Benchmark string  `json:"benchmark"` // "" for all
	Pattern   Pattern `json:"pattern"`
	Tasks     int     `json:"tasks"`
	Labelled  int     `json:"labelled"`
	Suggested int     `json:"suggested"`
	Right     int     `json:"right"`
	// Precision and Recall have Wilson's intervals; Kappa is Cohen's, absent where one side is constant.
	Precision judge.Interval `json:"precision"`
	Recall    judge.Interval `json:"recall"`
	Kappa     *float64       `json:"kappa,omitempty"`
}

// example is a labelled task with what is suggested for it.
type example struct {
	suggestion *Suggestion
	label      *Label
	metadata   []float64
}

// Compare scores suggestions against labels, over all benchmarks and in each, beside two baselines that are learnt from the labels of
// the other benchmarks: majority suggests a pattern where most tasks there have it, metadata what most of the nearest tasks there
// have by the length of the prompt, of the programs, their complexity and the number of tests. The suggestions themselves come from
// fixed rules, which no label changes. Tasks without a label are left out.
func Compare(r *Results, suggestions []Suggestion, labels []Label) []Score {
	examples := pair(r, suggestions, labels)
	var out []Score
	var names []string
	for _, x := range examples {
		if !slices.Contains(names, x.suggestion.Benchmark) {
			names = append(names, x.suggestion.Benchmark)
		}
	}
	for _, m := range []struct {
		name string
		says func(example, Pattern) bool
	}{
		{"evidence", func(x example, p Pattern) bool { return slices.Contains(x.suggestion.Patterns, p) }},
		{"majority", func(x example, p Pattern) bool { return mostHave(others(examples, x), p) }},
		{"metadata", func(x example, p Pattern) bool { return mostHave(nearest(others(examples, x), x.metadata), p) }},
	} {
		for _, name := range append([]string{""}, names...) {
			for _, p := range Patterns {
				out = append(out, score(m.name, name, p, examples, m.says))
			}
		}
	}
	return out
}

func pair(r *Results, suggestions []Suggestion, labels []Label) []example {
	byTask := map[string]*Label{}
	for i := range labels {
		l := &labels[i]
		byTask[foldBenchmark(BenchmarkName(l.Benchmark))+"\x00"+foldID(BenchmarkName(l.Benchmark), l.TaskID)] = l
	}
	tasks := map[string]*Task{}
	for i := range r.Tasks {
		tasks[r.Tasks[i].Name()] = &r.Tasks[i]
	}
	var out []example
	for i := range suggestions {
		s := &suggestions[i]
		if l := byTask[foldBenchmark(s.Benchmark)+"\x00"+foldID(s.Benchmark, s.TaskID)]; l != nil {
			out = append(out, example{s, l, metadata(tasks[s.Benchmark+" "+s.TaskID])})
		}
	}
	standardize(out)
	return out
}

// metadata is what is known of a task without running anything.
func metadata(t *Task) []float64 {
	m, _ := measureTask(t)
	code, complexity, tests := 0.0, 0.0, 0.0
	for _, p := range t.Programs {
		code += float64(len(p.Code)) / float64(len(t.Programs))
	}
	if m.programs != nil {
		complexity = m.programs[6]
	}
	if t.Problem != nil {
		tests = float64(len(t.Problem.Tests))
	}
	return []float64{float64(len(t.Prompt)), code, complexity, tests}
}

func score(method, benchmark string, p Pattern, examples []example, says func(example, Pattern) bool) Score {
	s := Score{Method: method, Benchmark: benchmark, Pattern: p}
	for _, x := range examples {
		if benchmark != "" && x.suggestion.Benchmark != benchmark {
			continue
		}
		s.Tasks++
		labelled, suggested := slices.Contains(x.label.Patterns, p), says(x, p)
		s.Labelled += btoi(labelled)
		s.Suggested += btoi(suggested)
		s.Right += btoi(labelled && suggested)
	}
	s.Precision, s.Recall = judge.Wilson(s.Right, s.Suggested), judge.Wilson(s.Right, s.Labelled)
	if s.Suggested > 0 && s.Suggested < s.Tasks && s.Labelled > 0 && s.Labelled < s.Tasks {
		k := kappa(s.Right, s.Suggested-s.Right, s.Labelled-s.Right, s.Tasks)
		s.Kappa = &k
	}
	return s
}

func others(examples []example, x example) []example {
	return slices.DeleteFunc(slices.Clone(examples), func(y example) bool { return y.suggestion.Benchmark == x.suggestion.Benchmark })
}

func mostHave(examples []example, p Pattern) bool {
	n := 0
	for _, x := range examples {
		n += btoi(slices.Contains(x.label.Patterns, p))
	}
	return 2*n > len(examples)
}

// neighbours is how many nearest tasks decide.
const neighbours = 9

func nearest(examples []example, to []float64) []example {
	distance := func(x example) float64 {
		d := 0.0
		for k, v := range x.metadata {
			d += (v - to[k]) * (v - to[k])
		}
		return d
	}
	slices.SortStableFunc(examples, func(a, b example) int { return cmp.Compare(distance(a), distance(b)) })
	return examples[:min(neighbours, len(examples))]
}

// standardize gives each column of the metadata mean 0 and variance 1.
func standardize(examples []example) {
	if len(examples) == 0 {
		return
	}
	for k := range examples[0].metadata {
		column := make([]float64, len(examples))
		for i, x := range examples {
			column[i] = x.metadata[k]
		}
		mean, sd := stat.MeanStdDev(column, nil)
		for _, x := range examples {
			x.metadata[k] -= mean
			if sd > 0 {
				x.metadata[k] /= sd
			}
		}
	}
}
