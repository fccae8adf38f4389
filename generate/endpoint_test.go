package generate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const secret = "sk-very-secret-0123456789"

// script answers the i-th request with its i-th entry, and all later ones with the last.
func script(t *testing.T, cfg EndpointConfig, answers ...http.HandlerFunc) (*Endpoint, *atomic.Int64) {
	t.Helper()
	var calls atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i := int(calls.Add(1)) - 1
		answers[min(i, len(answers)-1)](w, r)
	}))
	t.Cleanup(srv.Close)
	cfg.URL, cfg.Model, cfg.Key, cfg.Backoff = srv.URL, "m", secret, time.Millisecond
	if cfg.Retries == 0 {
		cfg.Retries = 2
	}
	e, err := NewEndpoint(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return e, &calls
}

func says(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

func jsonSays(status int, body string) http.HandlerFunc {
	return says(status, "application/json", body)
}

const good = `{"choices":[{"index":0,"text":"ok","finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1}}`

func streamSays(events ...string) http.HandlerFunc {
	return says(200, "text/event-stream; charset=utf-8", "data: "+strings.Join(events, "\n\ndata: ")+"\n\n")
}

func one() Request { return Request{Prompt: "p", N: 1, MaxTokens: 8} }

// TestEndpointFaults: what passes is tried again, what does not is not; every error
// says what happened, where, and nothing of the key.
func TestEndpointFaults(t *testing.T) {
	t.Parallel()
	dies := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "1000")
		io.WriteString(w, `{"choices":[`)
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	hangs := func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // without that the server does not notice that we go
		<-r.Context().Done()
	}
	for _, c := range []struct {
		name  string
		first http.HandlerFunc
		calls int64  // in all, where the second answer is good
		says  string // "" if that is what comes
	}{
		{"500", jsonSays(500, `{"error":{"message":"boom"}}`), 2, ""},
		{"502 page", says(502, "text/html", "<html><title>Bad gateway</title><body>x"), 2, ""},
		{"503 Ollama", jsonSays(503, `{"error":"loading model"}`), 2, ""},
		{"429", jsonSays(429, `{"error":{"message":"slow down","code":"rate_limit_exceeded"}}`), 2, ""},
		{"408", jsonSays(408, `{}`), 2, ""},
		{"dies", dies, 2, ""},
		{"hangs", hangs, 2, ""},
		{"truncated", jsonSays(200, `{"choices":[{"index":0,"te`), 2, ""},
		{"no choices", jsonSays(200, `{"choices":[]}`), 2, ""},
		{"no text", jsonSays(200, `{"choices":[{"index":0,"finish_reason":"stop"}]}`), 2, ""},
		{"second choice only", jsonSays(200, `{"choices":[{"index":1,"text":"x","finish_reason":"stop"}]}`), 2, ""},
		{"aborted", jsonSays(200, `{"choices":[{"index":0,"text":"x","finish_reason":"abort"}]}`), 2, ""},
		{"error with 200", jsonSays(200, `{"error":{"message":"overloaded","type":"server_error"}}`), 2, ""},
		{"refusal with 200", jsonSays(200, `{"error":{"message":"no such thing","type":"invalid_request_error"}}`), 1, "the server answers with an error: no such thing"},
		{"400", jsonSays(400, `{"error":{"message":"temperature is out of range","param":"temperature"}}`), 1, "/v1/completions: 400 Bad Request: temperature is out of range"},
		{"401", jsonSays(401, `{"error":{"message":"Incorrect API key provided: `+secret+`"}}`), 1, "Incorrect API key provided: [the key] (is the key in HONE_API_KEY the right one?"},
		{"404", says(404, "text/plain", "404 page not found"), 1, `404 Not Found: 404 page not found (is this the API's address, and is there a model "m"?`},
		{"422 detail", jsonSays(422, `{"detail":[{"loc":["body","prompt"],"msg":"field required"}]}`), 1, "field required"},
		{"quota", jsonSays(429, `{"error":{"message":"You exceeded your current quota","code":"insufficient_quota"}}`), 1, "You exceeded your current quota"},
		{"501", says(501, "text/html", "<title>no</title>"), 1, "501 Not Implemented: no"},
		{"page", says(200, "text/html", "<!doctype html><title>Welcome to\nnginx</title>"), 1, "the answer is text/html, not a JSON object: Welcome to nginx (is this the address of an OpenAI-compatible API?"},
		{"text", says(200, "text/plain", "hello"), 1, "the answer is text/plain, not a JSON object: hello"},
		{"moved", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://elsewhere.example/v1/completions", http.StatusPermanentRedirect)
		}, 1, "the API is elsewhere (use https://elsewhere.example/v1)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cfg := EndpointConfig{}
			if c.name == "hangs" {
				cfg.Timeout = 4 * time.Second // of the good answer, too
			}
			e, calls := script(t, cfg, c.first, jsonSays(200, good))
			cs, err := e.Generate(context.Background(), one())
			if calls.Load() != c.calls {
				t.Errorf("%d requests, want %d", calls.Load(), c.calls)
			}
			switch {
			case c.says == "" && (err != nil || cs[0].Text != "ok" || cs[0].Usage != Usage{3, 1}):
				t.Errorf("%+v, %v", cs, err)
			case c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)):
				t.Errorf("says %v, want %q", err, c.says)
			}
		})
		// The same for ever: it is given up, and the error says so.
		t.Run(c.name+" for ever", func(t *testing.T) {
			t.Parallel()
			cfg := EndpointConfig{}
			if c.name == "hangs" {
				cfg.Timeout = 1500 * time.Millisecond // within which each request is there
			}
			e, calls := script(t, cfg, c.first)
			_, err := e.Generate(context.Background(), one())
			if err == nil || strings.Contains(err.Error(), secret) || !strings.Contains(err.Error(), e.where()) {
				t.Error(err)
			}
			if want := (c.calls-1)*2 + 1; calls.Load() != want {
				t.Errorf("%d requests, want %d", calls.Load(), want)
			}
			if c.says == "" && !strings.Contains(err.Error(), "given up after 3 attempts") {
				t.Error(err)
			}
		})
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	plain := httptest.NewServer(jsonSays(200, good))
	defer plain.Close()
	// The near end of a connection has a port on which nobody listens, and nobody else can.
	conn, err := net.Dial("tcp", plain.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	addr := conn.LocalAddr().String()
	tlsServer := httptest.NewUnstartedServer(jsonSays(200, good))
	tlsServer.Config.ErrorLog = log.New(io.Discard, "", 0) // it sees that we do not trust it
	tlsServer.StartTLS()
	defer tlsServer.Close()
	for _, c := range []struct{ url, says string }{
		{"http://user:hunter2@" + addr + "/v1?api-key=hunter2", "is the server running, and is this its port?"},
		{"https://user:hunter2@" + strings.TrimPrefix(plain.URL, "http://"), "the server speaks plain HTTP: use http://"},
		{tlsServer.URL + "?x=hunter2", "certificate"},
	} {
		_, err := NewEndpoint(context.Background(), EndpointConfig{URL: c.url, Retries: -1})
		if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v, want %q and no password", c.url, err, c.says)
		}
		e, err := NewEndpoint(context.Background(), EndpointConfig{URL: c.url, Model: "m", Retries: -1})
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Reach(context.Background()); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("Reach %s: %v", c.url, err)
		}
		if id := e.Identity(); strings.Contains(id, "hunter2") {
			t.Errorf("identity %s", id)
		}
	}
}

