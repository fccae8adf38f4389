package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"hone/generate"
	"hone/tensor"
)

// modelFlags are shared by every command that draws text from MODEL|ENDPOINT.
type modelFlags struct {
	name        string
	keyEnv      string
	precision   string
	concurrency int
	rpm, tpm    int
	timeout     time.Duration
	idle        time.Duration
	retries     int
}

func (f *modelFlags) register(c *cobra.Command) {
	fl := c.Flags()
	fl.StringVar(&f.name, "model", "", "name of the model at an endpoint (as in URL#MODEL; default: the only one it has)")
	fl.StringVar(&f.keyEnv, "key-env", "", "environment variable that holds an endpoint's key (default HONE_API_KEY; at openai.com OPENAI_API_KEY)")
	fl.StringVar(&f.precision, "weights", "f32", "weights of a local model in memory: f32, bf16 or int8")
	fl.IntVar(&f.concurrency, "concurrency", 0, "requests under way at once (default: 8 at an endpoint, as many as a batch has for a local model)")
	fl.IntVar(&f.rpm, "requests-per-minute", 0, "limit of an endpoint to keep to (default: none)")
	fl.IntVar(&f.tpm, "tokens-per-minute", 0, "limit of an endpoint to keep to (default: none)")
	fl.DurationVar(&f.timeout, "request-timeout", 10*time.Minute, "longest time that an endpoint may take for a request")
	fl.DurationVar(&f.idle, "idle-timeout", time.Minute, "longest silence of an endpoint's stream")
	fl.IntVar(&f.retries, "retries", 6, "how often a request that failed for a passing reason is sent again")
	_ = c.RegisterFlagCompletionFunc("weights", cobra.FixedCompletions([]string{"f32", "bf16", "int8"}, cobra.ShellCompDirectiveNoFileComp))
}

func (f *modelFlags) check() error {
	switch {
	case f.concurrency < 0 || f.rpm < 0 || f.tpm < 0 || f.retries < 0:
		return usagef("--concurrency, --requests-per-minute, --tokens-per-minute and --retries cannot be negative")
	case f.timeout <= 0 || f.idle <= 0:
		return usagef("--request-timeout and --idle-timeout have to be longer than nothing")
	case f.precision != "f32" && f.precision != "bf16" && f.precision != "int8":
		return usagef("--weights %q: it is one of f32, bf16, int8", f.precision)
	}
	return nil
}

// opened is what MODEL|ENDPOINT names.
type opened struct {
	generate.Generator
	name       string // for people, and of the model in hone serve
	concurrent int    // requests worth having under way
	reach      func(ctx context.Context) error
	close      func() error
}

// isEndpoint tells an endpoint's address from a folder.
func isEndpoint(ref string) bool {
	return strings.HasPrefix(ref, "http://") || strings.HasPrefix(ref, "https://")
}

// open opens ref. Only an endpoint without a named model is contacted; reach, called
// before work begins, finds out whether one answers.
func (f *modelFlags) open(ctx context.Context, ref string, log *slog.Logger) (*opened, error) {
	if isEndpoint(ref) {
		return f.openEndpoint(ctx, ref, log)
	}
	info, err := os.Stat(ref)
	switch {
	case err != nil && strings.Contains(ref, ":"):
		return nil, fmt.Errorf("%s: there is no such folder (an endpoint's address begins with http:// or https://)", ref)
	case err != nil:
		return nil, fmt.Errorf("%s: there is no such folder; a model is a folder with config.json and its weights, or an endpoint's address as http://127.0.0.1:8000/v1", ref)
	case !info.IsDir():
		return nil, fmt.Errorf("%s is a file; a model is the folder with config.json, tokenizer.json and its weights", ref)
	}
	if _, err := os.Stat(filepath.Join(ref, "config.json")); err != nil {
		if _, err := os.Stat(filepath.Join(ref, "adapter_config.json")); err == nil {
			return nil, fmt.Errorf("%s holds adapters alone; hone model export %s --out FOLDER joins them with their model", ref, ref)
		}
		if _, err := os.Stat(filepath.Join(ref, "model", "config.json")); err == nil {
			return nil, fmt.Errorf("%s is the folder of a run; its model is %s", ref, filepath.Join(ref, "model"))
		}
		return nil, fmt.Errorf("%s has no config.json: a model is a folder with config.json, tokenizer.json and its weights", ref)
	}
	lean()
	l, err := generate.OpenLocal(ref, generate.LocalOptions{Weights: precisions[f.precision], Slots: f.concurrency})
	if err != nil {
		return nil, err
	}
	abs, err := filepath.Abs(ref)
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return &opened{Generator: l, name: filepath.Base(abs), concurrent: l.Slots(), close: l.Close, reach: func(context.Context) error { return nil }}, nil
}

// lean bounds garbage to a fifth of what lives: beside weights and caches of gigabytes
// the collector would otherwise wait until as much garbage had come together.
func lean() { debug.SetGCPercent(20) }

// precisions are the values of --weights.
var precisions = map[string]tensor.DType{"f32": tensor.F32, "bf16": tensor.BF16, "int8": tensor.I8}

func (f *modelFlags) openEndpoint(ctx context.Context, ref string, log *slog.Logger) (*opened, error) {
	model := f.name
	u, err := url.Parse(ref)
	if err == nil && u.Fragment != "" {
		if model != "" && model != u.Fragment {
			return nil, usagef("the address names the model %q and --model %q: name one", u.Fragment, model)
		}
		model = u.Fragment
	}
	key, err := f.key(u)
	if err != nil {
		return nil, err
	}
	retries := f.retries
	if retries == 0 {
		retries = -1 // 0 is the default there
	}
	e, err := generate.NewEndpoint(ctx, generate.EndpointConfig{
		URL: ref, Model: model, Key: key, Concurrent: f.concurrency, RequestsPerMinute: f.rpm, TokensPerMinute: f.tpm,
		Timeout: f.timeout, Idle: f.idle, Retries: retries, Log: log,
	})
	if err != nil {
		return nil, err
	}
	return &opened{Generator: e, name: e.Model(), concurrent: e.Concurrent(), close: func() error { return nil }, reach: e.Reach}, nil
}

// key reads the key from the environment. OpenAI's own goes nowhere but to OpenAI,
// unless it is named.
func (f *modelFlags) key(u *url.URL) (string, error) {
	if f.keyEnv != "" {
		key := os.Getenv(f.keyEnv)
		if key == "" {
			return "", usagef("--key-env %s: that environment variable is not set", f.keyEnv)
		}
		return key, nil
	}
	key := os.Getenv("HONE_API_KEY")
	if key == "" && u != nil && (u.Hostname() == "openai.com" || strings.HasSuffix(u.Hostname(), ".openai.com")) {
		key = os.Getenv("OPENAI_API_KEY")
	}
	return key, nil
}

// oneModel is the argument MODEL|ENDPOINT, and up to more others.
func oneModel(more int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		switch {
		case len(args) == 0:
			return usagef("MODEL is missing: a folder with a checkpoint, or an endpoint as http://127.0.0.1:8000/v1#NAME (see: %s --help)", c.CommandPath())
		case len(args) > 1+more:
			return usagef("%q is too much after %q (see: %s --help)", args[1+more], args[more], c.CommandPath())
		}
		return nil
	}
}
