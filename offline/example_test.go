package offline_test

import (
	"fmt"
	"log"
	"strings"

	"hone/offline"
)

func Example() {
	rows, err := offline.Parse(strings.NewReader(
		`{"task_id":"double","prompt":"Double x.\n","program":"def f(x):\n    return 2 * x\n","reward":1,"verdict":"pass"}
{"task_id":"double","prompt":"Double x.\n","program":"def f(x):\n    return x + 2\n","reward":-0.3,"verdict":"wrong_answer"}
{"task_id":"double","prompt":"Double x.\n","program":"def f(x): return x+2","reward":-0.3,"verdict":"wrong_answer"}
`), "rows.jsonl")
	if err != nil {
		log.Fatal(err)
	}
	set, report := offline.Check(rows, offline.Options{Group: 4, MostCorrect: 50})
	if err := report.Err(); err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.Usable, "problem,", report.Duplicates, "duplicate,", len(set.Groups(0)[0]), "programs in its group")
	// Output: 1 problem, 1 duplicate, 2 programs in its group
}
