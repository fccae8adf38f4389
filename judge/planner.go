package judge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"hone/sandbox"
)

// planner parses tests with CPython's own parser. One process serves many
// problems: it runs no program, only the benchmark's own setup code, each in a
// namespace of its own. It is renewed after plannerUses.
type planner struct {
	start func(ctx context.Context) (*sandbox.Sandbox, error)

	mu      sync.Mutex
	sandbox *sandbox.Sandbox
	process *sandbox.Process
	uses    int
}

const plannerUses = 1000

// ask returns how each test is to be run.
func (pn *planner) ask(ctx context.Context, tests []map[string]any) ([]planned, error) {
	if len(tests) == 0 {
		return nil, nil
	}
	pn.mu.Lock()
	defer pn.mu.Unlock()
	for attempts, starts := 0, 0; ; {
		out, err := pn.try(ctx, tests)
		if err == nil {
			return out, nil
		}
		pn.closeLocked()
		var se *sandbox.StartError
		if errors.As(err, &se) {
			starts++
		} else {
			attempts++
		}
		if ctx.Err() != nil || attempts == maxAttempts || starts == maxStarts {
			return nil, err
		}
		pause(attempts + starts)
	}
}

func (pn *planner) try(ctx context.Context, tests []map[string]any) ([]planned, error) {
	if pn.uses++; pn.uses > plannerUses {
		pn.closeLocked()
	}
	if pn.process == nil {
		s, err := pn.start(ctx)
		if err != nil {
			return nil, err
		}
		pn.sandbox = s
		if pn.process, err = s.Next(); err != nil {
			return nil, err
		}
	}
	defer context.AfterFunc(ctx, pn.sandbox.Kill)()
	job, err := json.Marshal(map[string]any{"m": "plan", "tests": tests})
	if err != nil {
		return nil, err
	}
	if err := pn.process.SendFrame(time.Now().Add(time.Minute), job); err != nil {
		return nil, fmt.Errorf("reading tests: %w", err)
	}
	out := make([]planned, len(tests))
	for i := range out {
		b, err := await(ctx, pn.process, started(pn.process), time.Now(), 30*time.Second)
		if err == nil {
			err = json.Unmarshal(b, &out[i])
		}
		if err != nil {
			return nil, fmt.Errorf("reading test %v: %w", tests[i]["name"], err)
		}
	}
	return out, nil
}

func (pn *planner) close() {
	pn.mu.Lock()
	defer pn.mu.Unlock()
	pn.closeLocked()
}

func (pn *planner) closeLocked() {
	if pn.sandbox != nil {
		pn.sandbox.Close()
	}
	pn.sandbox, pn.process, pn.uses = nil, nil, 0
}

func (pn *planner) pids() []int {
	pn.mu.Lock()
	defer pn.mu.Unlock()
	if pn.sandbox == nil {
		return nil
	}
	return []int{pn.sandbox.PID()}
}
