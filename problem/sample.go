package problem

import (
	"fmt"
	"io"
	"iter"
	"strings"
)

// Samples yields the programs of a sample file, or of stdin where path is "-".
// It streams: memory grows only with the number of (task, sample) keys.
//
// A row has task_id (or LiveCodeBench's question_id) and one of completion,
// solution, response or code (the same as solution); or code_list, one solution
// an entry. The sample's number is sample, completion_id or sample_id; where it
// is absent, rows are counted from 0 for each task. model and behaviour_logprob say where
// a program is from, where they are there. Other fields are ignored.
//
// What is wrong with one row is yielded as an *Issue, and reading goes on; any
// other error is the last thing yielded.
func Samples(path string, stdin io.Reader) iter.Seq2[Program, error] {
	return func(yield func(Program, error) bool) {
		r, name, done, err := openInput(path, stdin)
		if err != nil {
			yield(Program{}, err)
			return
		}
		defer done()
		ReadSamples(r, name)(yield)
	}
}

// ReadSamples is Samples from a reader; name stands for the file in messages.
func ReadSamples(r io.Reader, name string) iter.Seq2[Program, error] {
	return func(yield func(Program, error) bool) {
		rows, err := newRowReader(r, name)
		if err != nil {
			yield(Program{}, err)
			return
		}
		defer rows.close()
		seen := map[string]*sampleNumbers{}
		for {
			raw, ok := rows.next()
			if !ok || !yieldRow(raw, seen, yield) {
				return
			}
		}
	}
}

// yieldRow yields the programs of one row; false means the consumer wants no more.
func yieldRow(raw rawRow, seen map[string]*sampleNumbers, yield func(Program, error) bool) bool {
	if raw.issue != nil {
		return yield(Program{}, raw.issue)
	}
	r, bad := parseRow(raw, "")
	if bad != nil {
		return yield(Program{}, bad)
	}
	id := r.sampleID()
	if r.bad != nil {
		return yield(Program{}, r.bad)
	}
	numbers := seen[id]
	if numbers == nil {
		numbers = &sampleNumbers{}
		seen[strings.Clone(id)] = numbers
	}
	if r.has("code_list") {
		return r.yieldList(id, numbers, yield)
	}
	field, sample := r.sampleNumber()
	form, text := r.sampleText()
	if r.bad != nil {
		if field == "" {
			numbers.take(numbers.next) // the row keeps its place in the count
		}
		return yield(Program{}, r.bad)
	}
	if field == "" {
		sample = numbers.next
	}
	if !numbers.take(sample) {
		r.fail(field, "%d of task %q is there twice; the first one is used", sample, id)
		return yield(Program{}, r.bad)
	}
	out := Program{TaskID: id, Sample: sample, Form: form, Text: text, Where: r.where}
	r.addOrigin(&out)
	return yield(out, nil)
}

// addOrigin says what wrote the program and how likely that was, where the row does; these
// fields are others' in many files, so that what is no such thing is ignored.
func (r *row) addOrigin(p *Program) {
	p.Model, _ = r.fields["model"].(string)
	switch n := r.fields["behaviour_logprob"].(type) {
	case float64:
		p.BehaviourLogProb = &n
	case int64:
		x := float64(n)
		p.BehaviourLogProb = &x
	}
}

// yieldList yields the entries of code_list, numbered after the task's earlier samples.
func (r *row) yieldList(id string, numbers *sampleNumbers, yield func(Program, error) bool) bool {
	l := r.list("code_list")
	if r.bad != nil {
		return yield(Program{}, r.bad)
	}
	for i, v := range l {
		sample := numbers.next
		numbers.take(sample)
		text, ok := v.(string)
		if !ok {
			entry := &row{where: r.where}
			entry.wrong(fmt.Sprintf("code_list[%d]", i), v, "a string")
			if !yield(Program{}, entry.bad) {
				return false
			}
			continue
		}
		out := Program{TaskID: id, Sample: sample, Form: FormSolution, Text: text, Where: r.where}
		r.addOrigin(&out)
		if !yield(out, nil) {
			return false
		}
	}
	return true
}

func (r *row) sampleID() string {
	field := r.first("task_id", "question_id")
	if !r.has(field) {
		r.fail(field, "is missing (a sample has task_id and one of completion, solution, response)")
		return ""
	}
	return r.id(field)
}

// sampleNumber returns the field that numbers the sample, "" where there is none.
func (r *row) sampleNumber() (string, int) {
	for _, f := range []string{"sample", "completion_id", "sample_id"} {
		v := r.fields[f]
		if v == nil {
			continue
		}
		n, ok := v.(int64)
		if !ok {
			r.wrong(f, v, "an integer")
			return f, 0
		}
		if n < 0 || n > 1<<31-1 {
			r.fail(f, "is %d, a number from 0 to %d is wanted", n, 1<<31-1)
		}
		return f, int(n)
	}
	return "", 0
}

var sampleForms = []struct {
	field string
	form  Form
}{{"completion", FormCompletion}, {"solution", FormSolution}, {"response", FormResponse}, {"code", FormSolution}}

// sampleText returns the one program of the row.
func (r *row) sampleText() (Form, string) {
	var given, null []string
	form := Form("")
	for _, f := range sampleForms {
		v, ok := r.fields[f.field]
		switch {
		case ok && v == nil:
			null = append(null, f.field)
		case ok:
			given = append(given, f.field)
			form = f.form
		}
	}
	switch {
	case len(given) == 1:
		return form, r.str(given[0])
	case len(given) > 1:
		r.fail(given[1], "is there as well as %q; a sample has exactly one of them", given[0])
	case len(null) > 0:
		r.fail(null[0], "is null: the sample has no program")
	default:
		r.fail("", `no program: one of the fields "completion" (continues the prompt), "solution" (whole program), "response" (chat text) is wanted`)
	}
	return "", ""
}

// sampleNumbers is the set of one task's sample numbers, compact while they come in order.
type sampleNumbers struct {
	next int // all numbers below are taken
	more map[int]struct{}
}

// take reports whether n was free, and takes it.
func (s *sampleNumbers) take(n int) bool {
	if n < s.next {
		return false
	}
	if _, taken := s.more[n]; taken {
		return false
	}
	if n > s.next {
		if s.more == nil {
			s.more = map[int]struct{}{}
		}
		s.more[n] = struct{}{}
		return true
	}
	for s.next++; ; s.next++ {
		if _, ok := s.more[s.next]; !ok {
			return true
		}
		delete(s.more, s.next)
	}
}
