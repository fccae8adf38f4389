package study

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"hone/recipe"
)

const example = `name: t
seeds: [1, 2, 3]
axes:
  - name: model
    values: [{name: a, args: [--set, width=1]}, {name: b, args: [--set, width=2, --from, "{seed}"]}]
  - name: task
    values: [{name: x}, {name: y}]
steps:
  - {name: data, once: true, args: [data, --out, "{dir}/d"]}
  - {name: pretrain, axes: [model], args: [train, RECIPE, "{model}", --out, "{dir}", --data, "{data}/d", --seed, "{seed}"]}
  - {name: tune, axes: [model, task], args: [train, --from, "{pretrain}/model", --task, "{task}.jsonl", --seed, "{seed}"], more: {task: {y: [--more, "{task}{seed}"]}}}
tables:
  - {title: Loss, step: pretrain, value: loss, rows: model}
  - {title: Score, step: tune, value: scores.f1, rows: model, columns: task, scale: 100, beside: [{name: baseline, value: base}, {name: constant, value: one}]}
curves:
  - {title: Accuracy, step: pretrain, y: measures.accuracy, lines: model}
`

func parse(t *testing.T, text string) (*Study, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "r.yaml")
	if err := os.WriteFile(path, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	var s Study
	return &s, recipe.Parse([]byte(strings.ReplaceAll(text, "RECIPE", path)), "s.yaml", &s)
}

func mustCells(t *testing.T, s *Study) []Cell {
	t.Helper()
	cells, err := s.Cells()
	if err != nil {
		t.Fatal(err)
	}
	return cells
}

// TestCells: shared steps are run once, and arguments are filled in.
func TestCells(t *testing.T) {
	s, err := parse(t, example)
	if err != nil {
		t.Fatal(err)
	}
	cells := mustCells(t, s)
	if len(cells) != 1+2*3+4*3 {
		t.Fatalf("%d cells", len(cells))
	}
	keys := map[string]bool{}
	for _, c := range cells {
		if keys[c.Key] {
			t.Errorf("two cells are %s", c.Key)
		}
		for _, k := range c.Of {
			if !keys[k] {
				t.Errorf("%v comes before what it needs", c)
			}
		}
		keys[c.Key] = true
	}
	data, pre, tune := cells[0], cells[5], cells[len(cells)-1] // b 2; b y 3
	if got := strings.Join(pre.Args[2:], " "); got != "--set width=2 --from 2 --out {dir} --data {cell:"+data.Key+"}/d --seed 2" {
		t.Errorf("arguments %s", got)
	}
	if got := strings.Join(tune.Args, " "); got != "train --from {cell:"+cells[6].Key+"}/model --task y.jsonl --seed 3 --more y3" {
		t.Errorf("arguments %s", got)
	}
}

// TestKeys change with all that decides a result, and with nothing else.
func TestKeys(t *testing.T) {
	s, err := parse(t, example)
	if err != nil {
		t.Fatal(err)
	}
	before := mustCells(t, s)
	same := func(want bool, what string) {
		t.Helper()
		after := mustCells(t, s)
		if (after[1].Key == before[1].Key) != want || (after[7].Key == before[7].Key) != want {
			t.Errorf("%s: the keys are %s and %s, before %s and %s", what, after[1].Key, after[7].Key, before[1].Key, before[7].Key)
		}
	}
	s.About, s.Tables, s.Name = "other", nil, "other"
	same(true, "the text")
	path := s.Steps[1].Args[1]
	if err := os.WriteFile(path, []byte("y"), 0o644); err != nil {
		t.Fatal(err)
	}
	same(false, "a recipe")
	if err := os.WriteFile(path, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	same(true, "the recipe as it was")
	s.Steps[0].Args = append(s.Steps[0].Args, "--more")
	same(false, "a step before")
}

func TestCheck(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{"seeds: [1, 2, 3]", "seeds: []", "seeds are missing"},
		{"{task}.jsonl", "{tusk}.jsonl", "has {tusk}, which is neither seed, dir, an axis of the step, nor an earlier step"},
		{"{name: data, once: true, args: [data", "{name: data, once: true, args: ['{seed}'", "the step runs once for all seeds"},
		{"axes: [model], args", "axes: [modl], args", `has "modl", which is no axis`},
		{"axes: [model, task], args", "axes: [task], args", "which differs in model, but the step does not"},
		{"name: tune", "name: pretrain", `is "pretrain", which is there already`},
		{"name: tune", "name: Tune", "a name has small letters"},
		{"rows: model, columns", "rows: depth, columns", `has "depth", which is no axis of the step tune`},
		{"step: tune, value", "step: test, value", `is "test", which is no step`},
		{"axes: [model, task], args", "only: {task: [z]}, axes: [model, task], args", "has task: z, which is no value"},
		{"more: {task: {y:", "more: {task: {z:", "has task: z, which is no value"},
		{"{task}{seed}", "{tusk}{seed}", "has {tusk}, which is neither"},
		{"columns: task, scale", "columns: task, only: {task: [z]}, scale", "has task: z, which is no value"},
	} {
		if !strings.Contains(example, c.from) {
			t.Fatalf("the example lacks %q", c.from)
		}
		if _, err := parse(t, strings.Replace(example, c.from, c.to, 1)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the error is %v, it should say %q", c.to, err, c.want)
		}
	}
}

