//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"hone/problem"
)

// recorded are the completions of the excerpt by their problem's prompt.
var recorded = sync.OnceValue(func() map[string][]string {
	set, err := problem.Read(bytes.NewReader(demoProblems), "HumanEval.jsonl.gz", problem.FormatAuto)
	if err != nil {
		panic(err)
	}
	prompts := map[string]string{}
	for _, p := range set.Problems {
		prompts[p.TaskID] = p.Prompt
	}
	z, err := gzip.NewReader(bytes.NewReader(demoCompletions))
	if err != nil {
		panic(err)
	}
	out := map[string][]string{}
	for dec := json.NewDecoder(z); ; {
		var row struct {
			TaskID     string `json:"task_id"`
			Completion string `json:"completion"`
		}
		if err := dec.Decode(&row); errors.Is(err, io.EOF) {
			return out
		} else if err != nil {
			panic(err)
		}
		p := prompts[row.TaskID]
		out[p] = append(out[p], row.Completion)
	}
})

// asking is what a playback is asked.
type asking struct {
	Model, Prompt string
	Messages      []struct{ Role, Content string }
	N             *int
	MaxTokens     int `json:"max_tokens"`
	Seed          int
	Stop          []string
	Stream        bool
	LogProbs      any
}

// playback is an endpoint with the model "tape", which says by seed what CodeGen 16B once said.
type playback struct {
	*httptest.Server
	requests, tokens atomic.Int64
	// before, if not nil, may answer instead.
	before func(w http.ResponseWriter, r *http.Request, a *asking) bool
	// chat wraps a completion for a chat.
	chat func(prompt, completion string) string
}

func newPlayback(t *testing.T) *playback {
	t.Helper()
	p := &playback{}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	return p
}

func (p *playback) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/v1/models" {
		fmt.Fprint(w, `{"data":[{"id":"tape"}]}`)
		return
	}
	p.requests.Add(1)
	var a asking
	if err := json.NewDecoder(r.Body).Decode(&a); err != nil {
		http.Error(w, err.Error(), 400)
		return
	}
	if p.before != nil && p.before(w, r, &a) {
		return
	}
	prompt := a.Prompt
	if len(a.Messages) > 0 {
		_, prompt, _ = strings.Cut(a.Messages[0].Content, "```python\n")
		prompt, _, _ = strings.Cut(prompt, "\n```")
	}
	var all []string
	for known, cs := range recorded() {
		if known == prompt || len(a.Messages) > 0 && strings.TrimRight(known, "\n") == prompt {
			prompt, all = known, cs
		}
	}
	if all == nil {
		all = []string{"    return a + b\n"}
	}
	n := 1
	if a.N != nil {
		n = *a.N
	}
	type choice struct {
		Index   int               `json:"index"`
		Text    *string           `json:"text,omitempty"`
		Message map[string]string `json:"message,omitempty"`
		Finish  string            `json:"finish_reason"`
	}
	var choices []choice
	used := 0
	for i := range n {
		text := all[(a.Seed+i)%len(all)]
		used += len(text) / 3
		c := choice{Index: i, Text: &text, Finish: "stop"}
		if (a.Seed+i)%8 == 0 {
			c.Finish = "length"
		}
		if len(a.Messages) > 0 {
			c.Text, c.Message = nil, map[string]string{"role": "assistant", "content": p.chat(prompt, text)}
		}
		choices = append(choices, c)
	}
	p.tokens.Add(int64(used))
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"choices": choices, "usage": map[string]int{"prompt_tokens": len(prompt) / 3, "completion_tokens": used}})
}

// evalResult is what hone eval --json prints.
type evalResult struct {
	Model    string
	Programs int
	Tasks    int
	Outcomes map[string]int
	PassAt   []struct {
		K            int
		Mean, Lo, Hi float64
	} `json:"pass_at"`
	Strict     []struct{ K int } `json:"strict_pass_at"`
	Resumed    int
	Generation struct {
		Samples          int
		CompletionTokens int `json:"completion_tokens"`
		Truncated        int
		Fresh            int
		Extracted        map[string]int
	}
}

func parseEval(t *testing.T, text string) (r evalResult) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return r
}