func TestEndpointURL(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"http://h:1":                         "http://h:1/v1",
		"http://h:1/":                        "http://h:1/v1",
		"https://h/v1/":                      "https://h/v1",
		"https://h/v1/chat/completions":      "https://h/v1",
		"https://h/openai/v1/completions#x":  "https://h/openai/v1",
		"https://u:p@h/api/models?version=1": "https://h/api",
	} {
		e, err := NewEndpoint(context.Background(), EndpointConfig{URL: raw, Model: "m"})
		if err != nil || e.where() != want {
			t.Errorf("%s: %v, %v; want %s", raw, e, err, want)
		}
	}
	for _, raw := range []string{"", "h:1", "ftp://h", "http://", "http://u:hunter2@[::1", "http://h:port"} {
		if _, err := NewEndpoint(context.Background(), EndpointConfig{URL: raw, Model: "m"}); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v", raw, err)
		}
	}
	if _, err := NewEndpoint(context.Background(), EndpointConfig{URL: "http://h", Model: "m", Key: "a\nb"}); err == nil || strings.Contains(err.Error(), "a\nb") {
		t.Errorf("a broken key: %v", err)
	}
	for list, says := range map[string]string{
		`{"data":[]}`:                      "lists no model",
		`{"data":[{"id":"a"},{"id":"b"}]}`: "lists 2 models (a, b): name one with --model",
		`[]`:                               "not a JSON object: []",
	} {
		srv := httptest.NewServer(jsonSays(200, list))
		_, err := NewEndpoint(context.Background(), EndpointConfig{URL: srv.URL, Retries: -1})
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("models %s: %v", list, err)
		}
		srv.Close()
	}
}

