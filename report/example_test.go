package report_test

import (
	"log"
	"os"

	"hone/report"
)

func Example() {
	tasks := []string{"sort", "sum", "median"}
	programs := []string{"def f(x): return sorted(x)", "def f(x): return sum(x)", "def f(x): return x[len(x)]"}
	page := &report.Page{
		Title: "Three programs",
		Lead:  "What a model wrote, and what became of it.",
		Blocks: []report.Block{
			report.Figures{{Name: "passed", Value: "67 %", Note: "2 of 3"}},
			report.Heading("Programs"),
			report.Table{
				Name: "programs",
				Columns: []report.Column{
					{Name: "task", Texts: tasks},
					{Name: "verdict", Texts: []string{"pass", "pass", "exception"}, Colors: map[string]report.Color{"pass": report.Good, "exception": report.Bad}},
					{Name: "ms", Numbers: []float64{1.2, 0.9, 1.4}, Digits: 1},
				},
				Detail: func(row int) []report.Block {
					code := report.Code{Text: programs[row]}
					if row == 2 {
						code.Marks = []report.Mark{{Line: 1, Note: "IndexError: list index out of range"}}
					}
					return []report.Block{code}
				},
			},
		},
	}
	f, err := os.CreateTemp("", "report-*.html")
	if err != nil {
		log.Fatal(err)
	}
	defer os.Remove(f.Name())
	if err := page.Write(f); err != nil {
		log.Fatal(err)
	}
	// Output:
}