// TestEval: programs of an endpoint are drawn, judged and reported; the same command
// again draws nothing; hone judge says of the samples what hone eval said.
func TestEval(t *testing.T) {
	t.Parallel()
	p := newPlayback(t)
	u := newUser(t)
	u.write("p.jsonl", string(demoProblems))
	args := []string{"eval", p.URL, "--benchmark", "p.jsonl", "--limit", "20", "--n", "5", "--per-request", "3", "--out", "runs/a", "--seed", "3"}
	u.hone(append(args, "--json-out", "sum.json")...).exits(0).
		prints("tape at "+p.URL+"/v1", "100 completions, temperature 0.8", "100 programs for 20 of 20 tasks", "pass@1 ", "verdicts: runs/a/verdicts.jsonl")
	if n := p.requests.Load(); n != 40 {
		t.Errorf("%d requests for 20 problems with 5 samples in requests of 3", n)
	}
	sum := parseEval(t, u.read("sum.json"))
	if u.read("sum.json") != u.read("runs/a/summary.json") {
		t.Error("--json-out differs from summary.json")
	}
	samples := u.read("runs/a/samples.jsonl")
	vs := u.verdicts("runs/a/verdicts.jsonl")
	if sum.Programs != 100 || sum.Tasks != 20 || len(vs) != 100 || strings.Count(samples, "\n") != 100 || sum.Generation.Samples != 100 || sum.Generation.Fresh != 100 {
		t.Fatalf("%+v, %d verdicts", sum, len(vs))
	}
	if int64(sum.Generation.CompletionTokens) != p.tokens.Load() || sum.Generation.Truncated != strings.Count(samples, `"finish":"length"`) {
		t.Errorf("%+v, drawn %d", sum.Generation, p.tokens.Load())
	}
	if len(sum.PassAt) != 1 || sum.PassAt[0].Mean <= 0 || sum.PassAt[0].Lo >= sum.PassAt[0].Hi || sum.Outcomes["pass"] == 0 || sum.Outcomes["pass"] == 100 {
		t.Errorf("%+v", sum)
	}
	for i, v := range vs {
		if v.TaskID != fmt.Sprintf("HumanEval/%d", i/5) || v.Sample != i%5 {
			t.Fatalf("verdict %d is of %s %d", i, v.TaskID, v.Sample)
		}
	}
	again := u.hone(append(args, "--json")...).exits(0)
	if r := parseEval(t, again.out); p.requests.Load() != 40 || r.Programs != 100 || r.Generation.Fresh != 100 || r.Resumed != 100 {
		t.Errorf("again: %d requests, %+v", p.requests.Load(), r)
	}
	u.hone("judge", "--problems", "p.jsonl", "--samples", "runs/a/samples.jsonl", "--out", "v.jsonl").exits(0)
	sameRows(t, u.timeless("v.jsonl"), u.timeless("runs/a/verdicts.jsonl"))
	u.hone(append(args, "--temperature", "0.5")...).exits(1).says("runs/a/samples.jsonl: made from other inputs", "--force")
	u.hone(append(args, "--temperature", "0.5", "--force")...).exits(0)
}

// TestEvalChat: a chat's code is extracted, and how is said.
func TestEvalChat(t *testing.T) {
	t.Parallel()
	p := newPlayback(t)
	p.chat = func(prompt, completion string) string {
		return "Certainly!\n\n```python\n" + prompt + completion + "```\nThis works since it does."
	}
	u := newUser(t)
	r := u.hone("eval", p.URL+"/v1#tape", "--benchmark", "humaneval", "--limit", "10", "--n", "2", "--chat", "--json").exits(0)
	sum := parseEval(t, r.out)
	if sum.Programs != 20 || sum.Generation.Extracted["fence"] != 20 || sum.Outcomes["pass"] == 0 || len(sum.Strict) != 1 {
		t.Errorf("%+v", sum)
	}
	u.hone("eval", p.URL, "--benchmark", "humaneval", "--limit", "10", "--n", "2", "--chat").exits(0).prints("code found: 100.0 % in a fence")
}

