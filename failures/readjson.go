package failures

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"hone/problem"
)

// jsonRow is a row about a result, a program or a prompt, in any of the forms that are read.
type jsonRow struct {
	Benchmark  string          `json:"benchmark"`
	TaskID     json.RawMessage `json:"task_id"`
	QuestionID json.RawMessage `json:"question_id"`
	Model      string          `json:"model"`
	ModelName  string          `json:"model_name"`
	Status     json.RawMessage `json:"status"`
	Passed     json.RawMessage `json:"passed"`
	Rate       json.RawMessage `json:"rate"`
	PassAt1    json.RawMessage `json:"pass@1"`
	Verdict    json.RawMessage `json:"verdict"`
	N          int             `json:"n"`
	Sample     *int            `json:"sample"` // of hone judge: one of several programs of the task
	Tests      json.RawMessage `json:"tests"`  // of hone judge: what happened in each
	Date       json.RawMessage `json:"date"`
	ContestDay json.RawMessage `json:"contest_date"`
	Difficulty string          `json:"difficulty"`
	Prompt     string          `json:"prompt"`
	Code       *string         `json:"code"`
	Solution   *string         `json:"solution"`
	Graded     []bool          `json:"graded_list"` // LiveCodeBench
	CodeList   []string        `json:"code_list"`
	Metadata   []string        `json:"metadata"` // LiveCodeBench, of each program: what happened in the first test that fails
}

// bare is the text of a JSON string or number, "" of null and of what is absent.
func bare(raw json.RawMessage) string {
	var s string
	if len(raw) > 0 && raw[0] == '"' && json.Unmarshal(raw, &s) == nil {
		return s
	}
	if string(raw) == "null" {
		return ""
	}
	return string(raw)
}

// readJSON reads rows, or an evaluation file that is one object.
func (c *collector) readJSON(r *bufio.Reader, path, name string) error {
	if whole(r) {
		return c.readDocument(r, path, name)
	}
	t := table{collector: c, path: path, name: name}
	read, used := 0, 0
	for raw, err := range problem.Rows(r, path) {
		if err != nil {
			c.defect(BadRow, placeOf(err, raw.Where), "%s", issueText(err))
			continue
		}
		read++
		var row jsonRow
		if err := json.Unmarshal(raw.Text, &row); err != nil {
			c.defect(BadRow, raw.Where, "not a row of results: %v", err)
			continue
		}
		if t.row(&row, raw.Where) {
			used++
		}
	}
	if used == 0 {
		return unused(path, "none of %d rows has a task_id with a result, a program or a prompt", read)
	}
	t.commit()
	return nil
}

func placeOf(err error, where string) string {
	var is *problem.Issue
	if errors.As(err, &is) {
		return is.Where
	}
	return where
}

func issueText(err error) string {
	var is *problem.Issue
	if errors.As(err, &is) {
		return is.Message
	}
	return err.Error()
}

// whole reports whether the input is one object over its whole length rather than a row a line.
func whole(r *bufio.Reader) bool {
	head, _ := r.Peek(r.Size())
	if len(head) == 0 || head[0] != '{' {
		return false
	}
	for _, key := range []string{`"eval"`, `"performances"`} {
		if i := bytes.Index(head, []byte(key)); i >= 0 && i < 4096 {
			return true
		}
	}
	line, _, more := bytes.Cut(head, []byte("\n"))
	return more && !json.Valid(line) && !json.Valid(bytes.TrimSpace(line))
}

