// Hone makes code models better by running the code they write. See README.md.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"

	"hone/judge"
)

// usageError is a mistake in how a command was called: exit status 2.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

func main() {
	ctx, stop := interruptible()
	root := newRoot(stop)
	err := root.ExecuteContext(ctx)
	var ue usageError
	switch {
	case err == nil:
	case errors.Is(err, judge.ErrStopped), errors.Is(err, context.Canceled):
		os.Exit(130)
	case errors.As(err, &ue):
		fmt.Fprintln(os.Stderr, "hone:", err)
		os.Exit(2)
	default:
		fmt.Fprintln(os.Stderr, "hone:", err)
		os.Exit(1)
	}
}

// interruptible returns a context that a second Ctrl-C cancels, and a channel
// that the first one closes: finish what is running, save, and say how to resume.
func interruptible() (context.Context, <-chan struct{}) {
	ctx, cancel := context.WithCancel(context.Background())
	stop := make(chan struct{})
	sigs := make(chan os.Signal, 2)
	signal.Notify(sigs, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-sigs
		close(stop)
		<-sigs
		cancel()
	}()
	return ctx, stop
}

func newRoot(stop <-chan struct{}) *cobra.Command {
	root := &cobra.Command{
		Use:   "hone",
		Short: "Make code models better by running the code they write",
		Long: `Hone verifies programs written by code models, safely and fast.

  hone demo      verify real model-written programs that come with the binary
  hone judge     verify your own programs against problems with tests
  hone doctor    what this machine offers, what is missing and how to get it`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       version(),
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usagef("%v (see: %s --help)", err, c.CommandPath())
	})
	root.AddCommand(newJudge(stop), newDoctor(), newDemo(stop))
	return root
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
