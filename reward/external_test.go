package reward

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"hone/problem"
)

// The test binary is also the external component: HONE_REWARD_FAKE says how it behaves.
func TestMain(m *testing.M) {
	if how := os.Getenv("HONE_REWARD_FAKE"); how != "" {
		fake(how)
		return
	}
	os.Exit(m.Run())
}

// fake answers requests as a component does, or as one must not.
func fake(how string) {
	in := bufio.NewReader(os.Stdin)
	var held []string
	for n := 1; ; n++ {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		var q struct {
			ID      int64  `json:"id"`
			Program string `json:"program"`
			Problem struct {
				TaskID string `json:"task_id"`
			} `json:"problem"`
			Verdict struct {
				Tests []struct {
					Verdict string `json:"verdict"`
				} `json:"tests"`
			} `json:"verdict"`
		}
		if err := json.Unmarshal(line, &q); err != nil || len(q.Verdict.Tests) == 0 || q.Problem.TaskID == "" {
			fmt.Fprintln(os.Stderr, "bad request", err)
			os.Exit(1)
		}
		good := fmt.Sprintf(`{"id": %d, "value": %g, "note": "seen"}`, q.ID, 1/float64(len(q.Program)))
		switch how {
		case "good":
			fmt.Println(good)
		case "marks":
			fmt.Printf(`{"id": %d, "value": 0.5, "marks": [{"start": 0, "end": 1, "amount": -0.25, "why": "it begins"}]}`+"\n", q.ID)
		case "hangs":
			time.Sleep(time.Hour)
		case "hangs with a child": // which has its output too
			_, _ = os.StartProcess("/bin/sleep", []string{"sleep", "3600"}, &os.ProcAttr{Files: []*os.File{nil, os.Stdout, os.Stderr}})
			time.Sleep(time.Hour)
		case "crashes":
			fmt.Fprintln(os.Stderr, "Traceback: the table is missing")
			os.Exit(3)
		case "ends":
			return
		case "crashes at 3":
			if n == 3 {
				os.Exit(3)
			}
			fmt.Println(good)
		case "rubbish":
			fmt.Println("Loading the table…")
		case "nan":
			fmt.Printf(`{"id": %d, "value": NaN}`+"\n", q.ID)
		case "wrong id":
			fmt.Printf(`{"id": %d, "value": 1}`+"\n", q.ID+17)
		case "twice":
			fmt.Println(good + "\n" + good)
		case "no id":
			fmt.Println(`{"value": 1}`)
		case "no value":
			fmt.Printf(`{"id": %d}`+"\n", q.ID)
		case "out of range":
			fmt.Printf(`{"id": %d, "value": 1.5}`+"\n", q.ID)
		case "outside":
			fmt.Printf(`{"id": %d, "value": 0.5, "marks": [{"start": 0, "end": 99999, "amount": -0.1}]}`+"\n", q.ID)
		case "says error":
			fmt.Printf(`{"id": %d, "error": "no such part"}`+"\n", q.ID)
		case "long":
			fmt.Println(strings.Repeat("x", maxReply+2))
		case "no output":
			os.Stdout.Close()
			time.Sleep(time.Hour)
		case "backwards": // pipelined: answers four at a time, the last one first
			if held = append(held, good); len(held) == 4 {
				for i := range held {
					fmt.Println(held[len(held)-1-i])
				}
				held = nil
			}
		case "slow": // each in time, all together not
			time.Sleep(100 * time.Millisecond)
			fmt.Println(good)
		}
	}
}

// fakeFormula has one component, this binary behaving so.
func fakeFormula(t testing.TB, how string, timeout time.Duration) *Formula {
	t.Helper()
	return newFormula(t, func(r *Recipe) {
		r.Components = map[string]Term{"own": {
			Weight: 1, Gate: GateAlways, Timeout: timeout,
			Command: []string{"/usr/bin/env", "HONE_REWARD_FAKE=" + how, os.Args[0]},
		}}
	})
}

func ask(f *Formula, program string) (*Result, error) {
	return f.Score(context.Background(), Input{plain, outcomes(problem.Pass), problem.FormSolution, program})
}

func TestExternal(t *testing.T) {
	f := fakeFormula(t, "good", 20*time.Second)
	for _, program := range []string{"x = 1\n", "x = 'ü\u2028'\n", "print('<&>')", "x" + strings.Repeat(" ", 200_000)} {
		r, err := ask(f, program)
		if err != nil {
			t.Fatal(err)
		}
		if !near(r.Reward, 1/float64(len(program))) || r.Parts[0].Note != "seen" {
			t.Errorf("%.20q: %+v", program, r.Parts)
		}
	}
	r, err := ask(fakeFormula(t, "marks", 20*time.Second), "x = 1\n")
	if err != nil || len(r.Parts[0].Marks) != 1 || r.Parts[0].Marks[0].Amount != -0.25 || r.Parts[0].Marks[0].Spans[0].End != 1 {
		t.Errorf("%+v %v", r, err)
	}
}

// TestExternalAtOnce: many requests are under way at once, answered in any order.
func TestExternalAtOnce(t *testing.T) {
	for _, how := range []string{"good", "backwards"} {
		f := fakeFormula(t, how, 20*time.Second)
		var wg sync.WaitGroup
		for i := 1; i <= 32; i++ {
			wg.Go(func() {
				program := strings.Repeat("#", i)
				if r, err := ask(f, program); err != nil || !near(r.Reward, 1/float64(i)) {
					t.Errorf("%s: %+v %v", how, r, err)
				}
			})
		}
		wg.Wait()
	}
}

