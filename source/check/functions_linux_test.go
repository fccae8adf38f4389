package check_test

import (
	"bytes"
	"os"
	"runtime/debug"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"hone/source"
	"hone/source/check"
	"hone/source/dataflow"
	"hone/source/internal/peer"
	"hone/source/metrics"
	"hone/source/python"
)

// stages are all analyses of a function, in order.
var stages = [...]string{"tree", "leaves, syntax graph, distances", "data flow, compatible", "findings, metrics, data flow"}

// analyse runs them and calls done after each stage.
func analyse(t testing.TB, src []byte, done func(stage int)) {
	tree, err := source.Parse(source.Python, src)
	if err != nil {
		t.Fatal(err)
	}
	done(0)
	leaves := tree.Leaves()
	edges := 0
	for range leaves.Syntax() {
		edges++
	}
	if n := len(leaves.Nodes); edges == 0 || len(leaves.Distances()) != n*n {
		t.Fatalf("%d leaves, %d edges\n%s", n, edges, src)
	}
	done(1)
	dataflow.Compatible(tree)
	done(2)
	r := check.File("f.py", src, check.Options{Metrics: true, DataFlow: true})
	if !r.Valid || len(r.Faults) > 0 || r.Metrics == nil || r.DataFlow == nil {
		t.Fatalf("%+v\n%s", r, src)
	}
	done(3)
}

// functions are those of 28 to 32 lines in this machine's programs, as programs of their
// own; at most n, spread evenly.
func functions(t testing.TB, n int) (all [][]byte) {
	for _, path := range peer.Programs(t, 0) {
		src, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		module, err := python.Parse(src)
		if err != nil {
			continue
		}
		for _, f := range metrics.Of(module).Functions {
			text := dedent(module.Text, f.Span)
			if lines := bytes.Count(text, []byte("\n")); lines < 28 || lines > 32 {
				continue
			}
			if _, err := python.Parse(text); err == nil {
				all = append(all, text)
			}
		}
	}
	if len(all) <= n {
		return all
	}
	some := make([][]byte, n)
	for i := range some {
		some[i] = all[i*len(all)/n]
	}
	return some
}

// dedent is a definition moved to the left margin.
func dedent(text []byte, span source.Span) []byte {
	line := bytes.LastIndexByte(text[:span.Start], '\n') + 1
	margin := append([]byte{'\n'}, text[line:span.Start]...)
	return append(bytes.ReplaceAll(text[span.Start:span.End], margin, []byte{'\n'}), '\n')
}

// TestAnalysesOfFunctions measures, with HONE_LONG=1, what all analyses of a function of
// about 30 lines take of the processor, collecting garbage included.
func TestAnalysesOfFunctions(t *testing.T) {
	if !peer.Long() {
		t.Skip("measures 1,000 functions with HONE_LONG=1")
	}
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // as hone check does
	all := functions(t, 1000)
	var total, bytes, tokens []float64
	var parts [len(stages)][]float64
	for _, src := range all {
		analyse(t, src, func(int) {}) // so that memory is there
		const rounds = 20
		var took [len(stages)]time.Duration
		for range rounds {
			last := processTime(t)
			analyse(t, src, func(stage int) {
				now := processTime(t)
				took[stage] += now - last
				last = now
			})
		}
		sum := 0.0
		for stage, d := range took {
			ms := d.Seconds() * 1e3 / rounds
			parts[stage] = append(parts[stage], ms)
			sum += ms
		}
		total = append(total, sum)
		bytes = append(bytes, float64(len(src)))
		tokens = append(tokens, float64(mustTree(t, src).Leaves().Len()))
	}
	t.Logf("%d functions of 28 to 32 lines; median, 90th percentile:", len(all))
	row := func(name string, list []float64) {
		slices.Sort(list)
		t.Logf("%-32s %8.3f %8.3f", name, list[len(list)/2], list[len(list)*9/10])
	}
	row("bytes", bytes)
	row("leaves", tokens)
	for stage, list := range parts {
		row(stages[stage]+", ms", list)
	}
	row("all analyses, ms", total)
}

func mustTree(t testing.TB, src []byte) *source.Tree {
	tree, err := source.Parse(source.Python, src)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// processTime is the time that processors have worked for this process.
func processTime(t testing.TB) time.Duration {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &now); err != nil {
		t.Fatal(err)
	}
	return time.Duration(now.Nano())
}
