package main

import "github.com/spf13/cobra"

func newData(in *interrupts) *cobra.Command {
	c := &cobra.Command{
		Use:   "data",
		Short: "Make data to train on, and look at it",
		Example: `  hone data graded --levels 1-6 --n 5000 --split train --out train.jsonl --rows rows.jsonl
  hone data graded --n 600 --split test --out test.jsonl
  hone data build --problems HumanEval.jsonl.gz --samples completions.jsonl.gz --out rows.jsonl
  hone data info rows.jsonl
  hone data check rows.jsonl --against test.jsonl`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.SuggestionsMinimumDistance = 2
	c.AddCommand(newDataGraded(), newDataBuild(in), newDataInfo(), newDataCheck(in), newDataTasks(), newDataProblems())
	return c
}
