// Package failures says which tasks models consistently fail, what those tasks have in common, and whether the benchmark
// itself is at fault.
//
// [Read] takes results as they are published, with their defects, and makes one [Results] of them; [Analyze] counts, [Relate]
// compares failures with the complexity of programs, [Suggest] names patterns from what happened when programs ran. Package
// irt, below this one, fits item difficulties.
package failures

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"hone/problem"
)

// Results is what models did on tasks.
type Results struct {
	Tasks  []Task   // by benchmark, then by id, numbers in it by value
	Models []string // in alphabetical order
	// Defects is what was wrong with the input, at most [maxListed] of a kind; DefectCounts has all.
	Defects      []Defect
	DefectCounts map[DefectKind]int
	// Repeated counts results that a later input gave again, the same.
	Repeated int
}

// Task is a task with the results of models on it.
type Task struct {
	Benchmark  string
	ID         string // as the first input spelled it
	Difficulty string // "" where no input says
	Date       time.Time
	Prompt     string
	Cells      []Cell // of models whose result is known, in the order of Results.Models
	Programs   []Program
	Problem    *problem.Problem // with its tests; nil where none was given, see [Results.Join]
	Judged     []Judged         // programs that ran, in the order of Results.Models
	// Examples says that Problem has but the examples of the prompt: passing them does not mean that the program is right.
	Examples bool
	// ReferenceFails says that the benchmark's own solution was run and did not pass its tests.
	ReferenceFails bool
}

// Cell is the result of one model on one task.
type Cell struct {
	Model int     // index in Results.Models
	Rate  float64 // share of the programs that passed, in [0, 1]
	N     int     // programs, at least 1
}

// Program is what a model wrote for a task.
type Program struct {
	Model int // index in Results.Models
	Code  string
}

// Name is the task's address: benchmark and id.
func (t *Task) Name() string { return t.Benchmark + " " + t.ID }

// Failed counts the models none of whose programs passed, passed those all of whose did.
func (t *Task) count() (failed, passed int) {
	for _, c := range t.Cells {
		switch c.Rate {
		case 0:
			failed++
		case 1:
			passed++
		}
	}
	return failed, passed
}

// DefectKind is a class of what can be wrong with results.
type DefectKind string

const (
	BlankCell     DefectKind = "blank_cell"         // a result that is not there
	Contradiction DefectKind = "contradiction"      // two statements of which one is wrong
	MixedIDs      DefectKind = "mixed_ids"          // one task in several spellings
	ModelNames    DefectKind = "model_names"        // one model in several spellings
	BadValue      DefectKind = "bad_value"          // what is neither a result nor blank
	BadRow        DefectKind = "bad_row"            // what cannot be read
	NotUsed       DefectKind = "not_used"           // a file without results, programs or prompts
	NoProgram     DefectKind = "no_program"         // a result without its program, where others have theirs
	EmptyProgram  DefectKind = "empty_program"      // a program without text
	NoTests       DefectKind = "no_tests"           // a program that nothing can judge
	Inferred      DefectKind = "inferred_n"         // how many programs a rate is of is not said
	NoResult      DefectKind = "program_no_result"  // a program without a result
	NoParse       DefectKind = "program_not_parsed" // a program that is not Python
)

// Defect is one thing that was wrong with the input, and what was done about it.
type Defect struct {
	Kind    DefectKind `json:"kind"`
	Where   string     `json:"where"` // "file:line", or the file
	Message string     `json:"message"`
}

// maxListed is how many defects of a kind are kept; all are counted.
const maxListed = 200

// defect counts one of a kind and keeps it while there are few.
func (r *Results) defect(kind DefectKind, where, format string, args ...any) {
	if r.DefectCounts == nil {
		r.DefectCounts = map[DefectKind]int{}
	}
	if r.DefectCounts[kind]++; r.DefectCounts[kind] <= maxListed {
		r.Defects = append(r.Defects, Defect{kind, where, fmt.Sprintf(format, args...)})
	}
}

// collector gathers what inputs say, under one name for each task and model.
type collector struct {
	Results
	tasks  map[string]int   // folded benchmark and id → index in Tasks
	models map[string]int   // folded name → index in Models
	cells  map[[2]int]known // task and model
	codes  map[[2]int]string
	// happened is what inputs say of programs' failures.
	happened map[[2]int]Judged
	// spellings are the forms of a benchmark's ids, and of models, that were reported.
	spellings map[string]bool
}

