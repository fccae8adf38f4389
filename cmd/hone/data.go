package main

import "github.com/spf13/cobra"

func newData() *cobra.Command {
	c := &cobra.Command{
		Use:   "data",
		Short: "Write data to train on",
		Example: `  hone data graded --levels 1-6 --n 5000 --split train --out train.jsonl --rows rows.jsonl
  hone data graded --n 600 --split test --out test.jsonl`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.SuggestionsMinimumDistance = 2
	c.AddCommand(newDataGraded())
	return c
}
