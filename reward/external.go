package reward

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"

	"hone/problem"
	"hone/source"
)

// maxReply is the longest line that an external component may write, in bytes.
const maxReply = 1 << 20

// maxFailures is how often in a row a command may break down before it is not started again.
const maxFailures = 3

// command is an external component: a program of the user's that reads requests and writes
// replies, one JSON object a line. It is started at the first request and serves all that
// follow, many at once; whatever goes wrong with it is an error of the requests that wait.
type command struct {
	name    string
	argv    []string
	timeout time.Duration // without any reply while requests wait

	mu       sync.Mutex
	live     *session // nil: to be started
	failures int      // of sessions, since the last good reply
	last     error    // of those
	closed   bool
}

// external makes the component of a command.
func external(name string, t Term) Component {
	c := &command{name: name, argv: t.Command, timeout: t.Timeout}
	return Component{Name: name, Low: t.Range[0], High: t.Range[1], Score: c.score, closer: c}
}

// request is what a command reads.
type request struct {
	ID      int64            `json:"id"`
	Problem requestProblem   `json:"problem"`
	Program string           `json:"program"`
	Verdict *problem.Verdict `json:"verdict"`
}

// requestProblem is a problem without its tests.
type requestProblem struct {
	Benchmark  string `json:"benchmark"`
	TaskID     string `json:"task_id"`
	Prompt     string `json:"prompt"`
	EntryPoint string `json:"entry_point,omitempty"`
	Prefix     string `json:"prefix,omitempty"`
	Reference  string `json:"reference,omitempty"`
}

// response is what a command writes.
type response struct {
	ID    *int64   `json:"id"`
	Value *float64 `json:"value"`
	Marks []struct {
		Start  int     `json:"start"`
		End    int     `json:"end"`
		Amount float64 `json:"amount"`
		Why    string  `json:"why"`
	} `json:"marks"`
	Note  string `json:"note"`
	Error string `json:"error"`
}

func (c *command) score(ctx context.Context, s *Subject) (Score, error) {
	live, err := c.session()
	if err != nil {
		return Score{}, err
	}
	p := s.Problem
	r, err := live.ask(ctx, c.timeout, request{
		Problem: requestProblem{p.Benchmark, p.TaskID, p.Prompt, p.EntryPoint, p.Prefix, p.Reference},
		Program: s.Program, Verdict: s.Verdict,
	}, s.name())
	c.settle(live, err)
	if err != nil {
		return Score{}, err
	}
	switch {
	case r.Error != "":
		return Score{}, fmt.Errorf("%s says: %s", c.argv[0], brief(r.Error))
	case r.Value == nil:
		return Score{}, fmt.Errorf("the reply of %s has no value", c.argv[0])
	}
	v := Score{Value: *r.Value, Note: brief(r.Note)}
	for _, m := range r.Marks {
		v.Marks = append(v.Marks, Mark{[]source.Span{{Start: m.Start, End: m.End}}, m.Amount, brief(m.Why)})
	}
	return v, nil
}

// session returns the running command, starting it if there is none.
func (c *command) session() (*session, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		return nil, errors.New("it is closed")
	case c.live != nil:
		return c.live, nil
	case c.failures >= maxFailures:
		return nil, fmt.Errorf("it broke down %d times in a row and is not started again; the last time: %w", c.failures, c.last)
	}
	s, err := startSession(c.argv)
	if err != nil {
		c.failures, c.last = c.failures+1, err
		return nil, err
	}
	c.live = s
	return s, nil
}

// settle notes how a request to a session ended.
func (c *command) settle(s *session, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	broken := s.failure()
	switch {
	case broken != nil && c.live == s:
		c.live = nil
		c.failures, c.last = c.failures+1, broken
	case err == nil:
		c.failures = 0
	}
}

// Close ends the command: it may finish after the end of its input, but not for long.
func (c *command) Close() error {
	c.mu.Lock()
	live := c.live
	c.live, c.closed = nil, true
	c.mu.Unlock()
	if live != nil {
		live.end()
	}
	return nil
}

// session is one run of a command.
type session struct {
	argv   []string
	cmd    *exec.Cmd
	stderr tail
	out    chan []byte   // requests to write
	ending chan struct{} // closed when no more will come
	done   chan struct{} // closed at the end
	input  io.WriteCloser

	mu      sync.Mutex
	next    int64
	waiting map[int64]*waiter
	last    time.Time // of a reply
	err     error     // why it ended
}

// waiter is a request under way.
type waiter struct {
	name  string
	reply chan response // of one
}

func startSession(argv []string) (*session, error) {
	s := &session{argv: argv, cmd: exec.Command(argv[0], argv[1:]...), out: make(chan []byte), ending: make(chan struct{}), done: make(chan struct{}), waiting: map[int64]*waiter{}}
	s.cmd.Stderr = &s.stderr
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // so that its children end with it
	s.cmd.WaitDelay = time.Second
	input, err := s.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	output, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("the command does not start: %w", err)
	}
	s.input = input
	go s.write()
	go s.read(output)
	return s, nil
}

