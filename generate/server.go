package generate

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// ServerConfig says what a Server offers. Generator and Model are required.
type ServerConfig struct {
	Generator Generator
	// Model is the name that the model has here.
	Model string
	// Token is what requests need as a bearer token; empty: nothing.
	Token string
	// LocalOnly refuses requests under another name than this machine's, such as a
	// web page makes them that has rebound its own name to 127.0.0.1.
	LocalOnly bool
	// Running is how many requests the generator has at once; default 64.
	Running int
	// Waiting is how many may wait for that; more are sent away. Default 256.
	Waiting int
	// MaxTokens is for a chat request that does not say; default 1024. A completion
	// that does not say gets 16, as OpenAI has it.
	MaxTokens int
	// MaxN is how many completions one request may ask for; default 128, as OpenAI has it.
	MaxN int
	// Timeout is the longest a request may wait and run; default 10 minutes.
	Timeout time.Duration
	Log     *slog.Logger
}

// Server offers a Generator as OpenAI's API: /v1/models, /v1/completions and
// /v1/chat/completions, streamed or whole; also /health and /metrics (Prometheus'
// text). Requests under way go to the generator together, which is how they are
// batched. It is an http.Handler.
type Server struct {
	cfg     ServerConfig
	mux     *http.ServeMux
	started time.Time
	slots   chan struct{}
	waiting atomic.Int64
	served  atomic.Int64 // requests answered with completions
	failed  atomic.Int64 // requests refused or failed
	drawn   atomic.Int64 // tokens
	read    atomic.Int64 // tokens of prompts
}

// NewServer returns a Server.
func NewServer(cfg ServerConfig) *Server {
	setDefault(&cfg.Running, 64)
	setDefault(&cfg.Waiting, 256)
	setDefault(&cfg.MaxTokens, 1024)
	setDefault(&cfg.MaxN, 128)
	setDefault(&cfg.Timeout, 10*time.Minute)
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{cfg: cfg, mux: http.NewServeMux(), started: time.Now(), slots: make(chan struct{}, cfg.Running)}
	s.mux.HandleFunc("GET /v1/models", s.models)
	s.mux.HandleFunc("GET /v1/models/{id...}", s.model)
	s.mux.HandleFunc("POST /v1/completions", func(w http.ResponseWriter, r *http.Request) { s.complete(w, r, false) })
	s.mux.HandleFunc("POST /v1/chat/completions", func(w http.ResponseWriter, r *http.Request) { s.complete(w, r, true) })
	s.mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	s.mux.HandleFunc("GET /metrics", s.metrics)
	s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, &httpError{status: http.StatusNotFound, kind: "invalid_request_error", message: fmt.Sprintf("there is no %s %s; there are /v1/models, /v1/completions, /v1/chat/completions, /health, /metrics", r.Method, r.URL.Path)})
	})
	return s
}

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case s.cfg.LocalOnly && !localName(r.Host):
		s.fail(w, &httpError{status: http.StatusForbidden, kind: "invalid_request_error", message: "this server answers to localhost only"})
	case r.URL.Path != "/health" && !s.allowed(r):
		w.Header().Set("WWW-Authenticate", "Bearer")
		s.fail(w, &httpError{status: http.StatusUnauthorized, kind: "invalid_request_error", code: "invalid_api_key", message: "this server wants its token: Authorization: Bearer TOKEN"})
	default:
		s.mux.ServeHTTP(w, r)
	}
}

// localName reports whether a Host header names this machine.
func localName(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	return isLoopback(strings.Trim(host, "[]"))
}

// allowed compares the token in constant time.
func (s *Server) allowed(r *http.Request) bool {
	if s.cfg.Token == "" {
		return true
	}
	given, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(s.cfg.Token))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

type modelObject struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Created int64  `json:"created"`
	OwnedBy string `json:"owned_by"`
}

func (s *Server) models(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]any{"object": "list", "data": []modelObject{s.object()}})
}

func (s *Server) model(w http.ResponseWriter, r *http.Request) {
	if id := r.PathValue("id"); id != s.cfg.Model {
		s.fail(w, s.noModel(id))
		return
	}
	writeJSON(w, http.StatusOK, s.object())
}

func (s *Server) object() modelObject {
	return modelObject{s.cfg.Model, "model", s.started.Unix(), "hone"}
}

func (s *Server) noModel(name string) *httpError {
	return &httpError{status: http.StatusNotFound, kind: "invalid_request_error", param: "model", code: "model_not_found", message: fmt.Sprintf("there is no model %q here, there is %q", shorten(name, 100), s.cfg.Model)}
}

