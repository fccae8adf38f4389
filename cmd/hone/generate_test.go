//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// TestGenerate: one prompt, several completions, JSON, standard input.
func TestGenerate(t *testing.T) {
	t.Parallel()
	p := newPlayback(t)
	p.chat = func(prompt, completion string) string { return "It is:\n" + completion }
	u := newUser(t)
	if r := u.hone("generate", p.URL, "def add(a, b):\n").exits(0); r.out != "    return a + b\n" {
		t.Errorf("prints %q", r.out)
	}
	u.hone("generate", p.URL, "x", "--n", "2").exits(0).prints("--- 1 of 2 (", "--- 2 of 2 (", "    return a + b\n")
	u.hone("generate", p.URL, "x", "--chat", "--system", "Be brief.").exits(0).prints("It is:\n    return a + b\n")
	u.hone("generate", p.URL, "x", "--stop", `\n`).exits(0).prints("return a + b\n")
	var row struct {
		Completion, Finish string
		Sample             int
	}
	r := u.hone("generate", p.URL, "x", "--n", "2", "--json").exits(0)
	lines := strings.Split(strings.TrimSpace(r.out), "\n")
	if len(lines) != 2 || json.Unmarshal([]byte(lines[1]), &row) != nil || row.Sample != 1 || row.Completion != "    return a + b\n" || row.Finish == "" {
		t.Errorf("prints %q", r.out)
	}
	in := u.command("generate", p.URL, "-")
	in.cmd.Stdin = strings.NewReader("from stdin")
	var asked string
	p.before = func(_ http.ResponseWriter, _ *http.Request, a *asking) bool { asked = a.Prompt; return false }
	in.start()
	in.wait().exits(0)
	if asked != "from stdin" {
		t.Errorf("asked %q", asked)
	}
}

// TestGenerateStreams: text is printed while it comes, and what came stays when the stream dies.
func TestGenerateStreams(t *testing.T) {
	t.Parallel()
	p := newPlayback(t)
	next := make(chan string)
	p.before = func(w http.ResponseWriter, _ *http.Request, a *asking) bool {
		if !a.Stream {
			t.Error("no stream is asked for")
		}
		w.Header().Set("Content-Type", "text/event-stream")
		for s := range next {
			fmt.Fprintf(w, "data: %s\n\n", s)
			w.(http.Flusher).Flush()
		}
		return true
	}
	u := newUser(t)
	r := u.command("generate", p.URL, "x")
	r.start()
	next <- `{"choices":[{"index":0,"text":"first "}]}`
	until(t, "the first word is printed", 2*time.Minute, func() bool { return r.out.String() == "first " })
	next <- `{{{`
	close(next)
	r.wait().exits(1).says("the stream broke off: ")
	if out := r.out.String(); out != "first \n" {
		t.Errorf("printed %q", out)
	}
}

