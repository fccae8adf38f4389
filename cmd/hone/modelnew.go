package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"hone/model"
	"hone/token"
)

// modelNewFlags are the flags of hone model new.
type modelNewFlags struct {
	out, tokenizer, dtype string
	seed                  uint64
	force                 bool
}

func newModelNew() *cobra.Command {
	var f modelNewFlags
	c := &cobra.Command{
		Use:   "new CONFIG --out FOLDER",
		Short: "Write a model of random weights with the shape that a config.json has",
		Long: `Write a model of random weights with the shape that a config.json has: to see what a recipe
takes, in memory and in time, before the real weights are there.

Without --tokenizer it gets one of made-up tokens that fills the vocabulary, and every 100th
token ends a text, so that what such a model writes has an end as programs have.`,
		Example: `  hone model new recipes/qwen2.5-coder-0.5b.config.json --out /tmp/random
  hone train recipes/qwen2.5-coder-0.5b.yaml --set model.from=/tmp/random --dry-run`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("name one file, a model's config.json (see: %s --help)", c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return f.run(c.OutOrStdout(), args[0]) },
	}
	fl := c.Flags()
	fl.SortFlags = false
	fl.StringVar(&f.out, "out", "", "folder to write")
	fl.StringVar(&f.tokenizer, "tokenizer", "", "folder or tokenizer.json of the tokenizer (default: one of made-up tokens)")
	fl.StringVar(&f.dtype, "dtype", "", "type of the weights: float32, bfloat16 or float16 (default: what the config says)")
	fl.Uint64Var(&f.seed, "seed", 1, "what chance begins from")
	fl.BoolVar(&f.force, "force", false, "write into a folder that is not empty")
	return c
}

func (f *modelNewFlags) run(w io.Writer, path string) error {
	if err := checkModelOut(f.out, f.dtype, f.force); err != nil {
		return err
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	config, err := model.ParseConfig(raw)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	var tok *token.Tokenizer
	if f.tokenizer != "" {
		tok, err = token.Load(f.tokenizer)
	} else {
		end := config.Vocab - 1
		if n := len(config.EOS); n > 0 {
			end = config.EOS[n-1]
		}
		tok, err = token.MadeUp(end)
		for id := 99; id < config.Vocab; id += 100 {
			if !slices.Contains(config.EOS, id) {
				config.EOS = append(config.EOS, id)
			}
		}
	}
	if err != nil {
		return err
	}
	if f.dtype != "" {
		config.DType = model.DType(f.dtype)
	}
	m, err := model.New(config, rand.New(rand.NewPCG(f.seed, 0)))
	if err != nil {
		return err
	}
	if err := fits(f.tokenizer, tok, m); err != nil {
		return err
	}
	if err := errors.Join(m.Save(f.out, ""), tok.Save(f.out)); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s: %s, %s random parameters as %s\n", f.out, m.Architecture, thousands(m.Parameters()), m.DType)
	return err
}

// checkModelOut refuses a folder that a model cannot be written into, and unknown types of weights.
func checkModelOut(out, dtype string, force bool) error {
	switch {
	case out == "":
		return usagef("--out is missing: name a folder to write")
	case dtype != "" && !slices.Contains([]model.DType{model.Float32, model.BFloat16, model.Float16}, model.DType(dtype)):
		return usagef("--dtype %q: it is float32, bfloat16 or float16", dtype)
	}
	switch files, err := os.ReadDir(out); {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("--out: %w", err)
	case len(files) > 0 && !force:
		return fmt.Errorf("%s is not empty: name another folder, or have the model written into it with --force", out)
	}
	return nil
}
