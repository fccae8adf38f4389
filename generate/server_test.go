package generate

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func post(t *testing.T, url, body string, header ...string) *http.Response {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}

// errorOf reads OpenAI's error object.
func errorOf(t *testing.T, resp *http.Response) (message string, param, code string) {
	t.Helper()
	var body struct {
		Error struct {
			Message     string
			Type        string
			Param, Code *string
		}
	}
	if err := json.NewDecoder(resp.Body).Decode(&body); err != nil || body.Error.Type == "" || body.Error.Message == "" {
		t.Fatalf("status %d: no error object: %v %+v", resp.StatusCode, err, body)
	}
	str := func(p *string) string {
		if p == nil {
			return ""
		}
		return *p
	}
	return body.Error.Message, str(body.Error.Param), str(body.Error.Code)
}

func TestServerRefuses(t *testing.T) {
	t.Parallel()
	f := &fake{}
	_, srv := served(t, f, nil)
	for _, c := range []struct {
		path, body  string
		status      int
		param, says string
	}{
		{"completions", `{"prompt":`, 400, "", "not a JSON object"},
		{"completions", `{"prompt":"p","n":"two"}`, 400, "n", "it is a JSON string"},
		{"completions", `{}`, 400, "prompt", "one text is wanted"},
		{"completions", `{"prompt":["a","b"]}`, 400, "prompt", "several texts"},
		{"completions", `{"prompt":[1,2]}`, 400, "prompt", "tokens"},
		{"completions", `{"prompt":"p","n":0}`, 400, "n", "0 completions"},
		{"completions", `{"prompt":"p","n":129}`, 400, "n", "more than 128"},
		{"completions", `{"prompt":"p","max_tokens":0}`, 400, "max_tokens", "0 tokens"},
		{"completions", `{"prompt":"p","temperature":-0.5}`, 400, "temperature", "0 (greedy) or more"},
		{"completions", `{"prompt":"p","top_p":0}`, 400, "top_p", "keeps no token"},
		{"completions", `{"prompt":"p","top_p":2}`, 400, "top_p", "from 0 to 1"},
		{"completions", `{"prompt":"p","top_k":-5}`, 400, "top_k", "or more"},
		{"completions", `{"prompt":"p","stop":3}`, 400, "stop", "a text or a list"},
		{"completions", `{"prompt":"p","stop":[""]}`, 400, "stop", "empty text"},
		{"completions", `{"prompt":"p","echo":true}`, 400, "echo", "not supported here: the answer holds the continuation only"},
		{"completions", `{"prompt":"p","best_of":3}`, 400, "best_of", "not supported"},
		{"completions", `{"prompt":"p","suffix":"x"}`, 400, "suffix", "not supported"},
		{"completions", `{"prompt":"p","logit_bias":{"5":-100}}`, 400, "logit_bias", "not supported"},
		{"completions", `{"prompt":"p","presence_penalty":1}`, 400, "presence_penalty", "not supported"},
		{"completions", `{"prompt":"p","logprobs":5}`, 400, "logprobs", "0 and 1 are possible"},
		{"completions", `{"prompt":"p","model":"gpt"}`, 404, "model", `there is no model "gpt" here, there is "fake"`},
		{"chat/completions", `{"messages":[]}`, 400, "messages", "there are none"},
		{"chat/completions", `{"messages":[{"role":"tool","content":"x"}]}`, 400, "messages", `role "tool"`},
		{"chat/completions", `{"messages":[{"role":"user","content":[{"type":"image_url"}]}]}`, 400, "messages", "only text is understood"},
		{"chat/completions", `{"messages":[{"role":"user","content":"x"}],"tools":[{}]}`, 400, "tools", "not supported"},
		{"chat/completions", `{"messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_object"}}`, 400, "response_format", "not supported"},
		{"chat/completions", `{"messages":[{"role":"user","content":"x"}],"logprobs":true,"top_logprobs":5}`, 400, "top_logprobs", "not supported"},
		{"chat/completions", `{"messages":[{"role":"user","content":"x"}],"logprobs":3}`, 400, "logprobs", "true or false"},
		{"completions", `{"prompt":"` + strings.Repeat("x", maxRequest) + `"}`, 413, "", "longer than 8 MiB"},
		{"embeddings", `{}`, 404, "", "there is no POST /v1/embeddings"},
	} {
		resp := post(t, srv.URL+"/v1/"+c.path, c.body)
		says, param, _ := errorOf(t, resp)
		if resp.StatusCode != c.status || param != c.param || !strings.Contains(says, c.says) {
			t.Errorf("%s %.80s: %d %q %q; want %d %q %q", c.path, c.body, resp.StatusCode, param, says, c.status, c.param, c.says)
		}
	}
	if f.calls.Load() != 0 {
		t.Error("a refused request reached the generator")
	}
}

