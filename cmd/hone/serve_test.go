//go:build linux

package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// serving starts hone serve in front of p and returns its address.
func serving(t *testing.T, u *user, args ...string) (*running, string) {
	t.Helper()
	r := u.command(append([]string{"serve"}, args...)...)
	r.start()
	until(t, "it serves", 2*time.Minute, func() bool { return strings.Contains(r.out.String(), "\n") })
	_, after, ok := strings.Cut(r.out.String(), " at ")
	url, _, ok2 := strings.Cut(after, "/v1 ")
	if !ok || !ok2 {
		t.Fatalf("it says %q", r.out.String())
	}
	return r, url
}

// TestServe: what one hone serves another generates from; Ctrl-C finishes what is under way.
func TestServe(t *testing.T) {
	t.Parallel()
	p := newPlayback(t)
	u := newUser(t)
	r, url := serving(t, u, p.URL, "--addr", "127.0.0.1:0", "--name", "tape2")
	u.hone("generate", url+"#tape2", "def add(a, b):\n").exits(0).prints("return a + b")
	u.hone("generate", url, "x", "--n", "3").exits(0).prints("--- 3 of 3")
	u.hone("generate", url+"#gpt", "x").exits(1).says(`there is no model "gpt" here, there is "tape2"`)
	u.hone("eval", url, "--benchmark", "humaneval", "--limit", "3", "--n", "2").exits(0).prints("6 programs for 3 of 3 tasks")

	// One request is under way at the time of the Ctrl-C, and is answered.
	release, waits := make(chan struct{}), make(chan struct{})
	p.before = func(http.ResponseWriter, *http.Request, *asking) bool { close(waits); <-release; return false }
	answer := make(chan string, 1)
	go func() {
		resp, err := http.Post(url+"/v1/completions", "application/json", strings.NewReader(`{"prompt":"x"}`))
		if err != nil {
			answer <- err.Error()
			return
		}
		b, _ := io.ReadAll(resp.Body)
		answer <- string(b)
	}()
	<-waits
	r.signal(syscall.SIGINT)
	until(t, "it takes no more", 2*time.Minute, func() bool {
		c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
		if err == nil {
			c.Close()
		}
		return err != nil
	})
	close(release)
	if a := <-answer; !strings.Contains(a, "return a + b") {
		t.Errorf("the request under way got %s", a)
	}
	r.wait().exits(0).says("finishing the requests under way; Ctrl-C again stops at once")
}

// TestServeStopsAtOnce: the second Ctrl-C ends what is under way.
func TestServeStopsAtOnce(t *testing.T) {
	t.Parallel()
	p := newPlayback(t)
	waits := make(chan struct{})
	p.before = func(_ http.ResponseWriter, r *http.Request, _ *asking) bool {
		close(waits)
		<-r.Context().Done()
		return true
	}
	u := newUser(t)
	r, url := serving(t, u, p.URL, "--addr", "localhost:0")
	go func() {
		_, _ = http.Post(url+"/v1/completions", "application/json", strings.NewReader(`{"prompt":"x"}`))
	}()
	<-waits
	r.signal(syscall.SIGINT)
	r.said("Ctrl-C again stops at once")
	r.signal(syscall.SIGINT)
	if res := r.wait(); res.code != exitInterrupted || res.took > time.Minute {
		t.Errorf("status %d after %v\n%s", res.code, res.took, res.err)
	}
}

// TestServeToken: other machines need the token.
func TestServeToken(t *testing.T) {
	t.Parallel()
	const token = "0123456789abcdef0123"
	p := newPlayback(t)
	u := newUser(t).with("HONE_TOKEN=" + token)
	_, url := serving(t, u, p.URL, "--addr", "0.0.0.0:0", "--token-env", "HONE_TOKEN")
	url = strings.Replace(url, "0.0.0.0", "127.0.0.1", 1)
	u.hone("generate", url+"#tape", "x").exits(1).says("401 Unauthorized", "this server wants its token")
	u.with("HONE_API_KEY="+token).hone("generate", url, "x").exits(0)
}

// TestServeStream: a stream comes piece by piece and ends with [DONE].
func TestServeStream(t *testing.T) {
	t.Parallel()
	p := newPlayback(t)
	u := newUser(t)
	_, url := serving(t, u, p.URL, "--addr", "127.0.0.1:0")
	resp, err := http.Post(url+"/v1/completions", "application/json", strings.NewReader(`{"prompt":"x","stream":true}`))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var text, last string
	for sc := bufio.NewScanner(resp.Body); sc.Scan(); {
		data, ok := strings.CutPrefix(sc.Text(), "data: ")
		if !ok {
			continue
		}
		last = data
		var e struct{ Choices []struct{ Text string } }
		if json.Unmarshal([]byte(data), &e) == nil && len(e.Choices) > 0 {
			text += e.Choices[0].Text
		}
	}
	if text != "    return a + b\n" || last != "[DONE]" {
		t.Errorf("%q, the last event %q", text, last)
	}
}

func TestServeUsage(t *testing.T) {
	t.Parallel()
	p := newPlayback(t)
	u := newUser(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := os.Mkdir(u.path("folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		code       int
		args, says string
	}{
		{2, "serve", "MODEL is missing"},
		{2, "serve URL extra", `"extra" is too much after`},
		{2, "serve URL --addr 8080", `--addr "8080": it is HOST:PORT`},
		{2, "serve URL --addr :8080", "can be reached from other machines: name a variable with a token"},
		{2, "serve URL --addr 0.0.0.0:80", "can be reached from other machines"},
		{2, "serve URL --addr 0.0.0.0:80 --token-env NONE", "is not set to a token of 16 characters or more"},
		{2, "serve URL --token-env SHORT", "is not set to a token of 16 characters or more"},
		{2, "serve URL --max-running 0", "more than 0"},
		{1, "serve URL --addr " + l.Addr().String(), "address already in use (--addr names another address)"},
		{1, "serve folder", "folder has no config.json"},
	} {
		u.with("SHORT=abc").hone(strings.Fields(strings.ReplaceAll(c.args, "URL", p.URL))...).exits(c.code).says(c.says)
	}
}