// known is a result with the place it came from.
type known struct {
	rate float64
	n    int
	file string // interned by its reader
	line int
}

func (k known) where() string { return place(k.file, k.line) }

func place(file string, line int) string { return fmt.Sprintf("%s:%d", file, line) }

func newCollector() *collector {
	return &collector{
		tasks: map[string]int{}, models: map[string]int{}, cells: map[[2]int]known{}, codes: map[[2]int]string{}, happened: map[[2]int]Judged{}, spellings: map[string]bool{},
	}
}

// task is the index of a task, which is added where it is new.
func (c *collector) task(benchmark, id, file string, line int) int {
	benchmark, id = BenchmarkName(benchmark), strings.TrimSpace(id)
	key := foldBenchmark(benchmark) + "\x00" + foldID(benchmark, id)
	t, ok := c.tasks[key]
	if !ok {
		t = len(c.Tasks)
		c.tasks[key] = t
		c.Tasks = append(c.Tasks, Task{Benchmark: benchmark, ID: strings.Clone(id)})
		return t
	}
	if first := c.Tasks[t].ID; first != id {
		form := fmt.Sprintf("%s\x00%s\x00%s", benchmark, prefixOf(first), prefixOf(id))
		if !c.spellings[form] {
			c.spellings[form] = true
			c.defect(MixedIDs, place(file, line), "task %q is %q in an earlier row: tasks of %s are joined across spellings (said once for each form)", id, first, benchmark)
		}
	}
	return t
}

// model is the index of a model, which is added where it is new.
func (c *collector) model(name, file string, line int) int {
	name = strings.TrimSpace(name)
	key := foldModel(name)
	m, ok := c.models[key]
	if !ok {
		m = len(c.Models)
		c.models[key] = m
		c.Models = append(c.Models, strings.Clone(name))
		return m
	}
	if first := c.Models[m]; first != name && !c.spellings[first+"\x00"+name] {
		c.spellings[first+"\x00"+name] = true
		c.defect(ModelNames, place(file, line), "model %q differs from %q only in case or punctuation: the two are taken for one", name, first)
	}
	return m
}

// add records a result; n is 0 where the input does not say it.
func (c *collector) add(task, model int, rate float64, n int, file string, line int) {
	key := [2]int{task, model}
	before, again := c.cells[key]
	switch {
	case !again:
		c.cells[key] = known{rate, n, file, line}
	case before.rate == rate:
		c.Repeated++
	default:
		c.defect(Contradiction, place(file, line), "%s by %s has pass rate %.3g here and %.3g in %s: the earlier one is used",
			c.Tasks[task].ID, c.Models[model], rate, before.rate, before.where())
	}
}

// program records what a model wrote.
func (c *collector) program(task, model int, code, file string, line int) {
	key := [2]int{task, model}
	if strings.TrimSpace(code) == "" {
		c.defect(EmptyProgram, place(file, line), "the program of %s for %s is empty", c.Models[model], c.Tasks[task].ID)
		return
	}
	if before, again := c.codes[key]; again {
		if before != code {
			c.defect(Contradiction, place(file, line), "a second, different program of %s for %s: the first is used", c.Models[model], c.Tasks[task].ID)
		}
		return
	}
	c.codes[key] = code
}

// about records what an input says of a task beside results.
func (c *collector) about(task int, difficulty string, date time.Time, prompt, file string, line int) {
	t := &c.Tasks[task]
	if t.Difficulty == "" {
		t.Difficulty = strings.Clone(difficulty)
	} else if difficulty != "" && difficulty != t.Difficulty {
		c.defect(Contradiction, place(file, line), "task %s is %s here, %s before: the earlier one is used", t.ID, difficulty, t.Difficulty)
	}
	if t.Date.IsZero() {
		t.Date = date
	}
	if t.Prompt == "" {
		t.Prompt = prompt
	}
}

