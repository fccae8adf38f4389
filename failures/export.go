package failures

import (
	"encoding/json"
	"io"

	"hone/problem"
)

// Curriculum writes the problems of the consistently failed tasks as rows of our own (docs/formats.md), those first that models
// come nearest to: their best program passes the largest share of the tests. Tasks without tests, with the examples of their prompts alone, or whose own solution
// fails, cannot be learnt from and are left out and counted.
func Curriculum(w io.Writer, r *Results) (written, left int, err error) {
	var tasks []*Task
	var reach []float64
	for i := range r.Tasks {
		t := &r.Tasks[i]
		switch {
		case !t.ConsistentlyFailed():
		case !t.hasTests() || t.ReferenceFails:
			left++
		default:
			tasks, reach = append(tasks, t), append(reach, t.reach())
		}
	}
	order := argsort(len(tasks), func(a, b int) int {
		switch {
		case reach[a] > reach[b]:
			return -1
		case reach[a] < reach[b]:
			return 1
		}
		return 0
	})
	sorted := make([]*Task, len(tasks))
	for i, k := range order {
		sorted[i] = tasks[k]
	}
	return len(sorted), left, writeProblems(w, sorted)
}

// Regression writes the problems of tasks that some model fails and those that all do, in the order of the results: what a
// later model has to be judged with. Tasks without tests, or with examples alone, are left out and counted.
func Regression(w io.Writer, r *Results) (written, left int, err error) {
	var tasks []*Task
	for i := range r.Tasks {
		t := &r.Tasks[i]
		switch failed, _ := t.count(); {
		case failed == 0:
		case !t.hasTests():
			left++
		default:
			tasks = append(tasks, t)
		}
	}
	return len(tasks), left, writeProblems(w, tasks)
}

// hasTests reports whether the task has tests that decide; the examples of a prompt do not.
func (t *Task) hasTests() bool { return t.Problem != nil && len(t.Problem.Tests) > 0 && !t.Examples }

// reach is the largest share of the tests that a program passed.
func (t *Task) reach() float64 {
	best := 0.0
	for i := range t.Judged {
		best = max(best, passedShare(&t.Judged[i].Verdict))
	}
	return best
}

func writeProblems(w io.Writer, tasks []*Task) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, t := range tasks {
		p := *t.Problem
		p.Schema = problem.SchemaVersion
		if err := enc.Encode(&p); err != nil {
			return err
		}
	}
	return nil
}