// write sends requests one after the other.
func (s *session) write() {
	defer s.input.Close()
	for {
		select {
		case line := <-s.out:
			if _, err := s.input.Write(line); err != nil {
				return // its output ends too, and says why
			}
		case <-s.ending:
			return
		case <-s.done:
			return
		}
	}
}

// read delivers replies until the command ends.
func (s *session) read(output io.Reader) {
	lines := bufio.NewScanner(output)
	lines.Buffer(make([]byte, 64<<10), maxReply)
	for lines.Scan() {
		if err := s.deliver(lines.Bytes()); err != nil {
			s.fail(err)
			break
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		s.fail(fmt.Errorf("%s wrote a line of more than %d bytes", s.argv[0], maxReply))
	}
	err := s.cmd.Wait()
	how := "ended"
	if err != nil {
		how = "ended with " + err.Error()
	}
	s.fail(fmt.Errorf("%s %s%s", s.argv[0], how, s.stderr.said()))
}

// number finds the id in what is no JSON.
var number = regexp.MustCompile(`"id"\s*:\s*(\d{1,18})\b`)

// deliver hands a reply to the request that it answers.
func (s *session) deliver(line []byte) error {
	if len(bytes.TrimSpace(line)) == 0 {
		return nil
	}
	var r response
	if err := json.Unmarshal(line, &r); err != nil {
		about := ""
		if m := number.FindSubmatch(line); m != nil {
			about = fmt.Sprintf(" (to request %s)", m[1])
		}
		hint := ""
		if bytes.Contains(line, []byte("NaN")) || bytes.Contains(line, []byte("Infinity")) {
			hint = "; NaN and Infinity are no numbers of JSON"
		}
		return fmt.Errorf("%s wrote what is no reply%s: %q: %w%s", s.argv[0], about, brief(string(line)), err, hint)
	}
	if r.ID == nil {
		return fmt.Errorf("%s wrote a reply without id: %q", s.argv[0], brief(string(line)))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.waiting[*r.ID]
	if w == nil {
		return fmt.Errorf("%s wrote a reply to request %d, which does not wait for one", s.argv[0], *r.ID)
	}
	delete(s.waiting, *r.ID)
	s.last = time.Now()
	w.reply <- r
	return nil
}

// ask sends a request and waits for its reply.
func (s *session) ask(ctx context.Context, timeout time.Duration, q request, name string) (response, error) {
	w := &waiter{name: name, reply: make(chan response, 1)}
	s.mu.Lock()
	s.next++
	q.ID = s.next
	s.waiting[q.ID] = w
	s.mu.Unlock()
	wrong := func(err error) (response, error) {
		return response{}, fmt.Errorf("request %d: %w", q.ID, err)
	}
	line, err := json.Marshal(q)
	if err != nil {
		return wrong(err)
	}
	line = append(line, '\n')
	began := time.Now()
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	send := s.out
	for {
		select {
		case send <- line:
			send = nil
		case r := <-w.reply:
			return r, nil
		case <-s.done:
			select {
			case r := <-w.reply: // it came before the end
				return r, nil
			default:
			}
			return wrong(s.failure())
		case <-timer.C:
			if quiet := time.Since(s.later(began)); quiet < timeout {
				timer.Reset(timeout - quiet)
				continue
			}
			s.fail(fmt.Errorf("%s gave no reply for %v, to request %d (%s) and what came after it, and was ended%s", s.argv[0], timeout, q.ID, name, s.stderr.said()))
		case <-ctx.Done():
			s.forget(q.ID)
			return wrong(ctx.Err())
		}
	}
}

// later is the time of the last reply, or began if that is later.
func (s *session) later(began time.Time) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last.After(began) {
		return s.last
	}
	return began
}

// forget takes the reply to a request for nobody.
func (s *session) forget(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w := s.waiting[id]; w != nil {
		s.waiting[id] = &waiter{name: w.name, reply: make(chan response, 1)}
	}
}

// fail ends the session, for the first reason given.
func (s *session) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return
	}
	s.err = err
	close(s.done)
	s.kill()
}

// failure is why the session ended, nil while it lives.
func (s *session) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

func (s *session) kill() {
	// The process was not waited for, or just now; a group of nobody is an error that says nothing.
	_ = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
}

// patience is how long a command may take to end once its input has ended.
const patience = 2 * time.Second

// end lets the command finish.
func (s *session) end() {
	close(s.ending)
	select {
	case <-s.done:
	case <-time.After(patience):
		s.fail(errors.New("closed"))
	}
}

// tail keeps the end of what a command wrote to standard error.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const maxTail = 2 << 10

// Write implements [io.Writer].
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if n := len(t.text) - maxTail; n > 0 {
		t.text = append(t.text[:0], t.text[n:]...)
	}
	return len(p), nil
}

// said is the last line, behind a colon.
func (t *tail) said() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := strings.TrimSpace(string(t.text))
	if text == "" {
		return ""
	}
	return "; its last words: " + brief(text[strings.LastIndexByte(text, '\n')+1:])
}