// TestEndpointStream: a stream that breaks off is asked for again only while nothing
// of it was shown.
func TestEndpointStream(t *testing.T) {
	t.Parallel()
	const head, tail = `{"choices":[{"index":0,"text":"he","finish_reason":null}]}`, `{"choices":[{"index":0,"text":"llo","finish_reason":"length"}]}`
	silent := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "text/event-stream")
		w.WriteHeader(200)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}
	for _, c := range []struct {
		name   string
		first  http.HandlerFunc
		second http.HandlerFunc
		text   string
		says   string
	}{
		{"whole", streamSays(head, tail, "[DONE]"), nil, "hello", ""},
		{"without DONE", streamSays(head, tail), nil, "hello", ""},
		{"usage event", streamSays(head, tail, `{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}`, "[DONE]"), nil, "hello", ""},
		{"not streamed", jsonSays(200, `{"choices":[{"index":0,"text":"hello","finish_reason":"length"}]}`), nil, "hello", ""},
		{"comments and CRLF", says(200, "text/event-stream", ": hi\r\nevent: x\r\ndata: "+head+"\r\n\r\n:\r\n\r\ndata:"+tail+"\r\n\r\n"), nil, "hello", ""},
		{"silent, then whole", silent, streamSays(head, tail), "hello", ""},
		{"empty, then whole", streamSays(), streamSays(head, tail), "hello", ""},
		{"garbage, then whole", streamSays("{{{"), streamSays(head, tail), "hello", ""},
		{"garbage after text", streamSays(head, "{{{"), nil, "he", "the stream broke off: "},
		{"breaks after text", streamSays(head), nil, "he", "the stream ended early"},
		{"error after text", streamSays(head, `{"error":{"message":"out of memory"}}`), nil, "he", "the server answers with an error: out of memory"},
		{"wrong choice", streamSays(head, `{"choices":[{"index":3,"text":"x"}]}`), nil, "he", "choice 3 of 1"},
		{"endless event", says(200, "text/event-stream", "data: "+strings.Repeat("x", maxEvent+9)), streamSays(head, tail), "hello", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.second == nil {
				c.second = jsonSays(400, `{"error":{"message":"asked again"}}`)
			}
			cfg := EndpointConfig{}
			if c.name == "silent, then whole" {
				cfg.Idle = 4 * time.Second // of the whole one, too
			}
			e, _ := script(t, cfg, c.first, c.second)
			r := one()
			var told strings.Builder
			r.OnPiece = func(_ int, p Piece) { told.WriteString(p.Text) }
			cs, err := e.Generate(context.Background(), r)
			if told.String() != c.text {
				t.Errorf("told %q, want %q", told.String(), c.text)
			}
			if c.says == "" && (err != nil || cs[0].Text != c.text || cs[0].Finish != FinishLength) {
				t.Errorf("%+v, %v", cs, err)
			}
			if c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
				t.Errorf("says %v, want %q", err, c.says)
			}
		})
	}
}

// picky is a server that refuses what it does not take.
func picky(t *testing.T, refuses func(body map[string]any) string) (*Endpoint, *sync.Map, *atomic.Int64) {
	t.Helper()
	var bodies sync.Map
	var calls atomic.Int64
	e, _ := script(t, EndpointConfig{}, func(w http.ResponseWriter, r *http.Request) {
		var body map[string]any
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		bodies.Store(calls.Add(1), body)
		if why := refuses(body); why != "" {
			jsonSays(400, fmt.Sprintf(`{"error":{"message":%q}}`, why))(w, r)
			return
		}
		n, ok := body["n"].(float64)
		if !ok {
			n = 1
		}
		var choices []string
		for i := range int(n) {
			choices = append(choices, fmt.Sprintf(`{"index":%d,"text":"seed %v stop!rest","finish_reason":"length"}`, i, body["seed"]))
		}
		jsonSays(200, `{"choices":[`+strings.Join(choices, ",")+`],"usage":{"prompt_tokens":2,"completion_tokens":1}}`)(w, r)
	})
	return e, &bodies, &calls
}