// TestRun: what is done is not run again; what needs a failed cell fails; what failed or was
// stopped is tried again.
func TestRun(t *testing.T) {
	s, err := parse(t, example)
	if err != nil {
		t.Fatal(err)
	}
	cells := mustCells(t, s)
	var ran []string
	broken, stopAt := true, -1
	o := Options{Dir: t.TempDir(), Version: "v", Exec: func(_ context.Context, args []string, dir string) ([]byte, error) {
		if len(ran) == stopAt {
			return nil, ErrStopped
		}
		ran = append(ran, args[0])
		for _, a := range args {
			if strings.Contains(a, "{") {
				t.Errorf("%q is not filled in", a)
			}
		}
		switch args[0] {
		case "data":
			return nil, nil
		default:
			if args[1] != "--from" {
				seed := args[len(args)-1]
				if broken && seed == "2" {
					return nil, errors.New("no luck")
				}
				width := 1.
				if strings.Contains(strings.Join(args, " "), "width=2") {
					width = 2
				}
				rows := fmt.Sprintf("{\"step\": 1, \"measures\": {\"accuracy\": 0.1}}\n{\"step\": 2}\n{\"step\": 3, \"measures\": {\"accuracy\": %v}}\n", width/10)
				if err := os.WriteFile(filepath.Join(dir, "metrics.jsonl"), []byte(rows), 0o644); err != nil {
					return nil, err
				}
				return fmt.Appendf(nil, `{"loss": %v, "name": "m", "ok": true, "list": [1, 2]}`, width+float64(seed[0]-'0')), nil
			}
			return []byte(`{"scores": {"f1": 0.5}, "base": 0.25, "one": 0.125}`), nil
		}
	}}
	results, err := Run(context.Background(), cells, o)
	if err != nil {
		t.Fatal(err)
	}
	failed := 0
	for _, r := range results {
		if r.Error != "" {
			failed++
		}
	}
	if failed != 2+4 || len(ran) != 19-4 {
		t.Errorf("%d failed, %d were run", failed, len(ran))
	}
	broken, ran, stopAt = false, nil, 3
	if _, err := Run(context.Background(), cells, o); !errors.Is(err, ErrStopped) {
		t.Fatal(err)
	}
	stopAt = -1
	if results, err = Run(context.Background(), cells, o); err != nil {
		t.Fatal(err)
	}
	if len(ran) != 6 { // those that failed
		t.Errorf("%d cells were run again: %v", len(ran), ran)
	}
	if n := results[1].Numbers; n["loss"] != 2 || n["ok"] != 1 || n["list.1"] != 2 || len(n) != 4 {
		t.Errorf("the numbers are %v", n)
	}
	g := s.Grid(s.Tables[0], results)
	if m := g.Cells[1][0]; m.Value != 4 || m.N != 3 || math.Abs(m.Half-4.302652729911275/math.Sqrt(3)) > 1e-9 {
		t.Errorf("the mean is %+v", m)
	}
	g = s.Grid(s.Tables[1], results)
	if text := MeanOf([]float64{0.1 + 0.2, 0.3, 0.3}).String(); text != "0.3 ± 0" {
		t.Errorf("numbers that differ by rounding alone are %s", text)
	}
	if text := g.Text(); !strings.Contains(text, "| b | 50 ± 0 | 50 ± 0 |\n| baseline | 25 ± 0 | 25 ± 0 |\n| constant | 12.5 ± 0 | 12.5 ± 0 |\n") {
		t.Error(text)
	}
	var rows strings.Builder
	if err := s.CSV(&rows, results); err != nil {
		t.Fatal(err)
	}
	if text := rows.String(); !strings.HasPrefix(text, "step,model,task,seed,path,value\npretrain,a,,1,loss,2\n") || !strings.Contains(text, "\ntune,b,y,3,scores.f1,0.5\ntune,b,y,3,base,0.25\ntune,b,y,3,one,0.125\n") {
		t.Error(text)
	}
	part := s.Tables[1]
	part.Only = map[string][]string{"model": {"b"}, "task": {"x"}}
	if g := s.Grid(part, results); len(g.Rows) != 3 || g.Rows[0] != "b" || len(g.Columns) != 1 || g.Columns[0] != "x" {
		t.Errorf("a part of the table is %+v", g)
	}
	if g := s.Grid(s.Tables[1], results[:3]); !g.Empty() {
		t.Errorf("a table without results has %+v", g)
	}
	page, err := s.Page(results, len(cells), o.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := page.WriteFile(filepath.Join(o.Dir, "r.html")); err != nil {
		t.Fatal(err)
	}
}

// TestJobs: with several cells at a time each comes after those it needs, and results are the same; what is
// under way when one gives up comes to its end.
func TestJobs(t *testing.T) {
	s, err := parse(t, example)
	if err != nil {
		t.Fatal(err)
	}
	cells := mustCells(t, s)
	run := func(jobs, stopAt int) (results []Result, most int, err error) {
		dir := t.TempDir()
		var mu sync.Mutex
		now, begun := 0, 0
		two := make(chan struct{}) // closed when two are running
		ended := map[string]bool{} // by folder
		results, err = Run(context.Background(), cells, Options{Dir: dir, Jobs: jobs, Exec: func(_ context.Context, args []string, own string) ([]byte, error) {
			mu.Lock()
			for _, c := range cells {
				if filepath.Join(dir, c.Key) == own {
					for _, key := range c.Of {
						if !ended[filepath.Join(dir, key)] {
							t.Errorf("%v was begun before %s was there", args, key)
						}
					}
				}
			}
			begun++
			alone := begun == 1 // all others need the data
			stop := begun == stopAt
			if now++; now == 2 && most < 2 {
				close(two)
			}
			most = max(most, now)
			mu.Unlock()
			if jobs > 1 && !alone {
				select {
				case <-two:
				case <-time.After(time.Minute):
				}
			}
			time.Sleep(time.Millisecond)
			mu.Lock()
			now--
			ended[own] = true
			mu.Unlock()
			if stop {
				return nil, ErrStopped
			}
			return fmt.Appendf(nil, `{"loss": %d}`, len(strings.Join(args, "")[len(dir):])), nil
		}})
		if now != 0 {
			t.Errorf("%d were still running at the end", now)
		}
		for i := range results {
			results[i].Seconds = 0
		}
		return results, most, err
	}
	one, most, err := run(1, 0)
	if err != nil || most != 1 {
		t.Fatalf("%d at a time, %v", most, err)
	}
	three, most, err := run(3, 0)
	if err != nil || most < 2 || most > 3 || len(three) != len(one) {
		t.Fatalf("%d at a time, %v", most, err)
	}
	for i := range one {
		if one[i].Cell.Key != three[i].Cell.Key || three[i].Error != "" {
			t.Errorf("cell %d: %+v", i, three[i])
		}
	}
	if _, _, err := run(3, 4); !errors.Is(err, ErrStopped) {
		t.Error(err)
	}
}
