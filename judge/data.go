package judge

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"slices"
	"time"

	"hone/problem"
	"hone/sandbox"
)

// Comparisons that only the planner makes, from the form of an assert.
const (
	cmpIs     problem.Comparison = "is"     // assert f(x) is True
	cmpTruthy problem.Comparison = "truthy" // assert f(x)
	cmpFalsy  problem.Comparison = "falsy"  // assert not f(x)
	cmpNear   problem.Comparison = "near"   // assert abs(f(x) - y) < eps
	// cmpNearEqual: assert abs(f(x) - y) <= eps
	cmpNearEqual problem.Comparison = "near_equal"
)

// matches compares a program's result with what the test expects.
func (it *item) matches(got problem.Value) bool {
	switch it.cmp {
	case cmpTruthy:
		return !opaque(got) && truth(got)
	case cmpFalsy:
		return !opaque(got) && !truth(got)
	case cmpIs:
		_, b1 := got.(bool)
		_, b2 := it.expected.(bool)
		return b1 == b2 && problem.Equal(got, it.expected)
	case cmpNear, cmpNearEqual:
		return nearBy(got, it.expected, it.atol, it.cmp == cmpNearEqual)
	}
	return problem.Matches(it.cmp, it.atol, got, it.expected)
}

// same is the fast path: identical encodings of something that equals itself.
func (it *item) same(raw json.RawMessage) bool {
	switch it.cmp {
	case "", problem.CompareEqual, problem.CompareEvalPlus, problem.CompareSet, cmpIs:
		return it.raw != nil && bytes.Equal(raw, it.raw) && !bytes.Contains(raw, []byte(`"nan"`)) && !bytes.Contains(raw, []byte(`"object"`))
	}
	return false
}

// badValue says what to make of a value that cannot be decoded.
func badValue(err error) error {
	if errors.Is(err, problem.ErrTooLarge) {
		return sandbox.ErrFrame
	}
	return errProtocol
}

// truth is Python's bool() of data.
func truth(v problem.Value) bool {
	switch t := v.(type) {
	case nil:
		return false
	case string:
		return t != ""
	case problem.Bytes:
		return t != ""
	case problem.ByteArray:
		return t != ""
	case problem.List:
		return len(t) > 0
	case problem.Tuple:
		return len(t) > 0
	case problem.Set:
		return len(t) > 0
	case problem.FrozenSet:
		return len(t) > 0
	case problem.Deque:
		return len(t) > 0
	case problem.Dict:
		return len(t) > 0
	case problem.Object:
		return true // a re.Match, see opaque
	case problem.Range:
		return !problem.Equal(t, problem.Range{Start: int64(0), Stop: int64(0), Step: int64(1)})
	}
	return !problem.Equal(v, int64(0)) // numbers and False
}

// opaque reports whether nothing is known about a result, not even its truth. A
// match object, which Python's own tests often ask for, is always true.
func opaque(v problem.Value) bool {
	o, ok := v.(problem.Object)
	return ok && o.Type != matchObject
}

// matchObject is how candidate.py names a re.Match; no class can take a name with a space.
const matchObject = "re Match"

// nearBy is abs(x - y) < eps as Python computes it: in floating point if one of
// them is a float, exactly otherwise.
func nearBy(x, y problem.Value, eps float64, orEqual bool) bool {
	a, fa, ok1 := number(x)
	b, fb, ok2 := number(y)
	if !ok1 || !ok2 {
		return false
	}
	var cmp int
	if fa || fb {
		p, _ := a.Float64()
		q, _ := b.Float64()
		d := math.Abs(p - q)
		switch {
		case d < eps:
			cmp = -1
		case d > eps:
			cmp = 1
		}
	} else {
		d := new(big.Rat).Sub(a, b)
		e := new(big.Rat)
		if e.SetFloat64(eps) == nil { // infinite
			return eps > 0
		}
		cmp = d.Abs(d).Cmp(e)
	}
	return cmp < 0 || orEqual && cmp == 0
}

// number returns a finite real number exactly, and whether it is a float.
func number(v problem.Value) (r *big.Rat, float, ok bool) {
	switch t := v.(type) {
	case bool:
		if t {
			return big.NewRat(1, 1), false, true
		}
		return new(big.Rat), false, true
	case int64:
		return new(big.Rat).SetInt64(t), false, true
	case *big.Int:
		return new(big.Rat).SetInt(t), false, true
	case problem.Fraction:
		return t.Rat, false, true
	case float64:
		r := new(big.Rat)
		return r, true, r.SetFloat64(t) != nil
	}
	return nil, false, false
}

