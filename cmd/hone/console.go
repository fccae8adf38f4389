package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync/atomic"

	"hone/internal/progress"
)

// console writes what a person should know to standard error, above the progress
// bar where there is one. It is also a [slog.Handler].
type console struct {
	level slog.Level
	bar   *atomic.Pointer[progress.Bar]
	attrs string
}

func newConsole() *console {
	return &console{level: slog.LevelWarn, bar: &atomic.Pointer[progress.Bar]{}}
}

func (c *console) println(s string) { c.bar.Load().Println(message(s)) }

// message is what hone says on standard error, fit for the terminal there.
func message(s string) string {
	if w, ok := wrapped(os.Stderr).(*wrapper); ok {
		return wrap("hone: "+s, w.columns)
	}
	return "hone: " + s
}

// Enabled implements [slog.Handler].
func (c *console) Enabled(_ context.Context, l slog.Level) bool { return l >= c.level }

// Handle implements [slog.Handler].
func (c *console) Handle(_ context.Context, r slog.Record) error {
	var b strings.Builder
	if r.Level == slog.LevelWarn {
		b.WriteString("warning: ")
	}
	b.WriteString(r.Message + c.attrs)
	r.Attrs(func(a slog.Attr) bool {
		b.WriteString(attr(a))
		return true
	})
	c.println(b.String())
	return nil
}

func attr(a slog.Attr) string {
	if a.Key == "error" {
		return fmt.Sprintf(": %v", a.Value)
	}
	return fmt.Sprintf(" (%s %v)", a.Key, a.Value)
}

// WithAttrs implements [slog.Handler].
func (c *console) WithAttrs(as []slog.Attr) slog.Handler {
	out := *c
	for _, a := range as {
		out.attrs += attr(a)
	}
	return &out
}

// WithGroup implements [slog.Handler]; groups make no difference here.
func (c *console) WithGroup(string) slog.Handler { return c }
