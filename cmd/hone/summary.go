package main

import (
	"encoding/json"
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
	// Resumed counts the verdicts that were there before this invocation.
	Resumed int `json:"resumed,omitempty"`
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

// recall takes from the summary of the run that completed a file what only that run knew.
func (s *summary) recall(meta json.RawMessage) {
	var old summary
	if json.Unmarshal(meta, &old) != nil {
		return
	}
	s.Seconds, s.Rate, s.Workers, s.Speed, s.Machine, s.Hone = old.Seconds, old.Rate, old.Workers, old.Speed, old.Machine, old.Hone
	s.Excluded, s.Skipped = old.Excluded, old.Skipped
}

// count is "1 program", "2 programs".
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func (s *summary) print(w io.Writer) {
	known := ""
	if s.Cached > 0 {
		known = fmt.Sprintf(", %d of them known already", s.Cached) // from the cache, or the same program again
	}
	fmt.Fprintf(w, "%s for %d of %d tasks in %.1f s (%.0f/s)%s\n", count(s.Programs, "program", "programs"), s.Tasks, s.TasksTotal, s.Seconds, s.Rate, known)
	fmt.Fprintf(w, "%s, tier %s, %s\n\n", s.Python, s.Tier, count(s.Workers, "worker", "workers"))
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
	note := func(n int, one, many, rest string) {
		if n > 0 {
			fmt.Fprintf(w, "\n%s %s\n", count(n, one, many), rest)
		}
	}
	note(s.Modes[problem.ModeInProcess], "verdict comes", "verdicts come", "from tests that ran in the program's own process and could be forged (judge: in-process)")
	note(s.Faults, "program was", "programs were", "not scored (infrastructure): the rows say why")
	note(s.Outcomes[problem.MissingModule], "program imports", "programs import", "modules that this interpreter lacks: --python VENV names one that has them")
	if n := len(s.Excluded); n > 0 {
		note(n, "test was", "tests were", "left out because the reference solution itself fails on the input, e.g. "+s.Excluded[0])
	}
	before := s.Resumed == s.Programs && s.Resumed > 0
	if before {
		note(s.Skipped, "input row was", "input rows were", "skipped then; --force runs again and says why")
	} else {
		note(s.Skipped, "input row was", "input rows were", "skipped; the messages above say why")
	}
	switch {
	case s.Out == "" || s.Out == "-":
	case before:
		fmt.Fprintf(w, "\nverdicts: %s (it was complete: nothing was run)\n", s.Out)
	case s.Resumed > 0:
		fmt.Fprintf(w, "\nverdicts: %s (%d of them from an earlier run)\n", s.Out, s.Resumed)
	default:
		fmt.Fprintf(w, "\nverdicts: %s\n", s.Out)
	}
}

func printEstimates(w io.Writer, label string, es []judge.Estimated) {
	for _, e := range es {
		fmt.Fprintf(w, "pass@%-3d%s %5.1f %%  [%.1f, %.1f]\n", e.K, label, 100*e.Mean, 100*e.Lo, 100*e.Hi)
	}
}