// TestServerReads: what a client does not say has OpenAI's defaults.
func TestServerReads(t *testing.T) {
	t.Parallel()
	f := &fake{}
	_, srv := served(t, f, func(c *ServerConfig) { c.MaxTokens = 77 })
	post(t, srv.URL+"/v1/completions", `{"prompt":["p"],"user":"me","top_k":-1,"stop":null,"best_of":1}`)
	if r := f.seen.Load(); r.Prompt != "p" || r.N != 1 || r.MaxTokens != 16 || r.Temperature != 1 || r.TopP != 0 || r.TopK != 0 || r.Stop != nil {
		t.Errorf("%+v", r)
	}
	post(t, srv.URL+"/v1/chat/completions", `{"messages":[{"role":"developer","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}],"temperature":0,"stop":"x","seed":-1,"logprobs":false}`)
	if r := f.seen.Load(); len(r.Messages) != 1 || r.Messages[0] != (Message{"system", "ab"}) || r.MaxTokens != 77 || r.Temperature != 0 || r.Stop[0] != "x" || r.Seed != 1<<64-1 || r.LogProbs {
		t.Errorf("%+v", r)
	}
	post(t, srv.URL+"/v1/chat/completions", `{"messages":[{"role":"user","content":"x"}],"max_tokens":5,"max_completion_tokens":6}`)
	if r := f.seen.Load(); r.MaxTokens != 6 {
		t.Errorf("%+v", r)
	}
}

func TestServerDoor(t *testing.T) {
	t.Parallel()
	_, srv := served(t, &fake{}, func(c *ServerConfig) { c.Token = "open sesame"; c.Token = strings.ReplaceAll(c.Token, " ", "-") })
	const body = `{"prompt":"p"}`
	if resp := post(t, srv.URL+"/v1/completions", body); resp.StatusCode != 401 {
		t.Errorf("without a token: %d", resp.StatusCode)
	}
	if resp := post(t, srv.URL+"/v1/completions", body, "Authorization", "Bearer wrong"); resp.StatusCode != 401 {
		t.Errorf("with a wrong token: %d", resp.StatusCode)
	} else if says, _, code := errorOf(t, resp); code != "invalid_api_key" || strings.Contains(says, "sesame") {
		t.Errorf("with a wrong token: %s %s", says, code)
	}
	if resp := post(t, srv.URL+"/v1/completions", body, "Authorization", "Bearer open-sesame"); resp.StatusCode != 200 {
		t.Errorf("with the token: %d", resp.StatusCode)
	}
	resp, err := http.Get(srv.URL + "/health")
	if err != nil || resp.StatusCode != 200 {
		t.Errorf("health: %v %v", resp, err)
	}
	req, _ := http.NewRequest(http.MethodGet, srv.URL+"/v1/models", nil)
	req.Host = "rebound.example"
	if resp, err := http.DefaultClient.Do(req); err != nil || resp.StatusCode != 403 {
		t.Errorf("under another name: %v %v", resp, err)
	}
}

