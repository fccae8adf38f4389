package failures

// Coverage says for how many tasks it is known what happens when programs run.
type Coverage struct {
	// Failed counts the tasks that are consistently failed; of these, WithTests have tests, Ran a program that ran against
	// them, Evidence a program that failed, which is what patterns are suggested from.
	Failed       int                 `json:"consistent_failures"`
	WithTests    int                 `json:"with_tests"`
	Ran          int                 `json:"with_a_program_that_ran"`
	Evidence     int                 `json:"with_evidence"`
	PerBenchmark []BenchmarkCoverage `json:"per_benchmark"`
}

// BenchmarkCoverage is the same of one benchmark, and of all its programs.
type BenchmarkCoverage struct {
	Benchmark string `json:"benchmark"`
	Failed    int    `json:"consistent_failures"`
	WithTests int    `json:"with_tests"`
	Ran       int    `json:"with_a_program_that_ran"`
	Evidence  int    `json:"with_evidence"`
	Programs  int    `json:"programs"`
	Judged    int    `json:"programs_judged"`
	// Scored leaves out faults of the machine. Agree counts the verdicts that are as published.
	Scored int `json:"programs_scored"`
	Agree  int `json:"programs_as_published"`
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
		c.Ran += b.Ran
		c.Evidence += b.Evidence
		c.PerBenchmark = append(c.PerBenchmark, b)
	}
	return c
}

func (b *BenchmarkCoverage) add(t *Task) {
	b.Programs += len(t.Programs)
	b.Judged += len(t.Judged)
	scored, passed := 0, 0
	for i := range t.Judged {
		pass, ok := t.Judged[i].passed()
		if !ok {
			continue
		}
		scored++
		passed += btoi(pass)
		for _, c := range t.Cells {
			if c.Model == t.Judged[i].Model && (c.Rate == 0 || c.Rate == 1) {
				b.Agree += btoi(pass == (c.Rate == 1))
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
	b.Ran += btoi(scored > 0)
	b.Evidence += btoi(passed < scored)
}