// TestAdapts: what a server refuses and can do without is left out, once and for all;
// what changes the samples is not.
func TestAdapts(t *testing.T) {
	t.Parallel()
	has := func(field string) func(map[string]any) string {
		return func(b map[string]any) string {
			if _, there := b[field]; there {
				return fmt.Sprintf("Unsupported parameter: '%s'", field)
			}
			return ""
		}
	}
	r := Request{Prompt: "p", N: 3, MaxTokens: 9, Seed: 5, Stop: []string{"a!", "b!", "c!", "d!", "stop!"}}
	for _, c := range []struct {
		name    string
		refuses func(map[string]any) string
		calls   [2]int64 // of two equal requests
	}{
		{"nothing", func(map[string]any) string { return "" }, [2]int64{1, 1}},
		{"n", has("n"), [2]int64{4, 3}},
		{"n (llama.cpp)", func(b map[string]any) string {
			if b["n"] != nil {
				return "Only one completion choice is allowed"
			}
			return ""
		}, [2]int64{4, 3}},
		{"seed", has("seed"), [2]int64{2, 1}},
		{"max_tokens", func(b map[string]any) string {
			if b["max_tokens"] != nil {
				return "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
			}
			return ""
		}, [2]int64{2, 1}},
		{"stop", func(b map[string]any) string {
			if l, _ := b["stop"].([]any); len(l) > 4 {
				return "array too long, 'stop' has at most 4"
			}
			return ""
		}, [2]int64{2, 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e, _, calls := picky(t, c.refuses)
			for _, want := range c.calls {
				before := calls.Load()
				cs, err := e.Generate(context.Background(), r)
				if err != nil || len(cs) != 3 {
					t.Fatalf("%+v, %v", cs, err)
				}
				for i, x := range cs {
					if !strings.HasPrefix(x.Text, "seed ") || strings.Contains(x.Text, "stop!") || x.Finish != FinishStop {
						t.Errorf("completion %d: %+v", i, x)
					}
				}
				if got := calls.Load() - before; got != want {
					t.Errorf("%d requests, want %d", got, want)
				}
			}
		})
	}
	for field, change := range map[string]func(*Request){
		"temperature": func(r *Request) { r.Temperature = 0.5 },
		"top_p":       func(r *Request) { r.TopP = 0.5 },
		"top_k":       func(r *Request) { r.TopK = 5 },
		"logprobs":    func(r *Request) { r.LogProbs = true },
	} {
		r := one()
		change(&r)
		e, _, calls := picky(t, has(field))
		if _, err := e.Generate(context.Background(), r); err == nil || !strings.Contains(err.Error(), field) || calls.Load() != 1 {
			t.Errorf("%s: %v after %d requests", field, err, calls.Load())
		}
	}
}

// TestIgnoresN: Ollama gives one completion whatever n is. Each has a seed of its own.
func TestIgnoresN(t *testing.T) {
	t.Parallel()
	var seeds sync.Map
	var asked atomic.Int64
	answer := func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Seed int64 }
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		seeds.Store(body.Seed, true)
		jsonSays(200, fmt.Sprintf(`{"choices":[{"index":0,"message":{"role":"assistant","content":"%d"},"finish_reason":"stop"}],"usage":{"prompt_tokens":2,"completion_tokens":1}}`, asked.Add(1)))(w, r)
	}
	e, calls := script(t, EndpointConfig{}, answer)
	r := Request{Messages: []Message{{"user", "hi"}}, N: 5, MaxTokens: 8, Seed: 3}
	for _, want := range []int64{5, 10} {
		cs, err := e.Generate(context.Background(), r)
		if err != nil || len(cs) != 5 || calls.Load() != want {
			t.Fatalf("%+v, %v after %d requests", cs, err, calls.Load())
		}
		if u := Total(cs); u != (Usage{10, 5}) {
			t.Errorf("usage %+v", u)
		}
	}
	n := 0
	seeds.Range(func(any, any) bool { n++; return true })
	if n != 5 {
		t.Errorf("%d seeds of 5 completions asked for twice", n)
	}
}

