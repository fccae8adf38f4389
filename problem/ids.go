package problem

import (
	"fmt"
	"regexp"
	"strings"

	"hone/internal/words"
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
	return nil, fmt.Errorf("task id %q is unknown (nearest of %d: %q)", taskID, len(ids), words.Nearest(taskID, ids))
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
