//go:build linux

package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"hone/token"
)

const rewardTask = `{"benchmark":"own","task_id":"own/1","entry_point":"f","prompt":"Write f.","reference":"def f(x):\n    return x + 1\n","tests":[` +
	`{"name":"small","kind":"call","spec":{"function":"f","args":[1],"expected":2}},{"name":"large","kind":"call","spec":{"function":"f","args":[50],"expected":51}}]}` + "\n"

const rewardAnswer = "Here it is:\n```python\ndef f(x, seen=[]):\n    if x < 9:\n        return x + 1\n    y = x\n    return y\n```\nEnjoy.\n"

func TestReward(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.write("task.jsonl", rewardTask)
	u.write("answer.md", rewardAnswer)
	res := u.hone("reward", "--problem", "task.jsonl", "--program", "answer.md", "--html", "page.html").exits(0)
	// −0.3 + 1.3/2 for the tests, 0.1·0.75 for style, 0.1 for security.
	res.prints("own/1: reward 0.525, to ", "(localised)", "1 of 2 tests passed", "B006",
		`−0.15   4:5–13, 6:5–9, 7:5–12  tests: test "large": wrong answer: got 50, expected 51`, "−0.025  3:15–16                style: B006")
	if strings.Contains(res.out, "\x1b") {
		t.Error("colours where there is no terminal")
	}
	page := u.read("page.html")
	for _, want := range []string{"own/1: reward 0.525", "lost4", "gained4", "prefers-color-scheme: dark", "wrong answer: got 50, expected 51"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not on the page", want)
		}
	}
	for _, never := range []string{"http://", "https://", "<no value>", "ZgotmplZ"} {
		if strings.Contains(page, never) {
			t.Errorf("%q is on the page", never)
		}
	}

	var got rewarded
	out := u.hone("reward", "--problem", "task.jsonl#own/1", "--program", "answer.md", "--json").exits(0).out
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, k := range got.Tokens {
		sum += k.Reward
		if k.Reward != 0 && !strings.Contains(rewardAnswer[:strings.Index(rewardAnswer, "```\n")], rewardAnswer[k.Start:k.End]) {
			t.Errorf("%q, outside the program, has %v", rewardAnswer[k.Start:k.End], k.Reward)
		}
	}
	if d := sum - got.Reward; d > 1e-12 || d < -1e-12 || got.Result == nil || len(got.Parts) != 3 || got.Verdict.TaskID != "own/1" {
		t.Errorf("tokens sum to %v: %s", sum, out)
	}
	for _, mode := range []string{"terminal", "broadcast"} {
		u.hone("reward", "--problem", "task.jsonl", "--program", "answer.md", "--mode", mode).exits(0).prints("reward 0.525", "("+mode+")")
	}

	r := u.command("reward", "--problem", "task.jsonl", "--program", "-", "--form", "completion", "--set", "reward.formula=published")
	r.cmd.Stdin = strings.NewReader("def f(x):\n    return x + 1\n")
	r.start()
	r.wait().exits(0).prints("reward 1", "dataflow")
}