// candidateJob is what candidate.py reads.
type candidateJob struct {
	Mode    string          `json:"m"` // "calls", "script" or "inprocess"
	Code    string          `json:"code"`
	Trace   bool            `json:"trace,omitempty"`  // report the lines that run
	Shared  bool            `json:"shared,omitempty"` // say whether the program is closed; the next one may come to the same process
	Calls   json.RawMessage `json:"calls,omitempty"`
	Tests   json.RawMessage `json:"tests,omitempty"`
	Scratch string          `json:"scratch"`
}

func (c candidateJob) encode() []byte {
	b, err := json.Marshal(c)
	if err != nil {
		panic(err) // the raw parts were made by json.Marshal
	}
	return b
}

// runData sends all calls at once and compares the answers as they come.
func (r *run) runData(ctx context.Context) error {
	charged, slowest, rows := r.out.charges, r.out.slowest, slices.Clone(r.out.tests)
	for {
		u, err := r.w.sharedCandidate(ctx)
		if err != nil {
			return err
		}
		again, err := r.runCalls(ctx, u)
		if err != nil || !again {
			return err
		}
		r.out.charges, r.out.slowest = charged, slowest
		copy(r.out.tests, rows)
	}
}

// runCalls is runData in one process. again says that it was a used one and the program has to be run again in a fresh one.
func (r *run) runCalls(ctx context.Context, u used) (again bool, err error) {
	p, items := u.p, r.pl.data
	r.out.watch(p)
	job := candidateJob{Mode: "calls", Code: r.program, Trace: r.lines != nil, Calls: r.pl.dataCalls, Shared: r.w.j.cfg.Share}
	var closed bool
	said := &closed
	if !job.Shared {
		said = nil
	}
	rep, cause := r.load(ctx, p, job.encode(), r.lim.PerTest, said)
	// What happens before it is said that the program is closed is not its doing.
	doubtful, harmless := u.programs > 0 && !closed || u.doubtful(cause, rep.E), rep.E.harmless()
	loaded := cause == nil && rep.OK == 1
	if cause == nil && !loaded {
		r.notLoaded(items, rep)
	}
	for n, i := range items {
		if !loaded || cause != nil {
			break
		}
		start := time.Now()
		rep, cause = r.hear(ctx, p, start, min(r.lim.PerTest, max(r.lim.Total-r.out.total, r.lim.PerTest/4)))
		r.spent(time.Since(start), cause)
		heard := time.Now()
		switch {
		case errors.Is(cause, errElements):
			r.row(i).fail(problem.OutputLimit, cause.Error(), 0)
			cause = nil
		case cause != nil:
		case rep.Q == nil || *rep.Q != n:
			cause = errProtocol
		default:
			cause = r.answer(n, i, rep)
		}
		doubtful, harmless = doubtful || u.doubtful(cause, rep.E), harmless && rep.E.harmless()
		r.out.add(time.Since(heard)) // what the program has us compare is on its bill
		if cause == nil && n+1 < len(items) && r.out.over(p, r.lim.PerTest, r.lim.Total) {
			cause = errTimeout
		}
	}
	if doubtful && ctx.Err() == nil {
		_, err := p.End()
		return true, err
	}
	if loaded && cause == nil && closed && harmless {
		if cpu, ok := r.w.keep(&r.w.usedCandidate, u); ok {
			r.out.cpu += cpu
			return false, nil
		}
	}
	return false, r.end(ctx, p, items, cause)
}

// answer judges one reply to a data call.
func (r *run) answer(n, i int, rep reply) error {
	it, t := &r.pl.items[i], r.row(i)
	r.traced(i, rep.Lines)
	if rep.E != nil {
		t.fail(rep.E.outcome(""), rep.E.text(), rep.E.Line)
		return nil
	}
	if rep.V == nil {
		return errProtocol
	}
	if r.out.values != nil {
		r.out.values[n] = bytes.Clone(rep.V)
		t.Verdict = problem.Pass
		return nil
	}
	if it.same(rep.V) {
		t.Verdict = problem.Pass
		return nil
	}
	got, err := problem.DecodeValue(rep.V)
	if err != nil {
		return badValue(err)
	}
	if it.matches(got) {
		t.Verdict = problem.Pass
		return nil
	}
	t.Verdict = problem.WrongAnswer
	t.Got = problem.Show(got)
	switch {
	case it.known:
		t.Expected = problem.Show(it.expected)
	case it.cmp == cmpTruthy:
		t.Expected = "a true value"
	case it.cmp == cmpFalsy:
		t.Expected = "a false value"
	}
	return nil
}
