package metrics

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hone/sandbox"
)

// oracle answers questions about programs in a sandbox.
type oracle struct{ s *sandbox.Sandbox }

// newOracle starts testdata/oracle/name as a harness. It skips the test where
// CPython, the sandbox or one of the modules is missing.
func newOracle(t *testing.T, name string, modules ...string) *oracle {
	t.Helper()
	ctx := context.Background()
	py, err := sandbox.FindPython(ctx, "", len(modules) > 0)
	if err != nil {
		t.Skipf("NOT RUN: %v", err)
	}
	for _, m := range modules {
		has := func(p string) bool { return strings.HasPrefix(p, m+"-") }
		if !slices.ContainsFunc(py.Packages, has) {
			t.Skipf("NOT RUN: %s has no %s (Debian package python3-%s)", py.Path, m, strings.ReplaceAll(m, "_", "-"))
		}
	}
	tier, _, err := sandbox.Choose(ctx, py, sandbox.TierAuto)
	if err != nil {
		t.Skipf("NOT RUN: %v", err)
	}
	var harness strings.Builder
	for _, file := range []string{"frame.py", name} {
		text, err := os.ReadFile(filepath.Join("testdata", "oracle", file))
		if err != nil {
			t.Fatal(err)
		}
		harness.Write(text)
	}
	s, err := sandbox.Start(ctx, sandbox.Config{Python: py, Tier: tier, Harness: harness.String(), Stack: 1 << 30, Memory: 4 << 30})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return &oracle{s}
}

// program is one to ask about.
type program struct {
	name string
	text []byte
}

// ask has the programs measured, so many in one process, and yields each with
// its numbers, or with an error that says why there are none.
func ask[T any](t *testing.T, o *oracle, programs []program, inOne int) iter.Seq2[program, func() (T, error)] {
	return func(yield func(program, func() (T, error)) bool) {
		for batch := range slices.Chunk(programs, inOne) {
			replies, err := o.askBatch(t, batch)
			for i, p := range batch {
				ok := yield(p, func() (numbers T, _ error) {
					if err != nil {
						return numbers, err
					}
					var failed struct{ Error string }
					if json.Unmarshal(replies[i], &failed) == nil && failed.Error != "" {
						return numbers, errors.New(failed.Error)
					}
					return numbers, json.Unmarshal(replies[i], &numbers)
				})
				if !ok {
					return
				}
			}
		}
	}
}

func (o *oracle) askBatch(t *testing.T, batch []program) (replies []json.RawMessage, err error) {
	t.Helper()
	texts := make([][]byte, len(batch))
	for i, p := range batch {
		texts[i] = p.text
	}
	question, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	p, err := o.s.Next()
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		usage, endErr := p.End()
		if endErr != nil {
			t.Fatal(endErr)
		}
		if err == nil && len(replies) != len(batch) {
			err = fmt.Errorf("%d answers for %d programs (%+v)", len(replies), len(batch), usage)
		}
	}()
	deadline := time.Now().Add(time.Minute)
	if err := p.SendFrame(deadline, question); err != nil {
		return nil, err
	}
	reply, err := p.Receive(deadline)
	if err != nil {
		return nil, err
	}
	return replies, json.Unmarshal(reply, &replies)
}

// long says whether the comparisons that take minutes were asked for.
func long() bool { return os.Getenv("HONE_LONG") != "" }

// realPrograms are n programs of this machine's Python library and Debian
// packages, evenly chosen.
func realPrograms(t testing.TB, n int) []program {
	t.Helper()
	var paths []string
	roots, _ := filepath.Glob("/usr/lib/python3*")
	for _, root := range roots {
		err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() && strings.HasSuffix(path, ".py") {
				if info, err := d.Info(); err == nil && info.Size() > 0 && info.Size() <= 100_000 {
					paths = append(paths, path)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(paths) < n {
		t.Skipf("NOT RUN: there are only %d programs in /usr/lib/python3*", len(paths))
	}
	programs := make([]program, n)
	for i := range n {
		path := paths[i*len(paths)/n]
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		programs[i] = program{path, text}
	}
	return programs
}
