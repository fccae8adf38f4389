package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"hone/corpus"
	"hone/task"
)

// dataTasksFlags are the flags of hone data tasks.
type dataTasksFlags struct {
	train  trainFlags
	make   task.FromPython
	out    string
	force  bool
	asJSON bool
}

func newDataTasks() *cobra.Command {
	var f dataTasksFlags
	c := &cobra.Command{
		Use:   "tasks RECIPE --out FILE",
		Short: "Make rows of code search or type inference of the Python functions of a recipe's corpus",
		Long: `Make rows of code search or type inference of the Python functions of a recipe's corpus.

  search  the query is a docstring's first paragraph, the answer the function without it
  tokens  annotations are taken out; the types are the labels of what they were of

The corpus's split by project is kept, so that a model that the recipe pre-trains has read
no function of the test split. hone train (kind finetune, format rows) reads the file.`,
		Example: `  hone data tasks recipes/mlm-tiny.yaml --kind search --out search.jsonl
  hone data tasks recipes/mlm-tiny.yaml --kind tokens --n 8000 --out types.jsonl`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("name one recipe of kind mlm or clm (see: %s --help)", c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return f.run(c.Context(), c.OutOrStdout(), args[0]) },
	}
	fl := c.Flags()
	fl.SortFlags = false
	fl.StringVar((*string)(&f.make.Kind), "kind", string(task.Search), "search or tokens")
	fl.StringVar(&f.out, "out", "", "file for the rows, JSON lines")
	fl.IntVar(&f.make.N, "n", 4000, "the most rows to train on")
	fl.IntVar(&f.make.HeldOut, "held-out", 1000, "the most rows of the validation and of the test split")
	fl.IntVar(&f.make.Labels, "labels", 20, "tokens: the most types")
	fl.StringArrayVar(&f.train.sets, "set", nil, "override a key of the recipe (repeatable)")
	fl.BoolVar(&f.force, "force", false, "replace a file that is there")
	fl.BoolVar(&f.asJSON, "json", false, "print the summary as JSON")
	return c
}

func (f *dataTasksFlags) run(ctx context.Context, w io.Writer, path string) error {
	switch {
	case f.out == "":
		return usagef("--out is missing: name a file for the rows")
	case f.make.Kind != task.Search && f.make.Kind != task.Tokens:
		return usagef("--kind %s: it is search or tokens", f.make.Kind)
	case f.make.N < 1 || f.make.HeldOut < 1 || f.make.Labels < 2:
		return usagef("--n and --held-out are at least 1, --labels at least 2")
	}
	if err := checkOutputs(f.force, f.out); err != nil {
		return err
	}
	r, err := f.train.read(path)
	if err != nil {
		return err
	}
	if r.Corpus == nil {
		return fmt.Errorf("%s has no corpus: a recipe of kind mlm or clm has", path)
	}
	rows, made, err := f.make.Rows(ctx, *r.Corpus)
	if err != nil {
		return err
	}
	if err := writeEach(f.out, rows, func(w io.Writer, r task.Row) error { return json.NewEncoder(w).Encode(r) }); err != nil {
		return err
	}
	if f.asJSON {
		return printJSON(w, made)
	}
	var parts []string
	for _, s := range corpus.Splits() {
		parts = append(parts, fmt.Sprintf("%d of %s %s", made.Rows[string(s)], count(made.Projects[string(s)], "project", "projects"), s))
	}
	fmt.Fprintf(w, "%s of %s: %s\n", count(len(rows), "row", "rows"), count(made.Functions, "function", "functions"), strings.Join(parts, ", "))
	if made.Spans > 0 {
		parts = nil
		for _, l := range slices.SortedFunc(maps.Keys(made.Labels), func(a, b string) int {
			return cmp.Or(made.Labels[b]-made.Labels[a], cmp.Compare(a, b))
		}) {
			parts = append(parts, fmt.Sprintf("%s %d", l, made.Labels[l]))
		}
		fmt.Fprintf(w, "%d types: %s; %d of others are left out\n", made.Spans, strings.Join(parts, ", "), made.Rare)
	}
	return nil
}
