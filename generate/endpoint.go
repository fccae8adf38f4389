package generate

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// EndpointConfig says where a server is and how to treat it. Only URL is required.
type EndpointConfig struct {
	// URL is the server's address: "http://127.0.0.1:8000", with or without the
	// path that its API is under (/v1, where the URL has no path).
	URL string
	// Model is the model's name there. Empty: the only one that the server lists.
	Model string
	// Key is sent as a bearer token. It appears in no log, error or Identity.
	Key string
	// Concurrent is how many requests are under way at once; default 8.
	Concurrent int
	// RequestsPerMinute and TokensPerMinute are limits to keep to; 0: none.
	RequestsPerMinute int
	TokensPerMinute   int
	// Timeout is the longest a request may take, all in all; default 10 minutes.
	Timeout time.Duration
	// Idle is the longest that a stream may be silent; default 1 minute.
	Idle time.Duration
	// Retries is how often a request that failed for a passing reason is sent again;
	// default 6, none where negative.
	Retries int
	// Backoff is about the first wait before that; it doubles each time, up to a
	// minute. Default half a second.
	Backoff time.Duration
	Log     *slog.Logger
}

// Endpoint is a server that speaks OpenAI's API: vLLM, llama.cpp, Ollama, OpenAI.
//
// It asks for all completions of a request at once and, where the server gives
// fewer, for the others one by one. What a server refuses and can do without is
// left out from then on: n, seed, stream_options, more than four stops (the
// text is cut here in any case), the name max_tokens. What would change the samples
// (temperature, top_p, top_k, logprobs) is never left out.
//
// A server may or may not honour seeds, so that equal requests need not give equal
// completions; a request is sent with the seed that (Seed, First) gives.
type Endpoint struct {
	cfg      EndpointConfig
	base     *url.URL // with credentials, if any; its path ends without a slash
	client   *http.Client
	slots    chan struct{}
	requests *pace
	tokens   *pace
	refused  refusals
	retried  atomic.Int64
	warned   atomic.Int64 // when trouble was last told, in Unix nanoseconds
}

// refusals is what the server turned out not to take.
type refusals struct {
	n, seed, streamOptions, manyStops, maxTokens atomic.Bool
}

