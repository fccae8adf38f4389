package judge_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"hone/judge"
	"hone/problem"
)

// Both directions of the channel between Hone and a program's process, with real
// sandboxes: what a program may send, and what Hone sends.

// FuzzCandidate has a program send any bytes instead of its harness's replies.
// No test may pass by that, no program may leave the denominator, end the run or
// take a sandbox down.
func FuzzCandidate(f *testing.F) {
	for _, s := range []string{
		`{"ok":1}`, `{"ok":1}|{"q":0,"v":1}`, `{"ok":1}|{"q":0,"e":["ValueError","x",1,"ValueError",null]}`, `{"stage":"syntax","e":["SyntaxError","",null,null,null]}`,
		`{"ok":1}|{"q":0,"v":{"dict":[[1,2]]},"a":[null,[1]]}|{"q":1,"v":NaN}`, `{"t":"a","o":"pass"}|{"done":1}`, `{"ok":1}|{"q":0,"v":{"object":"re Match"},"lines":[1,2]}`,
	} {
		f.Add([]byte(s), byte(0), false)
		f.Add([]byte(s), byte(1), true)
	}
	f.Add([]byte("\xff\xff\xff\xff"), byte(2), true)
	j := newJudge(f, judge.Config{Workers: 1, Limits: judge.Limits{PerTest: 200 * time.Millisecond, Total: 400 * time.Millisecond}})
	problems := []*problem.Problem{
		{Benchmark: "fuzz", TaskID: "data", Tests: []problem.Test{
			test(f, "a", problem.KindAssert, problem.AssertSpec{Code: "assert f(1) == 73912051"}),
			test(f, "b", problem.KindAssert, problem.AssertSpec{Code: "assert abs(f([2.5]) - 73912051.25) < 1e-9"}),
		}},
		{Benchmark: "fuzz", TaskID: "split", Tests: []problem.Test{
			test(f, "check", problem.KindCheck, problem.CheckSpec{EntryPoint: "f", Code: "def check(c):\n  l = [1]\n  for i in range(3):\n    assert c(i, l) == 73912051 + i\n  assert list(map(c, [4], [l])) == [73912055]"}),
		}},
		{Benchmark: "fuzz", TaskID: "stdio", Tests: []problem.Test{
			test(f, "io", problem.KindStdio, problem.StdioSpec{Input: "x", Outputs: []string{"73912051\n"}}),
		}},
	}
	f.Fuzz(func(t *testing.T, sent []byte, mode byte, framed bool) {
		p := problems[int(mode)%len(problems)]
		before := j.PIDs()
		v, err := j.Verify(t.Context(), p, sender(t, sent, framed))
		switch {
		case err != nil:
			t.Fatalf("ended the run: %v", err)
		case v.Verdict == problem.Infrastructure || v.Passed == nil || *v.Passed:
			t.Fatalf("%s: %+v", v.Verdict, v.Tests)
		}
		for _, r := range v.Tests {
			if r.Verdict == problem.Pass {
				t.Fatalf("passed %q", r.Name)
			}
		}
		for _, pid := range before {
			if !slices.Contains(j.PIDs(), pid) {
				t.Fatal("took a sandbox down")
			}
		}
	})
}

// sender is a program that writes bytes to its channel and leaves. Framed, the
// bytes between "|" become frames; otherwise they go out as they are.
func sender(t *testing.T, sent []byte, framed bool) string {
	t.Helper()
	list := make([]int, len(sent)) // JSON is Python here
	for i, b := range sent {
		list[i] = int(b)
	}
	text, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	if framed {
		return fmt.Sprintf("import os\nfor b in bytes(%s).split(b'|'):\n  b = len(b).to_bytes(4, 'little') + b\n  for fd in (3, 4, 5):\n    try: os.write(fd, b)\n    except OSError: pass\nos._exit(0)", text)
	}
	return fmt.Sprintf("import os\nfor fd in (3, 4, 5):\n  try: os.write(fd, bytes(%s))\n  except OSError: pass\nos._exit(0)", text)
}

// FuzzEcho sends any value as an argument through the harness's codec and back: it
// has to come back as it was.
func FuzzEcho(f *testing.F) {
	for _, s := range []string{
		`1`, `[1,2.5,"ä\u0000",null,true]`, `{"tuple":[1,{"set":[1,2]},{"frozenset":["a"]}]}`, `{"dict":[["a",1],[{"tuple":[]},[]]]}`, `{"int":"-0x1fffffffffffff00"}`,
		`{"float":"nan"}`, `{"float":"-inf"}`, `{"complex":[1.5,-0.0]}`, `{"bytes":"AAEC"}`, `{"bytearray":"/w=="}`, `{"str":"7aCA"}`, `{"range":[0,{"int":"0x10000000000000000"},3]}`,
		`{"deque":[1,[2]]}`, `{"decimal":"1.50"}`, `{"decimal":"-0E+9"}`, `{"fraction":["0x1","-0x3"]}`, `-0.0`, `1e300`, `5e-324`,
	} {
		f.Add([]byte(s))
	}
	j := newJudge(f, judge.Config{Workers: 1})
	f.Fuzz(func(t *testing.T, raw []byte) {
		v, err := problem.DecodeValue(raw)
		if err != nil || !problem.Equal(v, v) {
			return // no value, or one that equals nothing
		}
		encoded := problem.EncodeValue(v)
		args, err := json.Marshal([]json.RawMessage{encoded})
		if err != nil {
			t.Fatal(err)
		}
		p := &problem.Problem{Benchmark: "fuzz", TaskID: "echo", Tests: []problem.Test{
			test(t, "echo", problem.KindCall, problem.CallSpec{Function: "f", Args: args, Expected: encoded}),
			test(t, "other", problem.KindCall, problem.CallSpec{Function: "g", Args: args, Expected: encoded}),
		}}
		got, err := j.Verify(t.Context(), p, "def f(x): return x\ndef g(x): return [x]")
		if err != nil || len(got.Tests) != 2 || got.Tests[0].Verdict != problem.Pass || got.Tests[1].Verdict != problem.WrongAnswer {
			t.Fatalf("%s comes back as %+v (%v)", encoded, got.Tests, err)
		}
	})
}
