package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"hone/graded"
	"hone/loop"
	"hone/loop/base"
	"hone/problem"
	"hone/recipe"
	"hone/store"
)

//go:embed demo.yaml
var demoRecipe []byte

// demoShown is how many programs that became better are shown.
const demoShown = 2

// demoLoop makes the small model that comes along better at problems of kinds that it was never
// trained on, by running what it writes, and shows by how much. Everything is made in a folder.
func demoLoop(ctx context.Context, in *interrupts, w io.Writer, box sandboxFlags, dir string, iterations, learn, heldOut int) error {
	r := loop.DefaultRecipe()
	if err := recipe.Parse(demoRecipe, "demo.yaml", &r); err != nil {
		return err
	}
	for _, at := range []*string{&r.Model, &r.Problems[0], &r.HeldOut[0]} {
		*at = filepath.Join(dir, *at)
	}
	s := &r.Stages[len(r.Stages)-1]
	perIteration := s.Train.Steps
	s.Train.Steps *= iterations

	// A demonstration that is over is shown again from the start; one that was stopped goes on.
	run, page := filepath.Join(dir, "loop"), filepath.Join(dir, "report.html")
	if _, err := os.Stat(page); err == nil {
		if err := errors.Join(os.RemoveAll(run), os.Remove(page)); err != nil {
			return err
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := base.Write(r.Model); err != nil {
		return err
	}
	problems, err := unseen(ctx, learn+heldOut)
	if err != nil {
		return err
	}
	// The first ones are held out: others than those that settings were looked for with (docs/improve.md),
	// and the same whatever the number to learn from.
	for path, part := range map[string][]*problem.Problem{r.HeldOut[0]: problems[:heldOut], r.Problems[0]: problems[heldOut:]} {
		if err := writeEach(path, part, func(w io.Writer, p *problem.Problem) error { return json.NewEncoder(w).Encode(p) }); err != nil {
			return err
		}
	}
	fmt.Fprintf(w, `
The model of 2.4 million parameters that comes along (docs/base.md) now learns from running what it writes:
%d problems of kinds that it was never trained on, without a reference, and %d others to measure it on. First it
learns from those of %d programs that pass, then, in %s of %d programs, from which
of the programs for a problem do better (hone demo --problems and --iterations change that). In %s

`, learn, heldOut, learn*r.Collect.Samples, count(iterations, "iteration", "iterations"), s.Train.Batch*perIteration, dir)
	f := improveFlags{out: run, force: true, box: box}
	result, err := f.run(ctx, in, r)
	if err != nil {
		return err
	}
	shown := 0
	before, after := result.Of(loop.Base, r.Seeds[0]), result.Of(s.Name, r.Seeds[0])
	for i, p := range result.HeldOut {
		if a, b := &before.Greedy[i], &after.Greedy[i]; shown < demoShown && !a.Passed() && b.Passed() {
			shown++
			fmt.Fprintf(w, "\n%s%s\n    → before: %s\n%s\n    → after: %s\n", p.Prompt, strings.TrimRight(a.Text, "\n"), outcomeText(a), strings.TrimRight(b.Text, "\n"), outcomeText(b))
		}
	}
	printLoop(w, result)
	if err := result.Page("hone demo").WriteFile(page); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "\n%s shows curves, every problem and what tokens earned.\nNext: hone improve --help does this with a model and problems of yours; hone train, hone eval and hone judge are its parts.\n", page)
	return err
}

// demoFolder makes the folder of a demonstration, which has its recipe in it: one that has other things
// is somebody's, and nothing there is touched.
func demoFolder(dir string) error {
	mark := filepath.Join(dir, "demo.yaml")
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if _, err := os.Stat(mark); err != nil && len(entries) > 0 {
		return usagef("%s holds files that hone demo did not make: name another folder with --out", dir)
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	return store.WriteFile(mark, demoRecipe, 0o666)
}

func outcomeText(p *loop.Program) string { return strings.ReplaceAll(string(p.Outcome), "_", " ") }

// unseen are problems with compositions of the test split, the same each time.
func unseen(ctx context.Context, n int) ([]*problem.Problem, error) {
	var out []*problem.Problem
	for p, err := range graded.Generate(graded.Config{Split: graded.Test, Seed: 9}) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		if out = append(out, &p.Problem); len(out) == n {
			break
		}
	}
	return out, nil
}
