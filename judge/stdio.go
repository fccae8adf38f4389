package judge

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	"hone/problem"
	"hone/sandbox"
)

// runStdio runs the program once per test as a script.
func (r *run) runStdio(ctx context.Context) error {
	job := candidateJob{Mode: "script", Code: r.program, Trace: r.lines != nil}.encode()
	for n, i := range r.pl.stdio {
		if err := r.runScript(ctx, i, job); err != nil {
			return err
		}
		t := r.row(i)
		switch t.Verdict {
		case problem.SyntaxError, problem.Timeout:
			// The rest would be the same, or cost as much again.
			r.failRest(r.pl.stdio[n+1:], t.Verdict, notRun+t.Error, t.Line)
			return nil
		}
		if r.out.beyond(r.lim.Total) {
			r.failRest(r.pl.stdio[n+1:], problem.Timeout, "time limit for all tests together", 0)
			return nil
		}
	}
	return nil
}

func (r *run) runScript(ctx context.Context, i int, job []byte) error {
	it := &r.pl.items[i]
	var files [3]*os.File
	for k, content := range [3]string{it.stdio.Input} {
		f, err := sandbox.MemFile("stdio", []byte(content))
		if err != nil {
			return err
		}
		defer f.Close()
		files[k] = f
	}
	p, err := r.w.candidateProcess(ctx)
	if err != nil {
		return err
	}
	r.out.watch(p)
	start := time.Now()
	cause := p.SendFrame(start.Add(r.lim.PerTest*wallFactor), job, files[:]...)
	start = time.Now() // the way there is not the program's
	var rep reply
	if cause == nil || isPipe(cause) {
		rep, cause = r.hear(ctx, p, start, r.lim.PerTest)
	}
	r.spent(time.Since(start), cause)
	r.out.over(p, r.lim.PerTest, r.lim.Total) // while it is there
	stdout, full, err := readOutput(files[1], r.w.j.cfg.Limits.Output)
	if err != nil {
		p.End()
		return err
	}
	t := r.row(i)
	r.traced(i, rep.Lines)
	switch {
	case full:
		t.fail(problem.OutputLimit, "the program printed more than the limit", 0)
	case cause != nil:
	case rep.E != nil:
		t.fail(rep.E.outcome(rep.Stage), rep.E.text(), rep.E.Line)
	case rep.OK != 1:
		cause = errProtocol
	default:
		r.judgeOutput(t, it, stdout)
	}
	if cause != nil && !full && errors.Is(cause, io.EOF) {
		// os._exit and sys.exit from a thread end a script like any other way out.
		return r.endScript(ctx, p, i, it, stdout)
	}
	return r.end(ctx, p, []int{i}, cause)
}

// endScript judges a script that ended its own process.
func (r *run) endScript(ctx context.Context, p *sandbox.Process, i int, it *item, stdout string) error {
	u, err := p.End()
	if err != nil {
		return err
	}
	r.out.cpu += u.CPU
	if u.Killed {
		return errKilled
	}
	t := r.row(i)
	if u.Signal == nil && u.ExitCode == 0 {
		r.judgeOutput(t, it, stdout)
	} else {
		o, msg := explain(u, io.EOF)
		if u.Signal == nil {
			o, msg = problem.Exception, "exit status "+itoa(u.ExitCode)
		}
		t.fail(o, msg, 0)
	}
	if u.Forbidden != "" {
		r.forbid([]int{i}, u.Forbidden)
	}
	return ctx.Err()
}

func (r *run) judgeOutput(t testRow, it *item, stdout string) {
	if matchOutput(stdout, it.stdio) {
		t.Verdict = problem.Pass
		return
	}
	t.Verdict, t.Got = problem.WrongAnswer, cut(stdout)
	if len(it.stdio.Outputs) > 0 {
		t.Expected = cut(it.stdio.Outputs[0])
	}
}

// readOutput returns what the script printed; full says that it reached the limit.
func readOutput(f *os.File, limit int64) (out string, full bool, err error) {
	st, err := f.Stat()
	if err != nil {
		return "", false, err
	}
	if st.Size() >= limit {
		return "", true, nil
	}
	b := make([]byte, st.Size())
	if _, err := f.ReadAt(b, 0); err != nil && !errors.Is(err, io.EOF) {
		return "", false, err
	}
	return string(b), false, nil
}
