//go:build linux

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// step is a command of a page, with the output that is shown below it.
type step struct {
	command string
	shown   []string
}

// steps reads the commands of the page's console blocks.
func steps(page string) []step {
	var out []step
	for _, block := range regexp.MustCompile("(?s)```console\n(.*?)```").FindAllStringSubmatch(page, -1) {
		for line := range strings.Lines(block[1]) {
			line = strings.TrimRight(line, "\n")
			if command, ok := strings.CutPrefix(line, "$ "); ok {
				out = append(out, step{command: command})
			} else {
				out[len(out)-1].shown = append(out[len(out)-1].shown, line)
			}
		}
	}
	return out
}

// shows compares output with what is shown, in which a line … stands for any lines and an
// … at the end for any end of that line.
func shows(got, shown []string) bool {
	switch {
	case len(shown) == 0:
		return len(got) == 0
	case shown[0] == "…":
		for i := range len(got) + 1 {
			if shows(got[i:], shown[1:]) {
				return true
			}
		}
		return false
	case len(got) == 0:
		return false
	}
	same := strings.TrimRight(got[0], " ") == shown[0]
	if head, ok := strings.CutSuffix(shown[0], "…"); ok {
		same = strings.HasPrefix(got[0], head)
	}
	return same && shows(got[1:], shown[1:])
}

func TestShows(t *testing.T) {
	got := []string{"a", "b 17", "c"}
	for shown, want := range map[string]bool{
		"a|b 17|c": true, "a|…": true, "…|c": true, "a|b …|c": true, "…": true,
		"a|b 17": false, "a|b 18|c": false, "…|b": false, "a|…|d": false, "a|b 17|c|d": false,
	} {
		if shows(got, strings.Split(shown, "|")) != want {
			t.Errorf("%q: not %v", shown, want)
		}
	}
}

// TestDomainTutorial follows docs/domain.md literally.
func TestDomainTutorial(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"sh", "python3"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("NOT RUN: needs %s", tool)
		}
	}
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "domain.md"))
	if err != nil {
		t.Fatal(err)
	}
	all := steps(string(page))
	if len(all) < 7 {
		t.Fatalf("%d commands", len(all))
	}
	u := newUser(t)
	compared := 0
	for _, s := range all {
		if dir, ok := strings.CutPrefix(s.command, "cd "); ok {
			u.dir = filepath.Join(u.dir, dir)
			continue
		}
		cmd := exec.Command("sh", "-c", s.command)
		cmd.Dir = u.dir
		cmd.Env = append(u.env, "PATH="+filepath.Dir(binary)+string(os.PathListSeparator)+os.Getenv("PATH"), "COLUMNS=80")
		var errs strings.Builder
		cmd.Stderr = &errs
		out, err := cmd.Output()
		if code := cmd.ProcessState.ExitCode(); err != nil && code != 1 {
			t.Fatalf("$ %s\nexit status %d\n%s", s.command, code, errs.String())
		}
		got := strings.Split(strings.TrimRight(string(out), "\n"), "\n")
		if len(s.shown) > 0 {
			compared++
			if !shows(got, s.shown) {
				t.Errorf("$ %s\nprints\n%s%s\nand not what the page shows:\n%s", s.command, out, errs.String(), strings.Join(s.shown, "\n"))
			}
		}
	}
	if compared < 5 {
		t.Errorf("the output of %d commands is shown", compared)
	}
}

// TestDomainSamples: samples.jsonl has the programs of the folder, and they end as they should.
func TestDomainSamples(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.hone("init", "domain", "d").exits(0).prints("d/robot.yaml", "Next: cd d")
	u.dir = u.path("d")
	u.hone("judge", "--problems", "tasks.json", "--samples", "samples.jsonl", "--out", "v.jsonl").exits(0)
	wantOutcomes(t, u.verdicts("v.jsonl"), "water 0 pass", "water 1 robot_error", "water 2 wrong_answer", "water 3 exception", "driest 0 pass", "driest 1 wrong_answer")
	samples := u.read("samples.jsonl")
	for _, name := range []string{"careful", "thirsty", "generous", "confused"} {
		text := strings.NewReplacer("\n", `\n`, `"`, `\"`).Replace(u.read("programs/" + name + ".py"))
		if !strings.Contains(samples, `"`+text+`"`) {
			t.Errorf("programs/%s.py is not in samples.jsonl", name)
		}
	}
}

func TestInitRefuses(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.write("file", "x")
	u.hone("init", "domain").exits(2).says("name one folder")
	u.hone("init", "domain", ".").exits(2).says("is not empty: name a new folder")
	u.hone("init", "domain", "file").exits(1).says("file")
	u.hone("init", "domain", "file/below").exits(1)
	if got := u.read("file"); got != "x" {
		t.Errorf("file holds %q", got)
	}
	u.hone("init", "domain", "it's new/deep").exits(0).prints(`cd 'it'\''s new/deep'`)
}