// NewEndpoint checks the configuration, and asks the server for its model where none is named.
func NewEndpoint(ctx context.Context, cfg EndpointConfig) (*Endpoint, error) {
	base, err := parseBase(cfg.URL)
	if err != nil {
		return nil, err
	}
	cfg.Key = strings.TrimSpace(cfg.Key)
	if strings.ContainsFunc(cfg.Key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, errors.New("the API key has a character that no key has (a space, a line break, a letter beyond ASCII): was it pasted whole?")
	}
	setDefault(&cfg.Concurrent, 8)
	setDefault(&cfg.Timeout, 10*time.Minute)
	setDefault(&cfg.Idle, time.Minute)
	setDefault(&cfg.Retries, 6)
	setDefault(&cfg.Backoff, 500*time.Millisecond)
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	e := &Endpoint{
		cfg: cfg, base: base,
		slots:    make(chan struct{}, cfg.Concurrent),
		requests: newPace(cfg.RequestsPerMinute), tokens: newPace(cfg.TokensPerMinute),
		client: &http.Client{
			Transport: &http.Transport{
				Proxy:                  http.ProxyFromEnvironment,
				DialContext:            (&net.Dialer{Timeout: 15 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
				TLSHandshakeTimeout:    15 * time.Second,
				MaxIdleConnsPerHost:    cfg.Concurrent,
				IdleConnTimeout:        30 * time.Second,
				ForceAttemptHTTP2:      true,
				MaxResponseHeaderBytes: 1 << 20,
			},
			// A redirect would turn a POST into a GET, or send the key elsewhere.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	if cfg.Key != "" && base.Scheme == "http" && !isLoopback(base.Hostname()) {
		cfg.Log.Warn("the API key is sent unencrypted to " + e.where())
	}
	if e.cfg.Model == "" {
		if e.cfg.Model, err = e.onlyModel(ctx); err != nil {
			return nil, err
		}
	}
	return e, nil
}

func setDefault[T int | time.Duration](v *T, to T) {
	if *v == 0 {
		*v = to
	}
}

// isLoopback reports whether host is this machine.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// parseBase reads the address of an API; of a method of it too, as people paste them.
func parseBase(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil {
		var ue *url.Error // its text would repeat the URL, and a password in it
		if errors.As(err, &ue) {
			err = ue.Err
		}
		return nil, fmt.Errorf("the endpoint's URL cannot be read: %w (like http://127.0.0.1:8000/v1)", err)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("the endpoint's URL begins with %q: http:// or https:// and a host are wanted (like http://127.0.0.1:8000/v1)", u.Scheme)
	}
	u.Fragment = ""
	u.Path = strings.TrimRight(u.Path, "/")
	for _, method := range []string{"/chat/completions", "/completions", "/models"} {
		if p, ok := strings.CutSuffix(u.Path, method); ok {
			u.Path = p
			break
		}
	}
	if u.Path == "" {
		u.Path = "/v1"
	}
	u.RawPath = ""
	return u, nil
}

// where is the server's address as it may be shown: without credentials and query.
func (e *Endpoint) where() string { return e.base.Scheme + "://" + e.base.Host + e.base.Path }

// Identity implements [Generator].
func (e *Endpoint) Identity() string { return fmt.Sprintf("%s at %s", e.cfg.Model, e.where()) }

// Model is the name of the model.
func (e *Endpoint) Model() string { return e.cfg.Model }

// Retried counts the requests that were sent again.
func (e *Endpoint) Retried() int { return int(e.retried.Load()) }

// Concurrent is how many requests are worth having under way.
func (e *Endpoint) Concurrent() int { return e.cfg.Concurrent }

// onlyModel is the one model that the server lists.
func (e *Endpoint) onlyModel(ctx context.Context) (string, error) {
	names, err := e.Models(ctx)
	const name = "name one with --model, or as URL#MODEL"
	switch {
	case err != nil:
		return "", fmt.Errorf("list the models: %w", err)
	case len(names) == 0:
		return "", fmt.Errorf("%s lists no model: %s", e.where(), name)
	case len(names) > 1:
		return "", fmt.Errorf("%s lists %d models (%s): %s", e.where(), len(names), shorten(strings.Join(names, ", "), 300), name)
	}
	return names[0], nil
}

// Generate implements [Generator].
func (e *Endpoint) Generate(ctx context.Context, r Request) ([]Completion, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	var out []Completion
	if r.N == 1 || !e.refused.n.Load() {
		var err error
		out, err = e.ask(ctx, r, 0, r.N)
		if err != nil && !errors.Is(err, errOneByOne) {
			return nil, err
		}
	}
	if len(out) == r.N {
		return out, nil
	}
	if len(out) > 0 && !e.refused.n.Swap(true) {
		e.cfg.Log.Debug("the server ignores n; completions are asked for one by one", "got", len(out), "wanted", r.N)
	}
	return e.oneByOne(ctx, r, out)
}

// oneByOne asks for the completions that out does not have yet, each in a request of its own.
func (e *Endpoint) oneByOne(ctx context.Context, r Request, out []Completion) ([]Completion, error) {
	have := len(out)
	out = append(out, make([]Completion, r.N-have)...)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if tell := r.OnPiece; tell != nil {
		var mu sync.Mutex
		r.OnPiece = func(i int, p Piece) {
			mu.Lock()
			defer mu.Unlock()
			tell(i, p)
		}
	}
	var wg sync.WaitGroup
	next := atomic.Int64{}
	next.Store(int64(have))
	for range min(r.N-have, e.cfg.Concurrent) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < r.N && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				got, err := e.ask(ctx, r, i, 1)
				if err != nil {
					cancel(err)
					return
				}
				out[i] = got[0]
			}
		})
	}
	wg.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return out, nil
}

// seedOf is the seed that a server is sent for the samples from first on. All
// servers take 31 bits.
func seedOf(seed uint64, first int) int64 {
	h := fnv.New64a()
	_ = binary.Write(h, binary.LittleEndian, [2]uint64{seed, uint64(first)})
	x := h.Sum64()
	return int64((x ^ x>>32) & 0x7fffffff)
}
