package main

import (
	"io"

	"github.com/spf13/cobra"

	"hone/offline"
	"hone/token"
)

func newDataInfo() *cobra.Command {
	var tokenizer string
	var asJSON bool
	c := &cobra.Command{
		Use:   "info FILE…",
		Short: "Say what is in rows of judged programs",
		Long: `Say what is in files that hone data build writes and hone train (kind offline) reads: how many
problems and programs, of which kinds, models, sources and lengths, and what rewards they have.`,
		Example: `  hone data info rows.jsonl
  hone data info 'rows/*.jsonl.gz' --tokenizer runs/base/model --json`,
		RunE: func(c *cobra.Command, args []string) error {
			return runDataInfo(c.OutOrStdout(), args, tokenizer, asJSON)
		},
	}
	fl := c.Flags()
	fl.SortFlags = false
	fl.StringVar(&tokenizer, "tokenizer", "", "tokenizer.json, or a folder with one, that lengths are counted with (default: bytes)")
	fl.BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func runDataInfo(w io.Writer, files []string, tokenizer string, asJSON bool) error {
	if len(files) == 0 {
		return usagef("name a file of rows (see: hone data info --help)")
	}
	unit, length := "bytes", func(s string) int { return len(s) }
	if tokenizer != "" {
		t, err := token.Load(tokenizer)
		if err != nil {
			return err
		}
		unit, length = "tokens", func(s string) int { return len(t.Encode(s)) }
	}
	var rows []offline.Row
	for _, f := range files {
		r, err := offline.Read(f)
		if err != nil {
			return err
		}
		rows = append(rows, r...)
	}
	info := offline.Describe(rows, unit, length)
	if asJSON {
		return printJSON(w, info)
	}
	info.Print(w)
	return nil
}
