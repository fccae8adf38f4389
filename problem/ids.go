package problem

import (
	"fmt"
	"regexp"
	"strings"
)

// Index finds problems by the ids that sample files use.
type Index struct {
	problems []*Problem
	exact    map[string][]*Problem
	folded   map[string][]*Problem // by foldID
	local    map[string][]*Problem // by the folded part after the last "/"
}

// NewIndex indexes problems, which may come from several benchmarks.
func NewIndex(problems []*Problem) *Index {
	x := &Index{problems: problems, exact: map[string][]*Problem{}, folded: map[string][]*Problem{}, local: map[string][]*Problem{}}
	for _, p := range problems {
		id := foldID(p.TaskID)
		_, local := splitID(id)
		x.exact[p.TaskID] = append(x.exact[p.TaskID], p)
		x.folded[id] = append(x.folded[id], p)
		x.local[local] = append(x.local[local], p)
	}
	return x
}

// Find returns the problem that a sample's task id means: the id verbatim; else
// without regard to case and with "HumanEval_0" read as "HumanEval/0"; else by
// the part after the last "/", where a prefix on one side has to agree with the
// prefix or the benchmark on the other ("Mbpp/2" finds "2" of MBPP, not of
// HumanEval). Several hits are an error that lists them, none is an error with
// the nearest known id.
func (x *Index) Find(taskID string) (*Problem, error) {
	id := foldID(taskID)
	prefix, local := splitID(id)
	var agreeing []*Problem
	for _, p := range x.local[local] {
		if prefixAgrees(prefix, p) {
			agreeing = append(agreeing, p)
		}
	}
	for _, hits := range [][]*Problem{x.exact[taskID], x.folded[id], agreeing} {
		switch len(hits) {
		case 0:
			continue
		case 1:
			return hits[0], nil
		}
		list := make([]string, len(hits))
		for i, p := range hits {
			list[i] = fmt.Sprintf("%s of %s", p.TaskID, p.Benchmark)
		}
		return nil, fmt.Errorf("task id %q is ambiguous: %s", taskID, strings.Join(list, ", "))
	}
	ids := make([]string, len(x.problems))
	for i, p := range x.problems {
		ids[i] = p.TaskID
	}
	if len(ids) == 0 {
		return nil, fmt.Errorf("task id %q is unknown: there are no problems", taskID)
	}
	return nil, fmt.Errorf("task id %q is unknown (nearest of %d: %q)", taskID, len(ids), nearest(taskID, ids))
}

var numbered = regexp.MustCompile(`^([a-z][a-z+]*)[ _-](\d+)$`)

func foldID(id string) string {
	return numbered.ReplaceAllString(strings.ToLower(strings.TrimSpace(id)), "$1/$2")
}

func splitID(id string) (prefix, local string) {
	i := strings.LastIndexByte(id, '/')
	return id[:max(i, 0)], id[i+1:]
}

// prefixAgrees reports whether a sample id's folded prefix may stand for p's.
func prefixAgrees(prefix string, p *Problem) bool {
	if prefix == "" {
		return true
	}
	own, _ := splitID(foldID(p.TaskID))
	if own == "" {
		own = strings.ToLower(p.Benchmark)
	}
	return strings.HasPrefix(own, prefix) || strings.HasPrefix(prefix, own)
}

// nearest returns the candidate with the smallest edit distance, ignoring case.
func nearest(word string, candidates []string) string {
	best, bestDistance := "", 1<<30
	for _, c := range candidates {
		if d := editDistance(strings.ToLower(word), strings.ToLower(c), bestDistance); d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best
}

// editDistance is Levenshtein's distance over bytes, exact below limit.
func editDistance(a, b string, limit int) int {
	const longest = 200 // ids and keys are short; more of the text does not help
	a, b = a[:min(len(a), longest)], b[:min(len(b), longest)]
	if d := len(a) - len(b); d >= limit || -d >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