// TestEvalKilled: kill -9 at random moments, and the files are in the end those of an
// undisturbed run.
func TestEvalKilled(t *testing.T) {
	t.Parallel()
	p := newPlayback(t)
	p.before = func(http.ResponseWriter, *http.Request, *asking) bool {
		time.Sleep(time.Duration(rand.IntN(20)) * time.Millisecond)
		return false
	}
	u := newUser(t)
	args := []string{"eval", p.URL, "--benchmark", "humaneval", "--limit", "60", "--n", "3", "--per-request", "2", "--cache", "off", "--out"}
	u.hone(append(args, "whole")...).exits(0)
	kills := 0
	for range 15 {
		r := u.start(append(args, "torn")...)
		done := make(chan result, 1)
		go func() { done <- r.wait() }()
		// By progress, not by the clock: a slow machine is killed as far on.
		target := p.requests.Load() + int64(1+rand.IntN(25))
		until(t, "it asks", 2*time.Minute, func() bool { return p.requests.Load() >= target || len(done) > 0 })
		time.Sleep(time.Duration(rand.IntN(100)) * time.Millisecond)
		r.signal(syscall.SIGKILL)
		if res := <-done; res.code == 0 {
			break
		}
		kills++
	}
	if !u.exists("torn/summary.json") {
		u.hone(append(args, "torn")...).exits(0)
	}
	if u.read("torn/samples.jsonl") != u.read("whole/samples.jsonl") {
		t.Error("samples differ")
	}
	sameRows(t, u.timeless("torn/verdicts.jsonl"), u.timeless("whole/verdicts.jsonl"))
	t.Logf("%d kills", kills)
}

// TestEvalInterrupted: Ctrl-C finishes what is under way and says how to go on.
func TestEvalInterrupted(t *testing.T) {
	t.Parallel()
	p := newPlayback(t)
	release := make(chan struct{})
	var once sync.Once
	var asked atomic.Int64 // p.requests may have gone on when a request looks at it, which would hold the tenth as well
	t.Cleanup(func() { once.Do(func() { close(release) }) })
	p.before = func(_ http.ResponseWriter, r *http.Request, _ *asking) bool {
		if asked.Add(1) > 10 {
			select {
			case <-release:
			case <-r.Context().Done():
			}
		}
		return false
	}
	u := newUser(t)
	args := []string{"eval", p.URL, "--benchmark", "humaneval", "--limit", "40", "--n", "2", "--concurrency", "4", "--out", "run"}
	r := u.start(args...)
	until(t, "requests wait", 2*time.Minute, func() bool { return p.requests.Load() >= 14 })
	r.signal(syscall.SIGINT)
	r.said("Ctrl-C again stops at once")
	once.Do(func() { close(release) })
	r.wait().exits(130).says("finishing the requests and programs under way and saving; Ctrl-C again stops at once", "28 samples and ", "are safe in run; the same command goes on from there")
	u.hone(args...).exits(0).prints("80 programs for 40 of 40 tasks")
	if n := p.requests.Load(); n != 40 {
		t.Errorf("%d requests in all", n)
	}
}

// TestEvalEndpointDies: what was drawn is judged and kept, and the run goes on later.
func TestEvalEndpointDies(t *testing.T) {
	t.Parallel()
	p := newPlayback(t)
	p.before = func(w http.ResponseWriter, _ *http.Request, _ *asking) bool {
		if p.requests.Load() > 10 {
			http.Error(w, `{"error":{"message":"CUDA out of memory"}}`, 500)
			return true
		}
		return false
	}
	u := newUser(t)
	args := []string{"eval", p.URL + "#tape", "--benchmark", "humaneval", "--limit", "20", "--n", "2", "--concurrency", "1", "--retries", "0", "--out", "run"}
	u.hone(args...).exits(1).says("HumanEval/10: "+p.URL+"/v1/completions: 500 Internal Server Error: CUDA out of memory", "20 samples and 20 verdicts are safe in run")
	p.before = nil
	u.hone(args...).exits(0).prints("40 programs for 20 of 20 tasks")
	if n := p.requests.Load(); n != 21 {
		t.Errorf("%d requests", n)
	}
	p.Close()
	u.hone(args...).exits(0) // nothing is missing, so nobody is asked
	u.hone(append(args[:len(args)-1], "other")...).exits(1).says("connection refused", "is the server running, and is this its port?")
}

