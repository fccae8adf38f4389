package failures

import "slices"

// Coverage says for how many tasks it is known what happens when programs run.
type Coverage struct {
	// Failed counts the tasks that are consistently failed; of these, WithTests have tests, Examples among them but those of the
	// prompt, Ran a program that ran or of which it is recorded what happened, Evidence one that failed, which is what patterns
	// are suggested from.
	Failed       int                 `json:"consistent_failures"`
	WithTests    int                 `json:"with_tests"`
	Examples     int                 `json:"with_examples_only"`
	Ran          int                 `json:"with_a_program_that_ran"`
	Evidence     int                 `json:"with_evidence"`
	PerBenchmark []BenchmarkCoverage `json:"per_benchmark"`
}

// BenchmarkCoverage is the same of one benchmark, and of all its programs.
type BenchmarkCoverage struct {
	Benchmark string `json:"benchmark"`
	Failed    int    `json:"consistent_failures"`
	WithTests int    `json:"with_tests"`
	Examples  int    `json:"with_examples_only"`
	Ran       int    `json:"with_a_program_that_ran"`
	Evidence  int    `json:"with_evidence"`
	Programs  int    `json:"programs"`
	Judged    int    `json:"programs_judged"`
	Recorded  int    `json:"programs_recorded"` // what happened is in the input
	// Scored leaves out faults of the machine. Agree counts the verdicts that are as published, Undecided the programs that are
	// published as failed and pass the examples of the prompt, where there are no other tests.
	Scored    int `json:"programs_scored"`
	Agree     int `json:"programs_as_published"`
	Undecided int `json:"programs_undecided"`
	// FailedHere counts the tasks that all programs that ran fail here.
	FailedHere int `json:"tasks_failed_by_all_here"`
}

// Cover counts.
func Cover(r *Results) Coverage {
	c := Coverage{PerBenchmark: []BenchmarkCoverage{}}
	for _, tasks := range r.byBenchmark() {
		b := BenchmarkCoverage{Benchmark: tasks[0].Benchmark}
		for i := range tasks {
			b.add(&tasks[i])
		}
		c.Failed += b.Failed
		c.WithTests += b.WithTests
		c.Examples += b.Examples
		c.Ran += b.Ran
		c.Evidence += b.Evidence
		c.PerBenchmark = append(c.PerBenchmark, b)
	}
	return c
}

func (b *BenchmarkCoverage) add(t *Task) {
	b.Programs += len(t.Programs)
	scored, passed := 0, 0
	for i := range t.Judged {
		if t.Judged[i].Recorded {
			b.Recorded++
			continue
		}
		b.Judged++
		pass, ok := t.Judged[i].passed()
		if !ok {
			continue
		}
		scored++
		passed += btoi(pass)
		for _, c := range t.Cells {
			switch {
			case c.Model != t.Judged[i].Model || c.Rate > 0 && c.Rate < 1:
			case pass == (c.Rate == 1):
				b.Agree++
			case pass && t.Examples:
				b.Undecided++
			}
		}
	}
	b.Scored += scored
	b.FailedHere += btoi(scored >= 2 && passed == 0)
	if !t.ConsistentlyFailed() {
		return
	}
	b.Failed++
	b.WithTests += btoi(t.Problem != nil && len(t.Problem.Tests) > 0)
	b.Examples += btoi(t.Examples)
	b.Ran += btoi(scored > 0 || slices.ContainsFunc(t.Judged, func(j Judged) bool { return j.Recorded }))
	b.Evidence += btoi(gather(t) != nil)
}