// row takes one row and reports whether there was something in it.
func (t *table) row(row *jsonRow, where string) bool {
	line := lineOf(where)
	id := cmp.Or(bare(row.TaskID), bare(row.QuestionID))
	if id == "" {
		t.defect(BadRow, where, "the row has no task_id; it is skipped")
		return false
	}
	value := cmp.Or(bare(row.Passed), bare(row.Rate), bare(row.PassAt1), bare(row.Status), bare(row.Verdict))
	said := len(row.Passed)+len(row.Rate)+len(row.PassAt1)+len(row.Status)+len(row.Verdict) > 0
	code := row.Code
	if code == nil {
		code = row.Solution
	}
	if !said && code == nil && row.Prompt == "" && row.Graded == nil {
		return false
	}
	model := cmp.Or(row.Model, row.ModelName)
	benchmark := row.Benchmark
	if model == "" && benchmark != "" {
		model = t.name // of verdicts
	}
	if benchmark == "" && row.Graded != nil && (model == "" || t.name == "") {
		benchmark = "LiveCodeBench"
	}
	if benchmark == "" {
		benchmark = cmp.Or(map[bool]string{true: t.name}[model != ""], benchmarkOf(id, t.path))
	}
	task := t.task(benchmark, id, t.path, line)
	t.about(task, row.Difficulty, readDate(cmp.Or(bare(row.Date), bare(row.ContestDay))), row.Prompt, t.path, line)
	if !said && code == nil && row.Graded == nil {
		return true // a prompt
	}
	m := t.model(cmp.Or(model, t.name, baseName(t.path)), t.path, line)
	if row.Graded != nil {
		t.graded(task, m, row, line)
		return true
	}
	switch {
	case said && row.Sample != nil:
		t.sample(task, m, value, line)
		t.verdict(task, m, row)
	case said:
		t.cell(task, m, value, row.N, line)
	}
	if code != nil {
		t.program(task, m, *code, t.path, line)
	}
	return true
}

// sample takes the result of one of a task's programs.
func (t *table) sample(task, model int, value string, line int) {
	rate, known, ok := result(value)
	if !ok || !known {
		t.cell(task, model, value, 1, line) // says what is wrong with it
		return
	}
	if t.samples == nil {
		t.samples = map[[2]int]int{}
	}
	key := [2]int{task, model}
	i, again := t.samples[key]
	if !again {
		i = len(t.rates)
		t.samples[key] = i
		t.rates = append(t.rates, pending{task: task, model: model, line: line})
	}
	p := &t.rates[i]
	p.rate = (p.rate*float64(p.n) + rate) / float64(p.n+1)
	p.n++
}

// verdict keeps what hone judge said of a program that failed; of several of a task that of the one that passes most tests.
func (t *table) verdict(task, model int, row *jsonRow) {
	v := problem.Verdict{Verdict: problem.Outcome(bare(row.Verdict))}
	if string(row.Passed) != "false" || json.Unmarshal(row.Tests, &v.Tests) != nil || len(v.Tests) == 0 {
		return
	}
	v.Passed = new(bool)
	key := [2]int{task, model}
	before, again := t.happened[key]
	if !again || passedShare(&v) > passedShare(&before.Verdict) {
		t.happened[key] = Judged{Verdict: v, Recorded: true}
	}
}

// passedShare is the share of the tests that passed.
func passedShare(v *problem.Verdict) float64 {
	if len(v.Tests) == 0 {
		return 0
	}
	return float64(v.PassedTests()) / float64(len(v.Tests))
}

// graded takes LiveCodeBench's lists of programs and of whether each passed; the first that failed, else the first, is kept.
func (t *table) graded(task, model int, row *jsonRow, line int) {
	passed, shown := 0, 0
	for i, ok := range row.Graded {
		if ok {
			passed++
		} else if row.Graded[shown] {
			shown = i
		}
	}
	if n := len(row.Graded); n > 0 {
		t.add(task, model, float64(passed)/float64(n), n, t.path, line)
	}
	if shown < len(row.CodeList) {
		t.program(task, model, row.CodeList[shown], t.path, line)
	}
	if shown < len(row.Metadata) && !row.Graded[shown] {
		key := [2]int{task, model}
		if j, ok := recorded(row.Metadata[shown]); ok && t.happened[key].Verdict.Verdict == "" { // as of programs, the first is kept
			t.happened[key] = j
		}
	}
}

