package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"hone/tensor/cpu"
	"hone/train"
)

func newModelMasked() *cobra.Command {
	var f trainFlags
	var recipePath string
	var length, tokens int
	c := &cobra.Command{
		Use:   "masked FOLDER --recipe RECIPE",
		Short: "How well does an encoder fill in hidden tokens, in rows of any length?",
		Long: `How well does an encoder fill in hidden tokens, in rows of any length?

The text is the validation split of a recipe of kind mlm, which says how much is hidden.
Rows may be longer than those that the model was trained with; learned embeddings of
positions that it lacks are random then. At all powers of two up to 4,096 the text and
what is hidden are the same.`,
		Example: "  hone model masked runs/mlm-tiny/model --recipe recipes/mlm-tiny.yaml --length 512",
		Args:    oneFolder,
		RunE: func(c *cobra.Command, args []string) error {
			if recipePath == "" {
				return usagef("--recipe is missing: name a recipe of kind mlm")
			}
			r, err := f.read(recipePath)
			if err != nil {
				return err
			}
			if length == 0 {
				length = r.Train.Length
			}
			if err := f.paths(r.Name); err != nil {
				return err
			}
			con := newConsole()
			reading := &phases{con: con}
			dev := cpu.New(r.Train.Threads)
			defer dev.Close()
			s, err := train.Masked(c.Context(), dev, r, args[0], length, tokens, train.OpenOptions{Cache: f.cache, Log: con.println, Progress: reading.report})
			reading.finish()
			if err != nil {
				return err
			}
			if f.json {
				return printJSON(os.Stdout, s)
			}
			fmt.Fprintf(c.OutOrStdout(), "rows of %d tokens, %d tokens in all: loss %.4f, accuracy %.4f\n", s.Length, s.Tokens, s.Loss, s.Accuracy)
			if s.Drawn > 0 {
				fmt.Fprintf(c.OutOrStdout(), "the embeddings of %s were drawn\n", count(s.Drawn, "position", "positions"))
			}
			return nil
		},
	}
	c.Flags().StringVar(&recipePath, "recipe", "", "recipe of kind mlm")
	c.Flags().StringArrayVar(&f.sets, "set", nil, "override a key of the recipe (repeatable)")
	c.Flags().IntVar(&length, "length", 0, "tokens of a row (default: the recipe's train.length)")
	c.Flags().IntVar(&tokens, "tokens", 1<<17, "the most tokens that are read")
	c.Flags().StringVar(&f.cache, "cache", "", "folder for the tokens of corpora (default: hone in the user's cache folder)")
	c.Flags().BoolVar(&f.json, "json", false, "print JSON")
	return c
}