func (s *Server) metrics(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4")
	for _, m := range []struct {
		name, kind string
		value      int64
	}{
		{"hone_requests_served_total", "counter", s.served.Load()},
		{"hone_requests_failed_total", "counter", s.failed.Load()},
		{"hone_tokens_drawn_total", "counter", s.drawn.Load()},
		{"hone_prompt_tokens_total", "counter", s.read.Load()},
		{"hone_requests_running", "gauge", int64(len(s.slots))},
		{"hone_requests_waiting", "gauge", s.waiting.Load()},
	} {
		fmt.Fprintf(w, "# TYPE %s %s\n%s %d\n", m.name, m.kind, m.name, m.value)
	}
}

// enter waits for a place among the running requests.
func (s *Server) enter(ctx context.Context) (leave func(), err error) {
	leave = func() { <-s.slots }
	select {
	case s.slots <- struct{}{}:
		return leave, nil
	default:
	}
	if s.waiting.Add(1) > int64(s.cfg.Waiting) {
		s.waiting.Add(-1)
		return nil, &httpError{
			status: http.StatusTooManyRequests, kind: "rate_limit_error", code: "queue_full", retryAfter: 1 + rand.IntN(3),
			message: fmt.Sprintf("%d requests run and %d wait here: try again in a moment", s.cfg.Running, s.cfg.Waiting),
		}
	}
	defer s.waiting.Add(-1)
	select {
	case s.slots <- struct{}{}:
		return leave, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// complete answers both kinds of completion requests.
func (s *Server) complete(w http.ResponseWriter, hr *http.Request, chat bool) {
	asked, err := s.readRequest(w, hr, chat)
	if err != nil {
		s.fail(w, err)
		return
	}
	ctx, cancel := context.WithTimeoutCause(hr.Context(), s.cfg.Timeout, errSlow)
	defer cancel()
	leave, err := s.enter(ctx)
	if err != nil {
		s.fail(w, s.explain(ctx, err))
		return
	}
	defer leave()
	reply := &reply{s: s, w: w, chat: chat, created: time.Now().Unix(), id: fmt.Sprintf("cmpl-%016x", rand.Uint64()), asked: asked}
	if chat {
		reply.id = "chat" + reply.id
	}
	if asked.stream {
		reply.stream(ctx, cancel)
		return
	}
	cs, err := s.cfg.Generator.Generate(ctx, asked.Request)
	if err != nil {
		s.fail(w, s.explain(ctx, err))
		return
	}
	s.count(cs)
	writeJSON(w, http.StatusOK, reply.whole(cs))
}

func (s *Server) count(cs []Completion) {
	u := Total(cs)
	s.served.Add(1)
	s.drawn.Add(int64(u.Completion))
	s.read.Add(int64(u.Prompt))
}

// httpError is an error as OpenAI's API has it.
type httpError struct {
	status                     int
	kind, message, param, code string
	retryAfter                 int // seconds; 0: none
}

func (e *httpError) Error() string { return e.message }

// object is the error as JSON has it.
func (e *httpError) object() map[string]any {
	null := func(s string) any {
		if s == "" {
			return nil
		}
		return s
	}
	return map[string]any{"error": map[string]any{"message": e.message, "type": e.kind, "param": null(e.param), "code": null(e.code)}}
}

// explain makes an error of a generator, under ctx, one of HTTP.
func (s *Server) explain(ctx context.Context, err error) error {
	var he *httpError
	var re *RequestError
	var ee *EndpointError
	switch {
	case errors.As(err, &he):
		return he
	case errors.As(err, &re):
		return &httpError{status: http.StatusBadRequest, kind: "invalid_request_error", param: re.Field, message: re.Error()}
	case context.Cause(ctx) == errSlow:
		return &httpError{status: http.StatusGatewayTimeout, kind: "server_error", code: "timeout", message: fmt.Sprintf("the request took longer than %v", s.cfg.Timeout)}
	case errors.As(err, &ee):
		return &httpError{status: http.StatusBadGateway, kind: "server_error", message: ee.Error()}
	}
	return &httpError{status: http.StatusInternalServerError, kind: "server_error", message: err.Error()}
}

// fail answers with an error.
func (s *Server) fail(w http.ResponseWriter, err error) {
	s.failed.Add(1)
	var he *httpError
	if !errors.As(err, &he) {
		he = &httpError{status: http.StatusInternalServerError, kind: "server_error", message: err.Error()}
	}
	if he.status >= 500 {
		s.cfg.Log.Warn("a request failed", "error", he)
	}
	if he.retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(he.retryAfter))
	}
	writeJSON(w, he.status, he.object())
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	b, err := encode(v)
	if err != nil {
		status, b = http.StatusInternalServerError, []byte(`{"error":{"message":"the answer is no JSON","type":"server_error","param":null,"code":null}}`)
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(b)))
	w.WriteHeader(status)
	_, _ = w.Write(b) // a client that has gone needs no answer
}

// encode is v as JSON, in which code stays readable: <, > and & are themselves.
func encode(v any) ([]byte, error) {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return []byte(strings.TrimSuffix(b.String(), "\n")), nil
}
