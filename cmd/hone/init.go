package main

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

// domainFiles is the domain that hone init domain lays out: a greenhouse with two tasks.
//
//go:embed initdomain
var domainFiles embed.FS

func newInit() *cobra.Command {
	c := &cobra.Command{
		Use:     "init",
		Short:   "Lay out files to begin with",
		Long:    "Lay out files to begin with: small, complete, and running as they are.",
		Example: "  hone init domain greenhouse",
		Args:    noArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newInitDomain())
	return c
}

func newInitDomain() *cobra.Command {
	return &cobra.Command{
		Use:   "domain DIR",
		Short: "Begin a domain of your own: a robot's API, tasks with checks, a reward",
		Long: `Begin a domain of your own in a new folder: the API of a robot (robot.yaml), two tasks
with worlds and checks (tasks.json), programs that do them and programs that fail, and a
reward with a component of your own (reward.yaml, brevity.py). Everything runs as it is;
docs/domain.md walks through it.`,
		Example: "  hone init domain greenhouse\n  cd greenhouse && hone judge --problems tasks.json --samples samples.jsonl",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("name one folder for the domain (see: %s --help)", c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return initDomain(c.OutOrStdout(), args[0]) },
	}
}

// initDomain writes the files into dir, which must not hold anything yet.
func initDomain(w io.Writer, dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case err == nil && len(entries) > 0:
		return usagef("%s is not empty: name a new folder", dir)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	files, err := fs.Sub(domainFiles, "initdomain")
	if err != nil {
		return err
	}
	if err := os.CopyFS(dir, files); err != nil {
		return err
	}
	err = fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		_, err = fmt.Fprintln(w, filepath.Join(dir, path))
		return err
	})
	if err != nil {
		return err
	}
	quoted := dir
	if strings.ContainsAny(dir, " \t'\"$&;()*?") {
		quoted = "'" + strings.ReplaceAll(dir, "'", `'\''`) + "'"
	}
	_, err = fmt.Fprintf(w, "\nNext: cd %s && hone judge --problems tasks.json --samples samples.jsonl\n", quoted)
	return err
}