// TestRewardOwn: a component of the user's own, and what it is when it fails.
func TestRewardOwn(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.write("task.jsonl", rewardTask)
	u.write("answer.py", "def f(x):\n    return x + 1\n")
	u.write("long.py", "def f(x):\n    return x + 1  # "+strings.Repeat("o", 44)+"\n")
	guide, err := os.ReadFile("../../docs/reward.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(guide), "```python\n")
	component, _, _ := strings.Cut(rest, "```")
	u.write("brevity.py", component) // the guide's, as it stands
	u.write("own.yaml", "reward:\n  components:\n    tests: {weight: 1}\n    brevity: {weight: 0.2, command: [python3, brevity.py]}\n")
	u.hone("reward", "--problem", "task.jsonl", "--program", "answer.py", "--recipe", "own.yaml").exits(0).prints("reward 1.2")
	u.hone("reward", "--problem", "task.jsonl", "--program", "long.py", "--recipe", "own.yaml").exits(0).
		prints("reward 1.15", "−0.05  2:51–64", "brevity: more than 60 bytes")
	u.write("brevity.py", "import time\nprint('Loading', flush=True)\ntime.sleep(100)\n")
	u.hone("reward", "--problem", "task.jsonl", "--program", "answer.py", "--recipe", "own.yaml").exits(1).says(`component "brevity"`, "what is no reply", "Loading")
	u.hone("reward", "--problem", "task.jsonl", "--program", "answer.py", "--recipe", "own.yaml", "--set", "reward.components.brevity.command=[sleep, '100']", "--set", "reward.components.brevity.timeout=200ms").
		exits(1).says(`component "brevity"`, "no reply for 200ms")
}

func TestRewardTokenizer(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.write("task.jsonl", rewardTask)
	u.write("answer.md", rewardAnswer)
	if err := os.Mkdir(u.path("src"), 0o755); err != nil {
		t.Fatal(err)
	}
	u.write("src/a.py", strings.Repeat("def f(x):\n    return x + 1\n", 30))
	u.hone("token", "train", "src", "--vocab", "300", "--out", "tok").exits(0)
	res := u.hone("reward", "--problem", "task.jsonl", "--program", "answer.md", "--tokenizer", "tok", "--json").exits(0)
	var got rewarded
	if err := json.Unmarshal([]byte(res.out), &got); err != nil {
		t.Fatal(err)
	}
	tok, err := token.Load(u.path("tok"))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(tok.Tokens(rewardAnswer)); len(got.Tokens) != n {
		t.Errorf("%d tokens, the tokenizer has %d", len(got.Tokens), n)
	}
}

func TestRewardInput(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.write("task.jsonl", rewardTask)
	u.write("two.jsonl", rewardTask+strings.Replace(rewardTask, "own/1", "own/2", 1))
	u.write("answer.py", "def f(x):\n    return x + 1\n")
	u.write("empty.py", "")
	u.write("bad.yaml", "reward:\n  componets: {}\n")
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"--program answer.py", 2, "--problem is missing"},
		{"--problem task.jsonl", 2, "--program is missing"},
		{"--problem - --program -", 2, "standard input cannot hold both"},
		{"--problem task.jsonl --program answer.py --form essay", 2, "it is one of response"},
		{"--problem task.jsonl --program answer.py --mode all", 2, "it is one of terminal"},
		{"--problem two.jsonl --program answer.py", 2, "--problem 'two.jsonl#own/1'"},
		{"--problem two.jsonl#own/3 --program answer.py", 1, "own/3"},
		{"--problem none.jsonl --program answer.py", 1, "there is no file none.jsonl"},
		{"--problem task.jsonl --program none.py", 1, "there is no file none.py"},
		{"--problem task.jsonl --program empty.py", 1, "there is no token to reward"},
		{"--problem task.jsonl --program answer.py --recipe bad.yaml", 1, `bad.yaml:2:3: unknown key "componets"`},
		{"--problem task.jsonl --program answer.py --recipe none.yaml", 1, "there is no file none.yaml"},
		{"--problem task.jsonl --program answer.py --tokenizer none", 1, "none"},
		{"--problem task.jsonl --program answer.py --html no/page.html", 1, "no/page.html"},
		{"--problem task.jsonl --program answer.py --set reward.mod=terminal", 1, `did you mean "mode"?`},
	} {
		u.hone(append([]string{"reward"}, strings.Fields(c.args)...)...).exits(c.code).says(c.says)
	}
}

func TestWordTokens(t *testing.T) {
	for text, want := range map[string]string{
		"def f(x):\n    return x": "def| f|(|x|)|:|\n   | return| x",
		"a  b\t c":                "a| | b|\t| c",
		"x = 'ü'\r\n":             "x| |=| |'|ü|'|\r\n",
		" ":                       " ",
		"":                        "",
	} {
		var got []string
		for _, k := range wordTokens(text) {
			got = append(got, text[k.Start:k.End])
		}
		if s := strings.Join(got, "|"); s != want {
			t.Errorf("%q is cut into %q, want %q", text, s, want)
		}
	}
}

// TestEarned: what rounding leaves for the last token is no gain that a reader should see.
func TestEarned(t *testing.T) {
	if earned(1.7e-17) != 0 || earned(-1e-3) != -1e-3 {
		t.Error("rounding is shown, or a reward is not")
	}
}