// TestEvalUsage: mistakes are said before anything is asked.
func TestEvalUsage(t *testing.T) {
	t.Parallel()
	p := newPlayback(t)
	u := newUser(t)
	u.write("p.jsonl", addition())
	u.write("empty.jsonl", "")
	if err := os.MkdirAll(u.path("folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		code       int
		args, says string
	}{
		{2, "eval", "MODEL is missing"},
		{2, "eval a b", `"b" is too much after "a"`},
		{2, "eval URL", "--benchmark is missing"},
		{2, "eval URL --benchmark p.jsonl --n 0", "--n: 0 completions"},
		{2, "eval URL --benchmark p.jsonl --temperature -1", "--temperature: -1: it is 0 (greedy) or more"},
		{2, "eval URL --benchmark p.jsonl --top-p 3", "--top-p: 3"},
		{2, "eval URL --benchmark p.jsonl --max-tokens 0", "--max-tokens: 0 tokens"},
		{2, "eval URL --benchmark p.jsonl --per-request 0", "--per-request 0"},
		{2, "eval URL --benchmark p.jsonl --stop x --no-stops", "exclude each other"},
		{2, "eval URL --benchmark p.jsonl --out p.jsonl", "is a file: name a folder"},
		{2, "eval URL --benchmark p.jsonl --weights f64", "it is one of f32, bf16, int8"},
		{2, "eval URL --benchmark p.jsonl --key-env NOPE", "--key-env NOPE: that environment variable is not set"},
		{2, "eval URL#a --benchmark p.jsonl --model b", `the address names the model "a" and --model "b"`},
		{1, "eval URL --benchmark nope", "there is no such file and no such name; the names are humaneval, humaneval+"},
		{1, "eval URL --benchmark nope.jsonl", "--benchmark: there is no file nope.jsonl"},
		{1, "eval URL --benchmark mbpp", "docs/data.md says where it comes from"},
		{1, "eval URL --benchmark empty.jsonl", "the file is empty"},
		{1, "eval URL --benchmark p.jsonl --split test", `none of 5 problems is in the split "test"`},
		{1, "eval nowhere --benchmark p.jsonl", "nowhere: there is no such folder; a model is a folder with config.json"},
		{1, "eval localhost:8000 --benchmark p.jsonl", "begins with http:// or https://"},
		{1, "eval p.jsonl --benchmark p.jsonl", "p.jsonl is a file; a model is the folder"},
		{1, "eval folder --benchmark p.jsonl", "folder has no config.json"},
		{1, "eval ftp://h/ --benchmark p.jsonl", "begins with http:// or https://"},
	} {
		u.with("HONE_DATA=/nonexistent").hone(strings.Fields(strings.ReplaceAll(c.args, "URL", p.URL))...).exits(c.code).says(c.says)
	}
	u.hone("eval", p.URL, "--benchmark", "p.jsonl", "--n", "4", "--per-request", "3", "--dry-run").exits(0).
		prints("5 problems, 4 samples each: 20 completions in 10 requests", "at most 10240 tokens drawn", "the first prompt, of own/0", "def add(a, b):")
	if n := p.requests.Load(); n != 0 {
		t.Errorf("%d requests", n)
	}
}

// TestEvalKey: the key goes from the environment to the endpoint, and nowhere else.
func TestEvalKey(t *testing.T) {
	t.Parallel()
	const key = "sk-0123456789abcdef"
	p := newPlayback(t)
	var got atomic.Value
	p.before = func(w http.ResponseWriter, r *http.Request, _ *asking) bool {
		got.Store(r.Header.Get("Authorization"))
		if r.Header.Get("Authorization") != "Bearer "+key {
			http.Error(w, `{"error":{"message":"who are you, `+r.Header.Get("Authorization")+`?"}}`, http.StatusUnauthorized)
			return true
		}
		return false
	}
	u := newUser(t)
	args := []string{"eval", p.URL, "--benchmark", "humaneval", "--limit", "2", "--n", "1", "-v", "--out"}
	u.hone(append(args, "none")...).exits(1).says("401 Unauthorized", "put a key into HONE_API_KEY, or name the variable that has it with --key-env")
	u.with("OPENAI_API_KEY=" + key).hone(append(args, "openai")...).exits(1) // it is OpenAI's, and this is not OpenAI
	if got.Load() != "" {
		t.Errorf("sent %q", got.Load())
	}
	bad := u.with("HONE_API_KEY=sk-wrong-key").hone(append(args, "bad")...).exits(1).says("who are you, Bearer [the key]?", "is the key in HONE_API_KEY the right one?")
	if strings.Contains(bad.err, "sk-wrong-key") {
		t.Errorf("the key is said:\n%s", bad.err)
	}
	good := u.with("HONE_API_KEY=" + key).hone(append(args, "good")...).exits(0)
	named := u.with("MINE=" + key).hone(append(args, "named", "--key-env", "MINE")...).exits(0)
	all := good.out + good.err + named.out + named.err
	for _, dir := range []string{"none", "openai", "good", "named"} {
		entries, err := os.ReadDir(u.path(dir))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			all += u.read(dir + "/" + e.Name())
		}
	}
	if strings.Contains(all, key) {
		t.Error("the key is in an output")
	}
}

