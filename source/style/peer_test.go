package style_test

import (
	"bufio"
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

	"hone/source/style"
)

// programs are real ones on this machine, at most n, spread evenly over all there are.
func programs(t *testing.T, n int) []string {
	t.Helper()
	folders, _ := filepath.Glob("/usr/lib/python3*")
	var all []string
	for _, folder := range folders {
		filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".py") {
				return nil
			}
			if info, err := d.Info(); err == nil && info.Mode().IsRegular() {
				all = append(all, path)
			}
			return nil
		})
	}
	if len(all) == 0 {
		t.Skip("no Python programs under /usr/lib/python3*")
	}
	slices.Sort(all)
	if len(all) <= n {
		return all
	}
	out := make([]string, n)
	for i := range out {
		out[i] = all[i*len(all)/n]
	}
	return out
}

// peer is the real pycodestyle; it answers a path with its findings.
type peer struct {
	ask     *bufio.Writer
	answers *bufio.Reader
}

// debianPython is the interpreter that has the tool as a Debian package.
const debianPython = "/usr/bin/python3"

func newPeer(t *testing.T) *peer {
	t.Helper()
	if err := exec.Command(debianPython, "-c", "import pycodestyle").Run(); err != nil {
		t.Skip("pycodestyle is not installed (Debian: python3-pycodestyle)")
	}
	c := exec.Command(debianPython, "testdata/gen/findings.py")
	in, _ := c.StdinPipe()
	out, _ := c.StdoutPipe()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); c.Wait() })
	p := &peer{bufio.NewWriter(in), bufio.NewReaderSize(out, 1<<20)}
	version, err := p.answers.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	if v := strings.Trim(version, "\"\n"); v != style.Version {
		t.Skipf("pycodestyle here is %s, the rules are those of %s", v, style.Version)
	}
	return p
}

// findings are those of the tool; ok is false where it fails.
func (p *peer) findings(t *testing.T, path string) (out []place, ok bool) {
	t.Helper()
	fmt.Fprintln(p.ask, path)
	p.ask.Flush()
	line, err := p.answers.ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	var rows [][4]any
	if json.Unmarshal(line, &rows) != nil {
		return nil, false
	}
	for _, f := range rows {
		out = append(out, place{int(f[0].(float64)), int(f[1].(float64)), f[2].(string), f[3].(string)})
	}
	slices.SortFunc(out, place.compare)
	return slices.Compact(out), true
}

// agreement counts lines on which two sets of findings are the same.
type agreement struct {
	files, lines, same    int
	found, foundSame      int // lines on which either has a finding
	byRule                map[string]int
	wholeMessages, places int
}

// add compares the findings of one program of some lines, and returns what differs.
func (a *agreement) add(ours, theirs []place, lines int) []string {
	type key struct {
		line, column int
		rule         string
	}
	count := map[key]int{} // 1: ours, 2: theirs, 3: both
	messages := map[place]bool{}
	for _, p := range ours {
		count[key{p.line, p.column, p.rule}] |= 1
		messages[p] = true
	}
	for _, p := range theirs {
		count[key{p.line, p.column, p.rule}] |= 2
		a.places++
		if messages[p] {
			a.wholeMessages++
		}
	}
	found, different := map[int]bool{}, map[int]bool{}
	var diff []string
	for k, who := range count {
		found[k.line] = true
		if who != 3 {
			different[k.line] = true
			a.byRule[k.rule]++
			diff = append(diff, fmt.Sprintf("%s at %d:%d only %s", k.rule, k.line, k.column, [...]string{1: "ours", 2: "theirs"}[who]))
		}
	}
	a.files++
	a.lines += lines
	a.same += lines - len(different)
	a.found += len(found)
	a.foundSame += len(found) - len(different)
	slices.Sort(diff)
	return diff
}

// TestPeer compares with the real tool, all rules on, over real programs: 100, or with
// HONE_LONG=1 2,500.
func TestPeer(t *testing.T) {
	n := 100
	if os.Getenv("HONE_LONG") != "" {
		n = 2500
	}
	paths := programs(t, n)
	p := newPeer(t)
	a := agreement{byRule: map[string]int{}}
	failed := 0
	for _, path := range paths {
		src, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		theirs, ok := p.findings(t, path)
		if !ok {
			failed++
			continue
		}
		findings, lines := check(src, style.Options{Keep: keepAll})
		ours := slices.Compact(places(findings, lines))
		for _, d := range a.add(ours, theirs, lines.Count()) {
			t.Logf("%s: %s", path, d)
		}
	}
	share := func(n, of int) float64 { return 100 * float64(n) / float64(max(of, 1)) }
	t.Logf("%d programs (the tool fails on %d more), %d lines: the sets of (column, rule) are the same on %.4f %%; of %d lines with a finding on %.4f %%; whole messages of %d findings %.4f %%",
		a.files, failed, a.lines, share(a.same, a.lines), a.found, share(a.foundSame, a.found), a.places, share(a.wholeMessages, a.places))
	for _, rule := range slices.Sorted(maps.Keys(a.byRule)) {
		t.Logf("%s differs %d times", rule, a.byRule[rule])
	}
	if share(a.same, a.lines) < 99.9 || share(a.foundSame, a.found) < 99.9 {
		t.Error("that is too different")
	}
}