// TestServerFull: more requests than may run wait, more than may wait are sent away.
func TestServerFull(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	var running, most atomic.Int64
	f := &fake{gate: func(ctx context.Context) error {
		n := running.Add(1)
		defer running.Add(-1)
		if n > most.Load() {
			most.Store(n)
		}
		select {
		case <-release:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}}
	s := NewServer(ServerConfig{Generator: f, Model: "fake", Running: 2, Waiting: 3})
	srv := httptest.NewServer(s)
	defer srv.Close()
	var wg sync.WaitGroup
	var ok atomic.Int64
	for range 5 {
		wg.Go(func() {
			resp, err := http.Post(srv.URL+"/v1/completions", "application/json", strings.NewReader(`{"prompt":"p"}`))
			if err == nil && resp.StatusCode == 200 {
				ok.Add(1)
			}
		})
	}
	wait(t, func() bool { return s.waiting.Load() == 3 && running.Load() == 2 })
	resp := post(t, srv.URL+"/v1/completions", `{"prompt":"p"}`)
	says, _, code := errorOf(t, resp)
	if resp.StatusCode != 429 || resp.Header.Get("Retry-After") == "" || code != "queue_full" {
		t.Errorf("%d %v %s", resp.StatusCode, resp.Header, says)
	}
	m, err := http.Get(srv.URL + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(m.Body)
	for _, line := range []string{"hone_requests_running 2\n", "hone_requests_waiting 3\n", "hone_requests_failed_total 1\n"} {
		if !strings.Contains(string(text), line) {
			t.Errorf("no %q in\n%s", line, text)
		}
	}
	close(release)
	wg.Wait()
	if ok.Load() != 5 || most.Load() != 2 {
		t.Errorf("%d of 5 answered, %d at once", ok.Load(), most.Load())
	}
	// Our own client waits and comes back.
	e, err := NewEndpoint(context.Background(), EndpointConfig{URL: srv.URL, Backoff: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Generate(context.Background(), one()); err != nil {
		t.Error(err)
	}
}

func wait(t *testing.T, is func() bool) {
	t.Helper()
	for start := time.Now(); !is(); time.Sleep(time.Millisecond) {
		if time.Since(start) > time.Minute {
			t.Fatal("it never happened")
		}
	}
}

// TestServerClientGone: a client that leaves ends what is drawn for it, streamed or not.
func TestServerClientGone(t *testing.T) {
	t.Parallel()
	for _, stream := range []string{"false", "true"} {
		var drawn, ended atomic.Int64
		f := &fake{gate: func(ctx context.Context) error {
			if drawn.Add(1) > 3 {
				<-ctx.Done()
				ended.Add(1)
				return ctx.Err()
			}
			return nil
		}}
		s := NewServer(ServerConfig{Generator: f, Model: "fake"})
		srv := httptest.NewServer(s)
		ctx, cancel := context.WithCancel(context.Background())
		req, _ := http.NewRequestWithContext(ctx, http.MethodPost, srv.URL+"/v1/completions", strings.NewReader(`{"prompt":"pq","max_tokens":50,"n":20,"stream":`+stream+`}`))
		go func() {
			wait(t, func() bool { return drawn.Load() > 3 })
			cancel()
		}()
		if resp, err := http.DefaultClient.Do(req); err == nil {
			_, _ = io.ReadAll(resp.Body)
		}
		wait(t, func() bool { return ended.Load() == 1 && len(s.slots) == 0 })
		srv.Close()
	}
}

// TestServerSlowReader: a client that does not read does not hold up the generator.
func TestServerSlowReader(t *testing.T) {
	t.Parallel()
	f := &fake{}
	done := make(chan struct{})
	s := NewServer(ServerConfig{Generator: &watchedGenerator{f, done}, Model: "fake", MaxN: 4000})
	srv := httptest.NewServer(s)
	defer srv.Close()
	resp := post(t, srv.URL+"/v1/completions", `{"prompt":"p","max_tokens":10000,"n":4000,"stream":true}`)
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatal("the generator waits for the client")
	}
	lines, last := 0, ""
	for sc := bufio.NewScanner(resp.Body); sc.Scan(); {
		if sc.Text() != "" {
			lines, last = lines+1, sc.Text()
		}
	}
	if lines < 4000 || last != "data: [DONE]" {
		t.Errorf("%d events, the last %s", lines, last)
	}
}

type watchedGenerator struct {
	Generator
	done chan struct{}
}

func (w *watchedGenerator) Generate(ctx context.Context, r Request) ([]Completion, error) {
	defer close(w.done)
	return w.Generator.Generate(ctx, r)
}

// TestServerFaults: what goes wrong in a generator is an error object, in a stream too.
func TestServerFaults(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	f := &fake{gate: func(ctx context.Context) error {
		if n.Add(1) > 12 { // fakes of these requests have drawn some text by then
			return errors.New("the battery is empty")
		}
		return nil
	}}
	_, srv := served(t, f, nil)
	const body = `{"prompt":"pq","max_tokens":500,"n":3,"seed":3`
	resp := post(t, srv.URL+"/v1/completions", body+`}`)
	if says, _, _ := errorOf(t, resp); resp.StatusCode != 500 || says != "the battery is empty" {
		t.Errorf("%d %s", resp.StatusCode, says)
	}
	n.Store(0)
	resp = post(t, srv.URL+"/v1/completions", body+`,"stream":true}`)
	text, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != 200 || !strings.Contains(string(text), `data: {"error":{`) || strings.Contains(string(text), "[DONE]") {
		t.Errorf("%d %s", resp.StatusCode, text)
	}
	n.Store(100)
	if resp = post(t, srv.URL+"/v1/completions", body+`,"stream":true}`); resp.StatusCode != 500 {
		t.Errorf("before the first piece: %d", resp.StatusCode)
	}
	slow := &fake{gate: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }}
	_, srv = served(t, slow, func(c *ServerConfig) { c.Timeout = 20 * time.Millisecond })
	if resp = post(t, srv.URL+"/v1/completions", body+`}`); resp.StatusCode != 504 {
		t.Errorf("too slow: %d", resp.StatusCode)
	}
}