// finish sorts everything and puts cells and programs to their tasks.
func (c *collector) finish() *Results {
	r := &c.Results
	order := argsort(len(r.Models), func(a, b int) int { return cmp.Compare(r.Models[a], r.Models[b]) })
	rank := make([]int, len(order))
	names := make([]string, len(order))
	for i, m := range order {
		rank[m], names[i] = i, r.Models[m]
	}
	r.Models = names
	for key, k := range c.cells {
		t := &r.Tasks[key[0]]
		t.Cells = append(t.Cells, Cell{Model: rank[key[1]], Rate: k.rate, N: k.n})
	}
	for key, j := range c.happened {
		j.Model = rank[key[1]]
		r.Tasks[key[0]].Judged = append(r.Tasks[key[0]].Judged, j)
	}
	c.joinPrograms(rank)
	for i := range r.Tasks {
		t := &r.Tasks[i]
		slices.SortFunc(t.Cells, func(a, b Cell) int { return a.Model - b.Model })
		slices.SortFunc(t.Judged, func(a, b Judged) int { return a.Model - b.Model })
		slices.SortFunc(t.Programs, func(a, b Program) int { return a.Model - b.Model })
	}
	c.inferN()
	slices.SortStableFunc(r.Tasks, func(a, b Task) int {
		return cmp.Or(cmp.Compare(a.Benchmark, b.Benchmark), compareIDs(a.ID, b.ID))
	})
	if r.DefectCounts == nil {
		r.DefectCounts = map[DefectKind]int{}
	}
	return r
}

// joinPrograms puts programs to their tasks and says where one of the two is missing.
func (c *collector) joinPrograms(rank []int) {
	if len(c.codes) == 0 {
		return
	}
	byKey := func(a, b [2]int) int {
		return cmp.Or(compareIDs(c.Tasks[a[0]].ID, c.Tasks[b[0]].ID), a[0]-b[0], rank[a[1]]-rank[b[1]])
	}
	model := func(key [2]int) string { return c.Models[rank[key[1]]] }
	for _, key := range slices.SortedFunc(maps.Keys(c.codes), byKey) {
		t := &c.Tasks[key[0]]
		t.Programs = append(t.Programs, Program{Model: rank[key[1]], Code: c.codes[key]})
		if _, ok := c.cells[key]; !ok {
			c.defect(NoResult, t.Name(), "%s has a program but no result", model(key))
		}
	}
	for _, key := range slices.SortedFunc(maps.Keys(c.cells), byKey) {
		if _, ok := c.codes[key]; !ok {
			c.defect(NoProgram, c.Tasks[key[0]].Name(), "%s has a result but no program", model(key))
		}
	}
}

// inferN finds how many programs rates are of, for each model of a benchmark, where the input does not say: the fewest that
// can give all of its rates.
func (c *collector) inferN() {
	type group struct {
		benchmark string
		model     int
	}
	rates := map[group]map[float64]bool{}
	for i := range c.Tasks {
		for _, x := range c.Tasks[i].Cells {
			if x.N == 0 {
				g := group{c.Tasks[i].Benchmark, x.Model}
				if rates[g] == nil {
					rates[g] = map[float64]bool{}
				}
				rates[g][x.Rate] = true
			}
		}
	}
	ns := map[group]int{}
	for _, g := range slices.SortedFunc(maps.Keys(rates), func(a, b group) int {
		return cmp.Or(cmp.Compare(a.benchmark, b.benchmark), a.model-b.model)
	}) {
		if ns[g] = fewest(rates[g]); ns[g] > 1 {
			c.defect(Inferred, g.benchmark, "%s: the input does not say how many programs its rates are of; taken for %d, the fewest that can give them", c.Models[g.model], ns[g])
		}
	}
	for i := range c.Tasks {
		t := &c.Tasks[i]
		for k := range t.Cells {
			if t.Cells[k].N == 0 {
				t.Cells[k].N = ns[group{t.Benchmark, t.Cells[k].Model}]
			}
		}
	}
}

// fewest is the smallest usual number of programs that all rates are whole shares of, else 1000.
func fewest(rates map[float64]bool) int {
	for _, n := range []int{1, 2, 3, 4, 5, 8, 10, 16, 20, 25, 32, 40, 50, 64, 100, 128, 200, 256} {
		whole := true
		for r := range rates {
			x := r * float64(n)
			near := x - float64(int(x+0.5))
			whole = whole && near < 0.011 && near > -0.011
		}
		if whole {
			return n
		}
	}
	return 1000
}

func argsort(n int, compare func(a, b int) int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, compare)
	return order
}