// recorded reads what LiveCodeBench says of a program's first failing test.
func recorded(metadata string) (Judged, bool) {
	var m struct {
		Code     int    `json:"error_code"` // -1 does not compile, -2 wrong answer, -3 time, -4 exception
		Message  string `json:"error_message"`
		Error    string `json:"error"`
		Inputs   string `json:"inputs"`
		Output   string `json:"output"`
		Expected string `json:"expected"`
	}
	if json.Unmarshal([]byte(metadata), &m) != nil || m.Code == 0 || m.Code == -5 { // -5 is a fault of their runner
		return Judged{}, false
	}
	outcome := map[int]problem.Outcome{-1: problem.SyntaxError, -2: problem.WrongAnswer, -3: problem.Timeout}[m.Code]
	outcome = cmp.Or(outcome, problem.Exception)
	no := false
	x := problem.TestResult{Name: "recorded", Verdict: outcome, Error: m.Error}
	if outcome == problem.WrongAnswer {
		x.Got, x.Expected = problem.Cut(m.Output), problem.Cut(m.Expected)
	} else {
		x.Error = cmp.Or(m.Error, m.Message)
	}
	v := problem.Verdict{Verdict: outcome, Passed: &no, Tests: []problem.TestResult{x}}
	return Judged{Verdict: v, Recorded: true, FirstOnly: true, Input: m.Inputs}, true
}

func lineOf(where string) int {
	n, _ := strconv.Atoi(where[strings.LastIndexByte(where, ':')+1:])
	return n
}

// document is a file of LiveCodeBench's site or of EvalPlus.
type document struct {
	Performances []json.RawMessage          `json:"performances"`
	Eval         map[string]json.RawMessage `json:"eval"`
}

func (c *collector) readDocument(r io.Reader, path, name string) error {
	var d document
	if err := json.NewDecoder(r).Decode(&d); err != nil {
		return unused(path, "it is neither rows of JSON nor one object: %v", err)
	}
	switch {
	case d.Performances != nil:
		return c.readPerformances(d.Performances, path, name)
	case d.Eval != nil:
		return c.readEvalPlus(d.Eval, path, name)
	}
	return unused(path, "it is one object without results of tasks (such as a leaderboard, which has totals only)")
}

func (c *collector) readPerformances(rows []json.RawMessage, path, name string) error {
	t := table{collector: c, path: path, name: cmp.Or(name, "LiveCodeBench")}
	for i, raw := range rows {
		var row jsonRow
		if err := json.Unmarshal(raw, &row); err != nil {
			c.defect(BadRow, fmt.Sprintf("%s: performances[%d]", path, i), "not a result: %v", err)
			continue
		}
		t.row(&row, place(path, 1))
	}
	t.commit()
	return nil
}

// readEvalPlus reads {"eval": {task: …}}: EvalPlus has a list of programs for each task, EvalPerf its pass@1 in percent.
func (c *collector) readEvalPlus(eval map[string]json.RawMessage, path, name string) error {
	t := table{collector: c, path: path}
	model := c.model(cmp.Or(name, baseName(path)), path, 1)
	for _, id := range slices.SortedFunc(maps.Keys(eval), compareIDs) {
		var programs []struct {
			Base     string `json:"base_status"`
			Plus     string `json:"plus_status"`
			Solution string `json:"solution"`
		}
		var perf struct {
			PassAt1 *float64 `json:"pass@1"`
		}
		if json.Unmarshal(eval[id], &programs) == nil && len(programs) > 0 {
			passed := 0
			for _, p := range programs {
				if p.Base == "pass" && (p.Plus == "" || p.Plus == "pass") {
					passed++
				}
			}
			suffix := map[bool]string{true: "+"}[programs[0].Plus != ""]
			task := c.task(benchmarkOf(id, "")+suffix, id, path, 1)
			c.add(task, model, float64(passed)/float64(len(programs)), len(programs), path, 1)
			if programs[0].Solution != "" {
				c.program(task, model, programs[0].Solution, path, 1)
			}
			continue
		}
		if json.Unmarshal(eval[id], &perf) != nil {
			c.defect(BadRow, path, "eval of %q is neither a list of programs nor has pass@1", id)
			continue
		}
		task := c.task("EvalPerf", id, path, 1)
		if perf.PassAt1 == nil {
			c.defect(BlankCell, path, "%s has no pass@1: the result is missing", id)
			continue
		}
		t.rates = append(t.rates, pending{task, model, *perf.PassAt1, 0, 1})
	}
	t.commit()
	return nil
}
