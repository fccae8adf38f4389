package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"hone/generate"
)

// serveFlags are the flags of hone serve.
type serveFlags struct {
	addr       string
	name       string
	tokenEnv   string
	maxRunning int
	maxWaiting int
	maxTokens  int
	timeout    time.Duration
	verbose    bool
	model      modelFlags
}

func newServe(in *interrupts) *cobra.Command {
	var f serveFlags
	c := &cobra.Command{
		Use:   "serve MODEL|ENDPOINT",
		Short: "Offer a model as an OpenAI-compatible server, requests batched",
		Long: `Offer a model under OpenAI's API: /v1/models, /v1/completions and
/v1/chat/completions, streamed or whole, with n, max_tokens, temperature, top_p,
top_k, stop, seed and logprobs (of the token that was drawn). Requests that are under
way together are batched. /health and /metrics are for monitoring.

When more requests wait than --max-waiting, further ones are answered with 429 and
Retry-After. A client that leaves ends what is drawn for it. Ctrl-C finishes what is
under way; again, and that ends too.

Any other address than this machine's own needs --token-env: a variable with a token
that clients send as their API key.`,
		Example: `  hone serve ./checkpoint
  hone serve ./checkpoint --addr 0.0.0.0:8080 --token-env HONE_TOKEN
  curl http://127.0.0.1:8080/v1/completions -d '{"prompt": "def add(a, b):", "max_tokens": 32}'`,
		Args: oneModel(0),
		RunE: func(c *cobra.Command, args []string) error { return runServe(c.Context(), in, c, args[0], f) },
	}
	fl := c.Flags()
	fl.SortFlags = false
	fl.StringVar(&f.addr, "addr", "127.0.0.1:8080", "address to listen on; port 0 is any free one")
	fl.StringVar(&f.name, "name", "", "name that the model has for clients (default: its folder's, or its own)")
	fl.StringVar(&f.tokenEnv, "token-env", "", "environment variable that holds the token that clients have to send")
	fl.IntVar(&f.maxRunning, "max-running", 64, "requests that the model has at once")
	fl.IntVar(&f.maxWaiting, "max-waiting", 256, "requests that may wait for that")
	fl.IntVar(&f.maxTokens, "max-tokens", 1024, "tokens of a chat answer where the request does not say")
	fl.DurationVar(&f.timeout, "serve-timeout", 10*time.Minute, "longest that a request may wait and run")
	fl.BoolVarP(&f.verbose, "verbose", "v", false, "say more on standard error")
	f.model.register(c)
	return c
}

func (f *serveFlags) check() error {
	host, _, err := net.SplitHostPort(f.addr)
	switch {
	case err != nil:
		return usagef("--addr %q: it is HOST:PORT, as 127.0.0.1:8080", f.addr)
	case !loopback(host) && f.tokenEnv == "":
		return usagef("--addr %s can be reached from other machines: name a variable with a token that they have to send with --token-env", f.addr)
	case f.tokenEnv != "" && len(os.Getenv(f.tokenEnv)) < leastToken:
		return usagef("--token-env %s: that environment variable is not set to a token of %d characters or more (make one: openssl rand -hex 24)", f.tokenEnv, leastToken)
	case f.maxRunning < 1 || f.maxWaiting < 1 || f.maxTokens < 1 || f.timeout <= 0:
		return usagef("--max-running, --max-waiting, --max-tokens and --serve-timeout have to be more than 0")
	}
	return f.model.check()
}

// leastToken is the shortest token that is not soon guessed, in characters.
const leastToken = 16

// loopback reports whether nobody but this machine reaches host.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func runServe(ctx context.Context, in *interrupts, c *cobra.Command, ref string, f serveFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	con := newConsole()
	if f.verbose {
		con.level = slog.LevelDebug
	}
	logger := slog.New(con)
	model, err := f.model.open(ctx, ref, logger)
	if err != nil {
		return err
	}
	defer model.close()
	if f.name == "" {
		f.name = model.name
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", f.addr)
	if err != nil {
		return fmt.Errorf("--addr %s: %w (--addr names another address)", f.addr, err)
	}
	host, _, err := net.SplitHostPort(f.addr)
	if err != nil {
		return err
	}
	requests, end := context.WithCancel(ctx)
	defer end()
	s := &http.Server{
		Handler: generate.NewServer(generate.ServerConfig{
			Generator: model, Model: f.name, Token: os.Getenv(f.tokenEnv), LocalOnly: loopback(host),
			Running: f.maxRunning, Waiting: f.maxWaiting, MaxTokens: f.maxTokens, Timeout: f.timeout, Log: logger,
		}),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		BaseContext:       func(net.Listener) context.Context { return requests },
		ErrorLog:          log.New(logWriter{logger}, "", 0),
	}
	fmt.Fprintf(c.OutOrStdout(), "%s at http://%s/v1 (Ctrl-C ends it)\n", f.name, l.Addr())
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	stop, done := in.finishing(nil, "finishing the requests under way")
	defer done()
	select {
	case err := <-served:
		return err
	case <-stop:
	case <-ctx.Done():
	}
	// The second Ctrl-C ends ctx, and with it the requests.
	err = s.Shutdown(ctx)
	end()
	if serr := <-served; !errors.Is(serr, http.ErrServerClosed) {
		return serr
	}
	return err
}

// logWriter passes on what net/http has to say, such as of clients that speak no HTTP.
type logWriter struct{ log *slog.Logger }

func (w logWriter) Write(b []byte) (int, error) {
	w.log.Debug(string(b))
	return len(b), nil
}
