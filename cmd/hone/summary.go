package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"hone/judge"
	"hone/problem"
	"hone/sandbox"
)

// summary is the result of a run as a whole; --json prints it.
type summary struct {
	*judge.Tally
	Tasks      int `json:"tasks"`
	TasksTotal int `json:"tasks_total"`
	// PassAt is over chat responses with code extracted, Strict takes them literally.
	PassAt   []judge.Estimated `json:"pass_at"`
	Strict   []judge.Estimated `json:"strict_pass_at,omitempty"`
	Excluded []string          `json:"excluded_tests,omitempty"`
	Skipped  int               `json:"skipped_rows"`
	Seconds  float64           `json:"seconds"`
	// Rate is programs per second of this invocation.
	Rate    float64 `json:"programs_per_second"`
	Python  string  `json:"python"`
	Tier    string  `json:"tier"`
	Workers int     `json:"workers"`
	Speed   float64 `json:"machine_slowness"`
	Machine string  `json:"machine"`
	Hone    string  `json:"hone"`
	Out     string  `json:"out,omitempty"`
}

func summarize(t *judge.Tally, j *judge.Judge, py sandbox.Interpreter, took time.Duration, judged int) *summary {
	s := &summary{
		Tally: t, Tasks: t.Tasks(), PassAt: t.Estimates(false), Seconds: took.Seconds(),
		Python: py.Short(), Tier: string(j.Tier()), Workers: j.Workers(), Speed: j.Speed(), Machine: machine(), Hone: version(),
	}
	if took > 0 {
		s.Rate = float64(judged) / took.Seconds()
	}
	if t.HasStrict() {
		s.Strict = t.Estimates(true)
	}
	return s
}

func (s *summary) print(w io.Writer) {
	fmt.Fprintf(w, "%d programs for %d of %d tasks in %.1f s (%.0f/s), %d from cache\n", s.Programs, s.Tasks, s.TasksTotal, s.Seconds, s.Rate, s.Cached)
	fmt.Fprintf(w, "%s, tier %s, %d workers\n\n", s.Python, s.Tier, s.Workers)
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, o := range problem.Outcomes {
		if n := s.Outcomes[o]; n > 0 {
			fmt.Fprintf(tw, "%s\t%d\t%.1f %%\t\n", o, n, 100*float64(n)/float64(s.Programs))
		}
	}
	tw.Flush()
	if len(s.PassAt) > 0 {
		fmt.Fprintln(w)
	}
	printEstimates(w, "", s.PassAt)
	printEstimates(w, " strict", s.Strict)
	if n := s.Modes[problem.ModeInProcess]; n > 0 {
		fmt.Fprintf(w, "\n%d verdicts come from tests that ran in the program's own process and could be forged (judge: in-process)\n", n)
	}
	if s.Faults > 0 {
		fmt.Fprintf(w, "\n%d programs were not scored (infrastructure): their rows say why\n", s.Faults)
	}
	if n := s.Outcomes[problem.MissingModule]; n > 0 {
		fmt.Fprintf(w, "\n%d programs import modules that this interpreter lacks: --python VENV names one that has them\n", n)
	}
	if n := len(s.Excluded); n > 0 {
		fmt.Fprintf(w, "\n%d tests were left out because the reference solution itself fails on their input, e.g. %s\n", n, s.Excluded[0])
	}
	if s.Skipped > 0 {
		fmt.Fprintf(w, "\n%d input rows were skipped; the messages above say why\n", s.Skipped)
	}
	if s.Out != "" && s.Out != "-" {
		fmt.Fprintf(w, "\nverdicts: %s\n", s.Out)
	}
}

func printEstimates(w io.Writer, label string, es []judge.Estimated) {
	for _, e := range es {
		fmt.Fprintf(w, "pass@%-3d%s %5.1f %%  [%.1f, %.1f]\n", e.K, label, 100*e.Mean, 100*e.Lo, 100*e.Hi)
	}
}
