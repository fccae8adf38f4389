package main

import (
	"context"
	"iter"
	"os"

	"hone/failures"
	"hone/internal/progress"
	"hone/judge"
	"hone/problem"
)

// judgePrograms runs the programs of results against the tests of their tasks, and the tasks' own solutions.
func (f *failuresFlags) judgePrograms(ctx context.Context, in *interrupts, results *failures.Results) error {
	rep := &reporter{console: newConsole()}
	if f.examples {
		results.JoinExamples()
	}
	var problems []*problem.Problem
	if len(f.problems) > 0 {
		s, err := loadSuite(problemFiles{"--problems", filesOf(f.problems), f.format, false}, rep)
		if err != nil {
			return err
		}
		problems = s.problems
		results.Join(s.index)
	}
	jobs := jobsOf(results)
	if len(jobs) == 0 {
		rep.console.println("no program has tests to run it with: nothing is judged")
		return nil
	}
	j, _, closeJudge, err := f.open(ctx, problems, rep.console)
	if err != nil {
		return err
	}
	defer closeJudge()
	bar := progress.New(os.Stderr, "judged", len(jobs), 0)
	rep.console.bar.Store(bar)
	stop, done := in.finishing(bar, "finishing the programs that are running; those that are done are in the cache")
	at := 0
	err = judge.Stream(ctx, stop, j, all(jobs), func(v problem.Verdict) error {
		jobs[at].take(v)
		at++
		bar.Add(1, "")
		return nil
	})
	done()
	bar.Finish()
	return err
}

// judging is a program to run, and what to do with its verdict.
type judging struct {
	judge.Job
	take func(problem.Verdict)
}

func all(jobs []judging) iter.Seq[judge.Job] {
	return func(yield func(judge.Job) bool) {
		for _, j := range jobs {
			if !yield(j.Job) {
				return
			}
		}
	}
}

// jobsOf are the programs of tasks that have tests, after each task's own solution.
func jobsOf(results *failures.Results) []judging {
	var jobs []judging
	for i := range results.Tasks {
		t := &results.Tasks[i]
		if t.Problem == nil || len(t.Problem.Tests) == 0 {
			continue
		}
		if t.Problem.Reference != "" {
			jobs = append(jobs, judging{judge.Job{Problem: t.Problem, TaskID: t.ID, Program: t.Problem.Reference}, func(v problem.Verdict) {
				t.ReferenceFails = v.Passed != nil && !*v.Passed
			}})
		}
		for _, p := range t.Programs {
			jobs = append(jobs, judging{judge.Job{Problem: t.Problem, TaskID: t.ID, Sample: p.Model, Program: p.Code}, func(v problem.Verdict) {
				t.Take(failures.Judged{Model: p.Model, Verdict: v})
			}})
		}
	}
	return jobs
}