// TestGenerateBatch: a file of prompts, resumed after a Ctrl-C, rows echoed.
func TestGenerateBatch(t *testing.T) {
	t.Parallel()
	p := newPlayback(t)
	u := newUser(t)
	var in strings.Builder
	for i := range 30 {
		fmt.Fprintf(&in, `{"task_id":"own/%d","prompt":"p%d","extra":{"a":[1.50]}}`+"\n", i%5, i)
	}
	in.WriteString("\n" + `{"id":7,"messages":[{"role":"user","content":"hi"}]}` + "\n")
	p.chat = func(_, c string) string { return c }
	u.write("in.jsonl", in.String())
	args := []string{"generate", p.URL, "--prompts", "in.jsonl", "--n", "2", "--concurrency", "2", "--out"}
	u.hone(append(args, "whole.jsonl")...).exits(0).says("62 completions in whole.jsonl")
	rows := strings.Split(strings.TrimSpace(u.read("whole.jsonl")), "\n")
	if len(rows) != 62 || !strings.Contains(rows[3], `"extra":{"a":[1.50]}`) || !strings.Contains(rows[3], `"index":1`) || !strings.Contains(rows[3], `"sample":1`) || !strings.Contains(rows[61], `"id":7`) || !strings.Contains(rows[61], `"response":`) {
		t.Errorf("rows %s\n%s", rows[3], rows[len(rows)-1])
	}
	before := p.requests.Load()
	u.hone(append(args, "whole.jsonl")...).exits(0).says("it was complete: nothing was drawn")
	if p.requests.Load() != before {
		t.Error("a complete file is drawn again")
	}
	release := make(chan struct{})
	var held atomic.Int64
	p.before = func(_ http.ResponseWriter, r *http.Request, a *asking) bool {
		if len(a.Prompt) == len("p10") { // by the prompt, as requests come in any order
			held.Add(1)
			select {
			case <-release:
			case <-r.Context().Done():
			}
		}
		return false
	}
	r := u.start(append(args, "torn.jsonl")...)
	until(t, "some are drawn and two requests wait", 2*time.Minute, func() bool { return u.size("torn.jsonl.part") > 0 && held.Load() == 2 })
	r.signal(syscall.SIGINT)
	r.said("Ctrl-C again stops at once")
	close(release)
	r.wait().exits(130).says("finishing the requests under way and saving", "safe in torn.jsonl.part; the same command goes on from there")
	u.hone(append(args, "torn.jsonl")...).exits(0)
	if u.read("torn.jsonl") != u.read("whole.jsonl") {
		t.Error("resumed rows differ")
	}
	u.hone(append(args, "whole.jsonl", "--seed", "1")...).exits(1).says("whole.jsonl: made from other inputs", "--force")
}

func TestGenerateUsage(t *testing.T) {
	t.Parallel()
	p := newPlayback(t)
	u := newUser(t)
	u.write("good.jsonl", `{"prompt":"p"}`)
	u.write("empty.jsonl", "\n")
	u.write("bad.jsonl", `{"prompt":"p"}`+"\n"+`{"promt":"p"}`)
	u.write("garbage.jsonl", "no")
	u.write("both.jsonl", `{"prompt":"p","messages":[{"role":"user","content":"x"}]}`)
	u.write("role.jsonl", `{"messages":[{"role":"robot","content":"x"}]}`)
	for _, c := range []struct {
		code       int
		args, says string
	}{
		{2, "generate", "MODEL is missing"},
		{2, "generate URL", "a prompt is missing"},
		{2, "generate URL a b", `"b" is too much after "a"`},
		{2, "generate URL a --prompts good.jsonl --out o", "exclude each other"},
		{2, "generate URL a --out o", "--out is for the completions of --prompts"},
		{2, "generate URL --prompts good.jsonl", "--out is missing"},
		{2, "generate URL --prompts good.jsonl --out good.jsonl", "is the input"},
		{2, "generate URL a --system x", "--system is for --chat"},
		{2, "generate URL a --logprobs", "--logprobs wants --json"},
		{2, "generate URL a --top-k -1", "--top-k: -1"},
		{2, "generate URL a --request-timeout 0s", "longer than nothing"},
		{1, "generate URL --prompts good.jsonl --out no/o", "there is no folder no"},
		{1, "generate URL --prompts none.jsonl --out o", "--prompts: there is no file none.jsonl"},
		{1, "generate URL --prompts empty.jsonl --out o", "empty.jsonl holds no prompts"},
		{1, "generate URL --prompts bad.jsonl --out o", `bad.jsonl:2: a row has one of "prompt" and "messages"`},
		{1, "generate URL --prompts both.jsonl --out o", `both.jsonl:1: a row has one of`},
		{1, "generate URL --prompts garbage.jsonl --out o", `garbage.jsonl:1: no JSON object`},
		{1, "generate URL --prompts role.jsonl --out o", `role.jsonl: prompt 0: messages: message 0 has the role "robot"`},
	} {
		u.hone(strings.Fields(strings.ReplaceAll(c.args, "URL", p.URL))...).exits(c.code).says(c.says)
	}
	if p.requests.Load() != 0 {
		t.Error("something was asked")
	}
}
