package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"hone/graded"
	"hone/loop"
	"hone/loop/base"
	"hone/problem"
)

// demoHeldOut is how many problems the small model that comes along is measured on, and how
// many of its programs are shown.
const demoHeldOut, demoShown = 60, 2

// demoModel has the small model write programs for problems with compositions that it was
// never trained on, and judges them.
func demoModel(ctx context.Context, in *interrupts, w io.Writer, box sandboxFlags) error {
	dir, err := os.MkdirTemp("", "hone-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := base.Write(filepath.Join(dir, "base")); err != nil {
		return err
	}
	problems, err := heldOut(ctx, demoHeldOut)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, "held-out.jsonl")
	if err := writeEach(path, problems, func(w io.Writer, p *problem.Problem) error { return json.NewEncoder(w).Encode(p) }); err != nil {
		return err
	}
	r := loop.DefaultRecipe()
	r.Name, r.Model, r.Problems, r.HeldOut = "demo", filepath.Join(dir, "base"), []string{path}, []string{path}
	r.Evaluate.Temperature, r.Evaluate.MaxTokens = 1, 128
	fmt.Fprintf(w, "\nThe model of 2.4 million parameters that comes along (docs/base.md) writes %d programs for each of %d problems, of kinds it was never trained on.\n\n", r.Evaluate.Samples, len(problems))
	f := improveFlags{out: filepath.Join(dir, "loop"), box: box}
	result, err := f.run(ctx, in, r)
	if err != nil {
		return err
	}
	m := result.Of(loop.Base, r.Seeds[0])
	for i := range demoShown {
		at := i * len(problems) / demoShown
		g := m.Programs[at*r.Evaluate.Samples]
		fmt.Fprintf(w, "%s%s    → %s\n\n", problems[at].Prompt, strings.TrimRight(g.Text, "\n")+"\n", strings.ReplaceAll(string(g.Outcome), "_", " "))
	}
	printLoop(w, result)
	_, err = fmt.Fprint(w, "\nNext: hone improve --help makes a model better by running what it writes; hone train, hone eval and hone judge are its parts.\n")
	return err
}

// heldOut are problems with compositions of the test split, the same each time.
func heldOut(ctx context.Context, n int) ([]*problem.Problem, error) {
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
