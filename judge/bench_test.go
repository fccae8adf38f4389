package judge_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"hone/judge"
	"hone/problem"
)

// BenchmarkVerify judges distinct small programs on all workers; it reports programs per second.
func BenchmarkVerify(b *testing.B) {
	for _, share := range []bool{false, true} {
		b.Run(fmt.Sprintf("share=%v", share), func(b *testing.B) { benchmarkVerify(b, share) })
	}
}

func benchmarkVerify(b *testing.B, share bool) {
	j := newJudge(b, judge.Config{Share: share})
	p := &problem.Problem{Benchmark: "t", TaskID: "add", Tests: []problem.Test{
		test(b, "a", problem.KindAssert, problem.AssertSpec{Code: "assert add(1, 2) == 3"}),
		test(b, "b", problem.KindAssert, problem.AssertSpec{Code: "assert add([1], [2]) == [1, 2]"}),
		test(b, "c", problem.KindAssert, problem.AssertSpec{Code: "assert add('a', 'b') == 'ab'"}),
	}}
	if err := j.Prepare(b.Context(), p); err != nil {
		b.Fatal(err)
	}
	var n atomic.Int64
	var cpu atomic.Int64
	b.ResetTimer()
	var wg sync.WaitGroup
	for range j.Workers() {
		wg.Go(func() {
			for i := n.Add(1); i <= int64(b.N); i = n.Add(1) {
				v, err := j.Verify(b.Context(), p, fmt.Sprintf("import math\ndef add(a, b):\n  for i in range(3): pass\n  return a + b\n# %d", i))
				if err != nil || v.Verdict != problem.Pass {
					b.Errorf("%v %+v", err, v)
				}
				cpu.Add(int64(v.CPUMillis * 1000))
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "programs/s")
	b.ReportMetric(float64(cpu.Load())/float64(b.N), "cpu_us/program")
}
