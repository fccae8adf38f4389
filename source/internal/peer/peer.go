// Package peer compares, in tests, what Hone finds in real programs with what the
// tool finds whose rules it follows.
package peer

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Python is Debian's interpreter, for which the tools are packaged.
const Python = "/usr/bin/python3"

// Long reports whether comparisons that take minutes are wanted: HONE_LONG=1.
func Long() bool { return os.Getenv("HONE_LONG") == "1" }

// Programs are n Python programs of this machine, spread evenly over all that
// Debian's packages have installed, the same on each call. It skips the test where
// there are none. n ≤ 0 is all.
func Programs(t testing.TB, n int) []string {
	t.Helper()
	var all []string
	roots, _ := filepath.Glob("/usr/lib/python3*")
	for _, root := range roots {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() && strings.HasSuffix(path, ".py") {
				all = append(all, path)
			}
			return nil // what cannot be read is no program
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(all) == 0 {
		t.Skip("no Python programs on this machine (the packages python3 and libpython3-stdlib have some)")
	}
	slices.Sort(all)
	if n <= 0 || n > len(all) {
		return all
	}
	sample := make([]string, n)
	for i := range sample {
		sample[i] = all[i*len(all)/n]
	}
	return sample
}

// Answer is what a tool says about one program.
type Answer[F any] struct {
	Path     string
	Findings []F
	// Error says why the tool could not read the program.
	Error string
}

// Answers are the answers of a tool that a file keeps, a line of JSON each.
func Answers[F any](t testing.TB, path string) []Answer[F] {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var answers []Answer[F]
	for d := json.NewDecoder(file); d.More(); {
		var a Answer[F]
		if err := d.Decode(&a); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		answers = append(answers, a)
	}
	return answers
}

// Ask runs a script that answers for each path of its input with a line of JSON.
// It skips the test where Python cannot import the tool's module.
func Ask[F any](t testing.TB, module string, paths []string, script string, args ...string) []Answer[F] {
	t.Helper()
	if err := exec.Command(Python, "-c", "import "+module).Run(); err != nil {
		t.Skipf("%s cannot import %s: install the package python3-%s", Python, module, module)
	}
	command := exec.Command(Python, append([]string{script}, args...)...)
	command.Stdin = strings.NewReader(strings.Join(paths, "\n") + "\n")
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, stderr.Bytes())
	}
	var answers []Answer[F]
	for d := json.NewDecoder(bytes.NewReader(out)); d.More(); {
		var a Answer[F]
		if err := d.Decode(&a); err != nil {
			t.Fatalf("%s: %v", script, err)
		}
		answers = append(answers, a)
	}
	if len(answers) != len(paths) {
		t.Fatalf("%s: %d answers for %d programs", script, len(answers), len(paths))
	}
	return answers
}

// Agreement counts the lines on which two tools say the same.
type Agreement struct {
	Programs int
	// Lines are all lines, Either those on which one of the two says something.
	Lines, Either int
	// Differ are the lines on which they do not say the same.
	Differ int
	// Rules has for each rule how often both, only ours and only theirs have it.
	Rules map[string][3]int
	// Examples are the first differences of each rule.
	Examples map[string][]string
}

// Add compares the findings of one program. Both map a line to findings, in which
// the rule is the first word. Lines is how many the program has.
func (a *Agreement) Add(path string, lines int, ours, theirs map[int][]string) {
	if a.Rules == nil {
		a.Rules, a.Examples = map[string][3]int{}, map[string][]string{}
	}
	a.Programs++
	a.Lines += lines
	at := maps.Clone(ours)
	maps.Copy(at, theirs)
	for _, line := range slices.Sorted(maps.Keys(at)) {
		a.Either++
		if !a.line(path, line, ours[line], theirs[line]) {
			a.Differ++
		}
	}
}

// line compares what is found on one line.
func (a *Agreement) line(path string, line int, ours, theirs []string) bool {
	same := true
	note := func(finding string, which int, sign string) {
		rule, _, _ := strings.Cut(finding, " ")
		count := a.Rules[rule]
		count[which]++
		a.Rules[rule] = count
		if which > 0 {
			same = false
			a.Examples[rule] = append(a.Examples[rule], fmt.Sprintf("%s %s:%d %s", sign, path, line, finding))
		}
	}
	for _, f := range ours {
		if slices.Contains(theirs, f) {
			note(f, 0, "")
		} else {
			note(f, 1, "+")
		}
	}
	for _, f := range theirs {
		if !slices.Contains(ours, f) {
			note(f, 2, "-")
		}
	}
	return same
}

// Share is the share of lines on which both say the same: of all lines and of
// those on which one says something.
func (a *Agreement) Share() (all, either float64) {
	return 1 - float64(a.Differ)/float64(max(a.Lines, 1)), 1 - float64(a.Differ)/float64(max(a.Either, 1))
}

// String is a table in Markdown, with up to three differences a rule.
func (a *Agreement) String() string {
	var b strings.Builder
	all, either := a.Share()
	fmt.Fprintf(&b, "%d programs, %d lines, %d with findings; the same on %.4f %% of all lines, %.3f %% of those with findings\n\n",
		a.Programs, a.Lines, a.Either, 100*all, 100*either)
	b.WriteString("| rule | both | only ours | only theirs |\n|---|---:|---:|---:|\n")
	for _, rule := range slices.Sorted(maps.Keys(a.Rules)) {
		n := a.Rules[rule]
		fmt.Fprintf(&b, "| %s | %d | %d | %d |\n", rule, n[0], n[1], n[2])
	}
	rules := slices.SortedFunc(maps.Keys(a.Examples), cmp.Compare[string])
	for _, rule := range rules {
		b.WriteString("\n")
		for _, e := range a.Examples[rule][:min(3, len(a.Examples[rule]))] {
			b.WriteString("    " + e + "\n")
		}
	}
	return b.String()
}
