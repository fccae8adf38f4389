// Hone makes code models better by running the code they write. See README.md.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"hone/judge"
	"hone/train"
)

// usageError is a mistake in how a command was called: exit status 2.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

func main() {
	ctx, in := interruptible()
	err := newRoot(in).ExecuteContext(ctx)
	var ue usageError
	switch {
	case err == nil:
	case errors.Is(err, errFound):
		os.Exit(1)
	case errors.Is(err, judge.ErrStopped), errors.Is(err, train.ErrStopped), errors.Is(err, context.Canceled):
		os.Exit(exitInterrupted)
	case errors.As(err, &ue):
		fmt.Fprintln(os.Stderr, message(err.Error()))
		os.Exit(2)
	default:
		fmt.Fprintln(os.Stderr, message(err.Error()))
		os.Exit(1)
	}
}

func newRoot(in *interrupts) *cobra.Command {
	root := &cobra.Command{
		Use:   "hone",
		Short: "Make code models better by running the code they write",
		Long: `Hone trains and samples code models, and verifies the programs they write, safely
and fast.

  hone demo      verify real model-written programs that come with the binary
  hone judge     verify your own programs against problems with tests
  hone compare   say what changed between two runs
  hone failures  say what models consistently fail
  hone eval      let a model solve a benchmark, and judge it
  hone train     train or fine-tune a model
  hone generate  let a model write
  hone serve     offer a model over OpenAI's API
  hone check     say what is wrong with programs, how complex they are
  hone reward    give a program its reward, and show which tokens earned it
  hone robot     run programs that control a simulated robot
  hone doctor    what this machine offers, what is missing and how to get it`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       version(),
		Example:       "  hone demo\n  hone judge --help",
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SuggestionsMinimumDistance = 2
	root.SetOut(wrapped(os.Stdout))
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usagef("%v (see: %s --help)", err, c.CommandPath())
	})
	root.AddCommand(
		newJudge(in),
		newCompare(),
		newFailures(in),
		newDoctor(),
		newDemo(in),
		newEval(in),
		newGenerate(in),
		newServe(in),
		newRuns(),
		newToken(),
		newTrain(in),
		newStudy(in),
		newModel(),
		newCheck(),
		newImprove(in),
		newReward(),
		newRobot(in),
		newData(in),
		newInit(),
	)
	root.InitDefaultCompletionCmd()
	completion, _, err := root.Find([]string{"completion"})
	if err == nil {
		completion.Example = "  source <(hone completion bash)"
		completion.RunE = root.RunE
	}
	for _, c := range append([]*cobra.Command{root, completion}, completion.Commands()...) {
		c.Args = noArgs
	}
	return root
}

// noArgs refuses what is neither a flag nor a command.
func noArgs(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := ""
	if s := c.SuggestionsFor(args[0]); len(s) > 0 {
		hint = fmt.Sprintf(", %s is", strings.Join(s, " and "))
	}
	return usagef("%q is no command or flag of %s%s (see: %s --help)", args[0], c.CommandPath(), hint, c.CommandPath())
}

// version is the module version, or the commit that was built.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			v += " " + s.Value[:12]
		}
	}
	return v
}
