package failures

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// columns are where a table has what, -1 for nowhere.
type columns struct {
	id, benchmark, model, result, n, date, difficulty int
	category, failed                                  int // FailureBench's own counts, which are checked
	code                                              int
	models                                            []int // columns that are models
}

// aboutTasks are columns that are neither results nor used.
var aboutTasks = []string{"platform", "contest_id", "question_title", "title", "split"}

func (k *columns) find(header []string) {
	at := func(names ...string) int {
		return slices.IndexFunc(header, func(h string) bool { return slices.Contains(names, h) })
	}
	k.id, k.benchmark, k.model = at("task_id", "question_id", "task", "id"), at("benchmark", "dataset"), at("model", "model_name")
	k.result, k.n = at("passed", "rate", "pass@1", "status", "verdict", "result", "pass_rate"), at("n")
	k.date, k.difficulty = at("date", "contest_date_ms", "contest_date"), at("difficulty")
	k.category, k.failed, k.code = at("category"), at("num_failed"), at("code", "solution")
	if k.model >= 0 {
		return
	}
	used := []int{k.id, k.benchmark, k.n, k.date, k.difficulty, k.category, k.failed, k.code}
	for i, h := range header {
		if h != "" && !slices.Contains(used, i) && !slices.Contains(aboutTasks, h) {
			k.models = append(k.models, i)
		}
	}
}

// readCSV reads a table, with a column a model or with a row a result.
func (c *collector) readCSV(r *bufio.Reader, path, name string) error {
	rows := csv.NewReader(r)
	rows.FieldsPerRecord, rows.LazyQuotes = -1, true
	if head, _ := r.Peek(4096); tabs(head) {
		rows.Comma = '\t'
	}
	header, err := rows.Read()
	if err != nil {
		return unused(path, "it is no table: %v", err)
	}
	for i, h := range header {
		header[i] = strings.TrimSpace(h)
	}
	if slices.Contains(header, "failure_analysis") {
		return unused(path, "it holds labels of failures, no results (they are read with --labels)")
	}
	if name == "" && slices.Contains(header, "question_id") && slices.Contains(header, "platform") {
		name = "LiveCodeBench" // its tables do not say it, not even in their names
	}
	var k columns
	if k.find(header); k.id < 0 {
		return unused(path, "no column is called task_id or question_id: the first line reads %q", short(strings.Join(header, ",")))
	}
	if k.model >= 0 && k.result < 0 && k.code < 0 {
		return unused(path, "there is a column model, but none of passed, rate, pass@1, status, verdict")
	}
	rows.ReuseRecord = true
	t := table{collector: c, at: k, header: header, path: path, name: name}
	return t.read(rows)
}

func tabs(head []byte) bool {
	line, _, _ := strings.Cut(string(head), "\n")
	return strings.Count(line, "\t") > strings.Count(line, ",")
}

// table is a CSV file being read.
type table struct {
	*collector
	at     columns
	header []string
	path   string
	name   string    // what the caller says the file does not
	rates  []pending // of this file: whether they are percent shows at its end
	wrong  int       // cells that are no results
	// samples are the places in rates of tasks whose programs come in rows of their own.
	samples map[[2]int]int
}

// pending is a result before it is known whether rates are percent.
type pending struct {
	task, model int
	rate        float64
	n, line     int
}

func (t *table) read(rows *csv.Reader) error {
	read := 0
	for {
		record, err := rows.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			var bad *csv.ParseError
			if errors.As(err, &bad) {
				t.defect(BadRow, place(t.path, bad.StartLine), "%v; the row is skipped", bad.Err)
				continue
			}
			return err
		}
		line, _ := rows.FieldPos(0)
		if strings.TrimSpace(field(record, t.at.id)) == "" {
			t.defect(BadRow, place(t.path, line), "the task has no id; the row is skipped")
			continue
		}
		if len(record) != len(t.header) {
			t.defect(BadRow, place(t.path, line), "%d fields, the first line has %d; what is there is read", len(record), len(t.header))
		}
		read++
		if t.at.model >= 0 {
			t.long(record, line)
		} else {
			t.wide(record, line)
		}
	}
	if len(t.rates) == 0 && t.at.code < 0 && (t.wrong > 0 || read == 0) {
		return unused(t.path, "none of its columns holds results (passed, failed, true, false or a rate)")
	}
	t.commit()
	return nil
}