// TestRetryAfter: a server that asks to wait is waited for, by every request.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for v, want := range map[string]time.Duration{
		"": 0, "2": 2 * time.Second, "0.5": 500 * time.Millisecond, "-1": 0, "soon": 0, "1e300": 0, "NaN": 0,
		"Fri, 02 Jan 2026 03:04:35 GMT": 30 * time.Second, "Fri, 02 Jan 2026 03:00:00 GMT": 0,
	} {
		if got := retryAfter(http.Header{"Retry-After": {v}}, now); got != want {
			t.Errorf("Retry-After %q: %v, want %v", v, got, want)
		}
	}
	wait := func(v string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", v)
			jsonSays(429, `{"error":{"message":"slow down"}}`)(w, r)
		}
	}
	e, calls := script(t, EndpointConfig{}, wait("0.2"), jsonSays(200, good))
	began := time.Now()
	if _, err := e.Generate(context.Background(), one()); err != nil || calls.Load() != 2 {
		t.Error(err)
	}
	if took := time.Since(began); took < 200*time.Millisecond {
		t.Errorf("came back after %v", took)
	}
	if e.Retried() != 1 {
		t.Errorf("%d retries", e.Retried())
	}
	e, calls = script(t, EndpointConfig{}, wait("3600"))
	if _, err := e.Generate(context.Background(), one()); err == nil || calls.Load() != 1 || !strings.Contains(err.Error(), "the server asks to wait 1h0m0s") {
		t.Errorf("%v after %d requests", err, calls.Load())
	}
}

// TestConcurrent: no more requests are under way than allowed, and the pace is kept.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	var now, most atomic.Int64
	three := make(chan struct{})
	answer := func(w http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		for m := most.Load(); n > m; m = most.Load() {
			if most.CompareAndSwap(m, n) && n == 3 {
				close(three)
			}
		}
		select {
		case <-three:
		case <-time.After(time.Minute):
		}
		time.Sleep(20 * time.Millisecond) // in which a fourth would come
		jsonSays(200, good)(w, r)
	}
	run := func(e *Endpoint, n int) {
		var wg sync.WaitGroup
		for range n {
			wg.Go(func() {
				if _, err := e.Generate(context.Background(), one()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
	e, _ := script(t, EndpointConfig{Concurrent: 3}, answer)
	run(e, 12)
	if most.Load() != 3 {
		t.Errorf("%d requests at once, want 3", most.Load())
	}
	began := time.Now()
	e, _ = script(t, EndpointConfig{RequestsPerMinute: 60_000 / 50}, answer) // one in 50 ms
	run(e, 5)
	if took := time.Since(began); took < 200*time.Millisecond {
		t.Errorf("5 requests took %v", took)
	}
	began = time.Now()
	// Each is expected to take 8 tokens of 10 ms and takes 4.
	e, _ = script(t, EndpointConfig{TokensPerMinute: 6000, Concurrent: 1}, answer)
	run(e, 6)
	if took := time.Since(began); took < 200*time.Millisecond {
		t.Errorf("24 tokens took %v", took)
	}
}

// TestCancelled: an end of the context ends everything at once, a wait too.
func TestCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	e, _ := script(t, EndpointConfig{}, func(w http.ResponseWriter, r *http.Request) {
		cancel()
		w.Header().Set("Retry-After", "60")
		jsonSays(429, "{}")(w, r)
	})
	began := time.Now()
	if _, err := e.Generate(ctx, one()); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if time.Since(began) > 20*time.Second {
		t.Error("it waited")
	}
	if _, err := e.Generate(ctx, one()); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestKeyStaysSecret: with everything logged and every error shown the key is sent and never said.
func TestKeyStaysSecret(t *testing.T) {
	t.Parallel()
	var said bytes.Buffer
	sent := atomic.Bool{}
	e, _ := script(t, EndpointConfig{Log: slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelDebug}))},
		func(w http.ResponseWriter, r *http.Request) {
			sent.Store(r.Header.Get("Authorization") == "Bearer "+secret)
			jsonSays(500, `{"error":{"message":"key `+secret+` made me fall"}}`)(w, r)
		})
	_, err := e.Generate(context.Background(), one())
	if !sent.Load() {
		t.Error("the key was not sent")
	}
	if all := fmt.Sprint(err, said.String(), e.Identity(), e); err == nil || strings.Contains(err.Error()+said.String()+e.Identity(), secret) {
		t.Errorf("the key is in %s", all)
	}
	if !strings.Contains(said.String(), "made me fall") {
		t.Errorf("trouble is not told: %s", said.String())
	}
}

// TestLogProbsMissing: log-probabilities that were asked for and did not come are an error.
func TestLogProbsMissing(t *testing.T) {
	t.Parallel()
	e, _ := script(t, EndpointConfig{Retries: -1}, jsonSays(200, good))
	r := one()
	r.LogProbs = true
	if _, err := e.Generate(context.Background(), r); err == nil || !strings.Contains(err.Error(), "no log-probabilities") {
		t.Error(err)
	}
}