// TestPrompts: what each kind of problem is asked as.
func TestPrompts(t *testing.T) {
	t.Parallel()
	assert, err := problem.NewTest("a", problem.KindAssert, problem.Public, problem.AssertSpec{Code: "assert f(1) == 2"})
	if err != nil {
		t.Fatal(err)
	}
	hidden := assert
	hidden.Visibility = problem.Hidden
	stdio := problem.Test{Name: "s", Kind: problem.KindStdio}
	for _, c := range []struct {
		name       string
		p          problem.Problem
		text, head string
		form       problem.Form
		stop       string
		chat       []string
	}{
		{"HumanEval", problem.Problem{Prompt: "def f(x):\n", Prefix: "def f(x):\n", EntryPoint: "f", Tests: []problem.Test{hidden}}, "def f(x):\n", "", problem.FormCompletion, "\ndef ", []string{"Complete this Python function.\n\n```python\ndef f(x):\n```"}},
		{"MBPP", problem.Problem{Prompt: "Write f.\r\n", EntryPoint: "f", Tests: []problem.Test{assert}}, "\"\"\"\nWrite f.\nassert f(1) == 2\n\"\"\"\n", "", problem.FormSolution, "\nassert ", []string{"Write f.\n\nThe function is called `f`. For example", "assert f(1) == 2"}},
		{"hidden tests stay hidden", problem.Problem{Prompt: "Write f.", EntryPoint: "f", Tests: []problem.Test{hidden}}, "\"\"\"\nWrite f.\nThe function is called f.\n\"\"\"\n", "", problem.FormSolution, "\nassert ", []string{"The function is called `f`."}},
		{"MBPP+", problem.Problem{Prompt: "'''\nWrite f.\n'''", Prefix: "'''\nWrite f.\n'''\n", EntryPoint: "f"}, "'''\nWrite f.\n'''\ndef f(", "'''\nWrite f.\n'''\ndef f(", problem.FormSolution, "\ndef ", []string{"The function is called `f`."}},
		{"a script", problem.Problem{Prompt: "Add.", Tests: []problem.Test{stdio}}, "\"\"\"\nAdd.\n\nThe program reads standard input and writes standard output.\n\"\"\"\n", "", problem.FormSolution, "\n'''", []string{"It reads standard input and writes standard output.\n\nAdd."}},
	} {
		q := promptOf(&c.p)
		if q.text != c.text || q.head != c.head || q.form != c.form || !slices.Contains(q.stops, c.stop) {
			t.Errorf("%s: %+v", c.name, q)
		}
		q = chatPromptOf(&c.p)
		for _, s := range c.chat {
			if len(q.messages) != 1 || !strings.Contains(q.messages[0].Content, s) || strings.Contains(q.messages[0].Content, "assert f(1)") != (c.name == "MBPP") {
				t.Errorf("%s: %+v lacks %q", c.name, q.messages, s)
			}
		}
	}
	if slices.Contains(stdioStops, "\nprint(") {
		t.Error("a script may print")
	}
}

// TestEvaluationUnits: every sample is in one request, and at finds it.
func TestEvaluationUnits(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 7; n++ {
		for per := 1; per <= n; per++ {
			e := &evaluation{prompts: make([]prompt, 3), n: n, per: per}
			i := 0
			for k := range e.perProblem() * 3 {
				u := e.unit(k)
				for b := range u.n {
					if at, before := e.at(i); at != k || before != b || u.problem != i/n || u.first+b != i%n {
						t.Fatalf("n %d, per %d, sample %d: request %d (%d), want %d (%d), %+v", n, per, i, at, before, k, b, u)
					}
					i++
				}
			}
			if i != e.total() {
				t.Fatalf("n %d, per %d: %d samples of %d", n, per, i, e.total())
			}
		}
	}
}