func field(record []string, i int) string {
	if i < 0 || i >= len(record) {
		return ""
	}
	return record[i]
}

// taskOf is the task that a row is about.
func (t *table) taskOf(record []string, line int) int {
	id := field(record, t.at.id)
	benchmark := strings.TrimSpace(field(record, t.at.benchmark))
	if benchmark == "" {
		benchmark = cmp.Or(t.name, benchmarkOf(id, t.path))
	}
	task := t.task(benchmark, id, t.path, line)
	t.about(task, field(record, t.at.difficulty), readDate(field(record, t.at.date)), "", t.path, line)
	return task
}

func (t *table) long(record []string, line int) {
	name := field(record, t.at.model)
	if strings.TrimSpace(name) == "" {
		t.defect(BadRow, place(t.path, line), "the model has no name; the row is skipped")
		return
	}
	task, model := t.taskOf(record, line), t.model(name, t.path, line)
	if t.at.result >= 0 {
		n, _ := strconv.Atoi(field(record, t.at.n))
		t.cell(task, model, field(record, t.at.result), n, line)
	}
	if t.at.code >= 0 {
		t.program(task, model, strings.Clone(field(record, t.at.code)), t.path, line)
	}
}

// wide reads a task with a column a model, and checks the counts that FailureBench adds.
func (t *table) wide(record []string, line int) {
	task := t.taskOf(record, line)
	failed, known := 0, 0
	for _, i := range t.at.models {
		name, n := programsIn(t.header[i])
		if rate, ok := t.cell(task, t.model(name, t.path, 1), field(record, i), n, line); ok {
			known++
			if rate == 0 {
				failed++
			}
		}
	}
	id := t.Tasks[task].ID
	if said := strings.TrimSpace(field(record, t.at.failed)); said != "" && said != strconv.Itoa(failed) {
		t.defect(Contradiction, place(t.path, line), "%s: num_failed is %s, but %d of %d results are failures: the results are used", id, said, failed, known)
	}
	category := "mixed_failed"
	switch failed {
	case 0:
		category = "all_passed"
	case known:
		category = "all_failed"
	}
	if said := strings.TrimSpace(field(record, t.at.category)); said != "" && known > 0 && said != category {
		t.defect(Contradiction, place(t.path, line), "%s: category is %s, but %d of %d results are failures, which is %s: the results are used", id, said, failed, known, category)
	}
}

// cell takes a result; ok is false where there is none.
func (t *table) cell(task, model int, text string, n, line int) (rate float64, ok bool) {
	rate, known, ok := result(text)
	switch {
	case !ok:
		t.wrong++
		t.defect(BadValue, place(t.path, line), "%s by %s is %q, no result: it is taken for missing", t.Tasks[task].ID, t.Models[model], short(text))
	case !known:
		t.defect(BlankCell, place(t.path, line), "%s by %s is blank: the result is missing", t.Tasks[task].ID, t.Models[model])
	default:
		t.rates = append(t.rates, pending{task, model, rate, n, line})
	}
	return rate, ok && known
}

// commit hands over the results; if one of the file is above 1, all are percent.
func (t *table) commit() {
	scale := 1.0
	if slices.ContainsFunc(t.rates, func(p pending) bool { return p.rate > 1 }) {
		scale = 100
	}
	for _, p := range t.rates {
		t.add(p.task, p.model, p.rate/scale, p.n, t.path, p.line)
	}
}

var nInName = regexp.MustCompile(`(?i)\s*\(n\s*=\s*(\d+)\)`)

// programsIn splits the name of a column such as "O1 (N=1) (Low)" into the model and its number of programs, 0 where it says none.
func programsIn(header string) (model string, n int) {
	if m := nInName.FindStringSubmatch(header); m != nil {
		n, _ = strconv.Atoi(m[1])
	}
	return strings.TrimSpace(nInName.ReplaceAllString(header, "")), n
}

// short cuts what is quoted in messages.
func short(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:59]) + "…"
	}
	return s
}