// TestExternalSlow: what waits behind others is not late as long as replies come.
func TestExternalSlow(t *testing.T) {
	t.Parallel()
	f := fakeFormula(t, "slow", 4*time.Second)
	var wg sync.WaitGroup
	for range 45 { // for 4.5 s
		wg.Go(func() {
			if _, err := ask(f, "x = 1\n"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// TestExternalFaults: each is an error that names the component, the problem and what was
// wrong; none is a reward, and none hangs.
func TestExternalFaults(t *testing.T) {
	for _, c := range []struct {
		how     string
		timeout time.Duration
		want    string
	}{
		{"hangs", 300 * time.Millisecond, "no reply for 300ms, to request 1 (own/1, sample 0)"},
		{"hangs with a child", 300 * time.Millisecond, "no reply for 300ms"},
		{"no output", 20 * time.Second, "request 1"},
		{"crashes", 20 * time.Second, "exit status 3; its last words: Traceback: the table is missing"},
		{"ends", 20 * time.Second, "/usr/bin/env ended"},
		{"rubbish", 20 * time.Second, `wrote what is no reply: "Loading the table…"`},
		{"nan", 20 * time.Second, "(to request 1): \"{\\\"id\\\": 1, \\\"value\\\": NaN}\""},
		{"wrong id", 20 * time.Second, "a reply to request 18, which does not wait"},
		{"no id", 20 * time.Second, "without id"},
		{"no value", 20 * time.Second, "has no value"},
		{"out of range", 20 * time.Second, "the value 1.5 is not in its range from 0 to 1"},
		{"outside", 20 * time.Second, "bytes 0 to 99999 are not in the program, which has 6"},
		{"says error", 20 * time.Second, "says: no such part"},
		{"long", 20 * time.Second, "a line of more than"},
	} {
		t.Run(c.how, func(t *testing.T) {
			t.Parallel()
			f := fakeFormula(t, c.how, c.timeout)
			r, err := ask(f, "x = 1\n")
			if err == nil {
				t.Fatalf("got %+v", r)
			}
			for _, want := range []string{c.want, `component "own"`, "own/1, sample 0"} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not in: %v", want, err)
				}
			}
		})
	}
	_, err := ask(newFormula(t, func(r *Recipe) {
		r.Components = map[string]Term{"own": {Weight: 1, Command: []string{"./no-such-program"}}}
	}), "x = 1\n")
	if err == nil || !strings.Contains(err.Error(), "no-such-program") {
		t.Error(err)
	}
}

// TestExternalAgain: a command that broke down is started again, but not for ever.
func TestExternalAgain(t *testing.T) {
	f := fakeFormula(t, "crashes at 3", 20*time.Second)
	failed := 0
	for range 12 {
		if _, err := ask(f, "x = 1\n"); err != nil {
			failed++
		}
	}
	if failed != 4 {
		t.Errorf("%d of 12 requests failed, want every third", failed)
	}
	f = fakeFormula(t, "crashes", 20*time.Second)
	for range maxFailures {
		_, _ = ask(f, "x = 1\n")
	}
	if _, err := ask(f, "x = 1\n"); err == nil || !strings.Contains(err.Error(), "is not started again") {
		t.Error(err)
	}
}

// TestExternalTwice: a reply too many ends the session, but not the next one.
func TestExternalTwice(t *testing.T) {
	f := fakeFormula(t, "twice", 20*time.Second)
	for range 5 {
		if r, err := ask(f, "x = 1\n"); err == nil && !near(r.Reward, 1.0/6) {
			t.Errorf("%+v", r)
		}
	}
}

func TestExternalCancelled(t *testing.T) {
	f := fakeFormula(t, "hangs", time.Hour)
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	if _, err := f.Score(ctx, Input{plain, outcomes(problem.Pass), problem.FormSolution, "x = 1\n"}); err == nil || !strings.Contains(err.Error(), "context deadline exceeded") {
		t.Error(err)
	}
	began := time.Now()
	f.Close()
	if d := time.Since(began); d > 20*time.Second {
		t.Errorf("closing took %v", d)
	}
	if _, err := ask(f, "x = 1\n"); err == nil {
		t.Error("it is asked after it was closed")
	}
}

// FuzzReply: whatever a command writes, it is a reply to one of the requests or an error.
func FuzzReply(f *testing.F) {
	for _, line := range []string{`{"id": 1, "value": 0.5}`, `{"id": 2, "value": 1e999}`, `{"id":1,"value":NaN}`, `[]`, `null`, `{"id": -1}`, `{"id": 1, "marks": [{"start": -1}]}`, `{"id":1.5}`, "{\"id\": 1, \"note\": \"\\ud800\"}", ""} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		s := &session{argv: []string{"x"}, waiting: map[int64]*waiter{1: {reply: make(chan response, 1)}}}
		w := s.waiting[1]
		err := s.deliver(line)
		select {
		case r := <-w.reply:
			if err != nil || r.ID == nil || *r.ID != 1 {
				t.Fatalf("%q gives %+v and %v", line, r, err)
			}
			if r.Value != nil && !finite(*r.Value) {
				t.Fatalf("%q has value %v", line, *r.Value)
			}
		default:
			if err == nil && strings.TrimSpace(string(line)) != "" {
				t.Fatalf("%q is taken for nothing", line)
			}
			if err != nil && !strings.Contains(err.Error(), "x wrote") {
				t.Fatalf("%q: %v", line, err)
			}
		}
	})
}
