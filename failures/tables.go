package failures

import (
	"fmt"
	"strconv"
	"strings"

	"hone/judge"
)

// Table is a part of an [Analysis] as rows of text, the first being the names of the columns.
type Table struct {
	Name string
	Rows [][]string
}

// Tables are what of an analysis is one row a thing: tasks, disagreements, patterns, relations to complexity, scores of
// suggestions, items, defects.
func Tables(r *Results, a *Analysis) []Table {
	return []Table{tasksTable(r), disagreementsTable(a), patternsTable(a), complexityTable(a), scoresTable(a), itemsTable(a), defectsTable(a)}
}

// tasksTable has a column a model, with its pass rate, as [Read] takes it.
func tasksTable(r *Results) Table {
	head := append([]string{"benchmark", "task_id", "difficulty", "date", "num_failed"}, r.Models...)
	t := Table{"tasks", [][]string{head}}
	for i := range r.Tasks {
		task := &r.Tasks[i]
		failed, _ := task.count()
		row := make([]string, len(head))
		row[0], row[1], row[2], row[4] = task.Benchmark, task.ID, task.Difficulty, strconv.Itoa(failed)
		if !task.Date.IsZero() {
			row[3] = task.Date.Format("2006-01-02")
		}
		for _, c := range task.Cells {
			row[5+c.Model] = decimal(c.Rate)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func disagreementsTable(a *Analysis) Table {
	t := Table{"disagreements", [][]string{{"benchmark", "task_id", "model", "published", "here", "class", "test"}}}
	for _, d := range a.Disagreements {
		published := map[float64]string{0: "failed", 1: "passed"}[d.Published]
		t.Rows = append(t.Rows, []string{d.Benchmark, d.TaskID, d.Model, published, string(d.Verdict), d.Class, d.Test})
	}
	return t
}

func patternsTable(a *Analysis) Table {
	t := Table{"patterns", [][]string{{"benchmark", "task_id", "programs", "patterns", "complications", "reasons"}}}
	for _, s := range a.Patterns {
		programs := "0"
		if s.Evidence != nil {
			programs = strconv.Itoa(s.Evidence.Programs)
		}
		t.Rows = append(t.Rows, []string{s.Benchmark, s.TaskID, programs, joined(s.Patterns), joined(s.Complications), strings.Join(s.Reasons, "; ")})
	}
	return t
}

func joined[T ~string](xs []T) string {
	texts := make([]string, len(xs))
	for i, x := range xs {
		texts[i] = string(x)
	}
	return strings.Join(texts, " ")
}

func complexityTable(a *Analysis) Table {
	t := Table{"complexity", [][]string{{"benchmark", "measure", "of", "tasks", "spearman", "from", "to", "p", "p_holm", "odds_ratio", "odds_from", "odds_to"}}}
	for _, x := range a.Complexity {
		row := append([]string{x.Benchmark, x.Measure, x.Of, strconv.Itoa(x.Tasks)}, interval(x.Rho)...)
		row = append(row, known64(x.P), known64(x.PHolm))
		t.Rows = append(t.Rows, append(row, interval(x.OddsRatio)...))
	}
	return t
}

func scoresTable(a *Analysis) Table {
	t := Table{"scores", [][]string{{
		"method", "benchmark", "pattern", "tasks", "labelled", "suggested", "right",
		"precision", "precision_from", "precision_to", "recall", "recall_from", "recall_to", "kappa",
	}}}
	for _, s := range a.Scores {
		row := []string{s.Method, s.Benchmark, string(s.Pattern)}
		for _, n := range []int{s.Tasks, s.Labelled, s.Suggested, s.Right} {
			row = append(row, strconv.Itoa(n))
		}
		row = append(append(row, interval(&s.Precision)...), interval(&s.Recall)...)
		t.Rows = append(t.Rows, append(row, known64(s.Kappa)))
	}
	return t
}

func itemsTable(a *Analysis) Table {
	t := Table{"items", [][]string{{
		"benchmark", "task_id", "difficulty", "difficulty_from", "difficulty_to", "discrimination", "discrimination_from", "discrimination_to",
	}}}
	for _, f := range a.Items {
		for _, x := range f.Items {
			t.Rows = append(t.Rows, []string{
				f.Benchmark, x.TaskID, decimal(x.Difficulty.Mean), decimal(x.Difficulty.Lo), decimal(x.Difficulty.Hi),
				decimal(x.Discrimination.Mean), decimal(x.Discrimination.Lo), decimal(x.Discrimination.Hi),
			})
		}
	}
	return t
}

func defectsTable(a *Analysis) Table {
	t := Table{"defects", [][]string{{"kind", "where", "what"}}}
	for _, d := range a.Defects {
		t.Rows = append(t.Rows, []string{string(d.Kind), d.Where, d.Message})
	}
	return t
}

func decimal(x float64) string { return fmt.Sprintf("%.4g", x) }

// known64 is "" for what is not known.
func known64(x *float64) string {
	if x == nil {
		return ""
	}
	return decimal(*x)
}

// interval is the mean and both ends, blank where they are not known.
func interval(x *judge.Interval) []string {
	if x == nil {
		return []string{"", "", ""}
	}
	return []string{decimal(x.Mean), decimal(x.Lo), decimal(x.Hi)}
}
