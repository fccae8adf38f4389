package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hone/failures"
	"hone/internal/browser"
	"hone/problem"
)

// failedTask is a task that two models fail, one for the form of its answer.
func failedTask(t *testing.T) *failures.Results {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.jsonl")
	rows := ""
	for _, m := range []string{"tiny", "small"} {
		rows += fmt.Sprintf("{\"benchmark\":\"B\",\"task_id\":\"b/1\",\"model\":%q,\"passed\":false,\"code\":\"def f():\\n    return (1, 2)\"}\n", m)
		rows += fmt.Sprintf("{\"benchmark\":\"B\",\"task_id\":\"b/2\",\"model\":%q,\"passed\":true,\"code\":\"def f():\\n    return 1\"}\n", m)
	}
	if err := os.WriteFile(path, []byte(rows+`{"benchmark":"B","task_id":"b/1","prompt":"Give <b>both</b> numbers."}`), 0o644); err != nil {
		t.Fatal(err)
	}
	r, err := failures.Read([]failures.Source{{Path: path}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	no := false
	for m := range r.Models {
		r.Tasks[0].Judged = append(r.Tasks[0].Judged, failures.Judged{Model: m, Verdict: problem.Verdict{
			Verdict: problem.WrongAnswer, Passed: &no,
			Tests: []problem.TestResult{{Name: "assert[0]", Verdict: problem.WrongAnswer, Got: "(1, 2)", Expected: "[1, 2]"}},
		}})
	}
	return r
}

// The page about FailureBench opens from a file, is filtered and read by keyboard. HONE_SHOTS names a folder for pictures of it,
// of HONE_SHOT where that names another page of hone failures.
func TestFailuresReportOfFailureBench(t *testing.T) {
	if testing.Short() {
		t.Skip("NOT RUN: -short")
	}
	dir := publicData(t, "failurebench")
	b := startBrowser(t)
	path := os.Getenv("HONE_SHOT")
	if path == "" {
		r, err := failures.Read([]failures.Source{{Path: dir}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		a, err := failures.Analyze(r, failures.Options{})
		if err != nil {
			t.Fatal(err)
		}
		path = filepath.Join(t.TempDir(), "report.html")
		if err := failuresReport(r, a).WriteFile(path); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.Open("about:blank", browser.View{Width: 1400, Height: 900}); err != nil { // the browser has started
		t.Fatal(err)
	}
	begun := time.Now()
	p := openPage(t, b, path, browser.View{Width: 1400, Height: 900})
	t.Logf("opened in %.2f s", time.Since(begun).Seconds())
	press := func(keys ...string) {
		t.Helper()
		if err := p.Press(keys...); err != nil {
			t.Fatal(err)
		}
	}
	until := func(expression string) {
		t.Helper()
		if err := p.Until(expression); err != nil {
			t.Fatal(err)
		}
	}
	press("/")
	for _, k := range `failed=6 mbpp` {
		press(string(k))
	}
	until(`document.querySelector(".count").textContent === "2 of 865 rows"`)
	press("Enter", "j", "Enter")
	until(`document.querySelector(".pane h2").textContent.startsWith("MBPP/430")`)
	until(`document.querySelectorAll(".pane details").length >= 7`) // the prompt and six programs
	if dir := os.Getenv("HONE_SHOTS"); dir != "" {
		shots(t, b, path, dir)
	}
	if problems := p.Problems(); len(problems) > 0 {
		t.Errorf("the console says:\n%s", strings.Join(problems, "\n"))
	}
	if requests := p.Requests(); len(requests) != 1 {
		t.Errorf("the page asked for %q", requests)
	}
}

// shots writes what the page looks like, and what opens from its first consistently failed task.
func shots(t *testing.T, b *browser.Browser, path, dir string) {
	t.Helper()
	for _, width := range []int{1400, 420} {
		for _, dark := range []bool{false, true} {
			name := fmt.Sprintf("failures-%d-%s", width, map[bool]string{false: "light", true: "dark"}[dark])
			p := openPage(t, b, path, browser.View{Width: width, Height: 900, Dark: dark})
			if err := p.Screenshot(filepath.Join(dir, name+".png"), true); err != nil {
				t.Fatal(err)
			}
			if err := p.Press("/", "a", "l", "l", " ", "f", "a", "i", "l", "Enter", "j", "Enter"); err != nil {
				t.Fatal(err)
			}
			if err := p.Until(`document.querySelector(".pane details")`); err != nil {
				t.Fatal(err)
			}
			if err := p.Eval(`document.querySelectorAll(".pane details").forEach((d, i) => { d.open = i > 1 })`, nil); err != nil {
				t.Fatal(err)
			}
			if err := p.Screenshot(filepath.Join(dir, name+"-open.png"), false); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func startBrowser(t *testing.T) *browser.Browser {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	t.Cleanup(cancel)
	b, err := browser.Start(ctx)
	if errors.Is(err, browser.ErrMissing) {
		t.Skip("NOT RUN: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

// openPage opens a page and waits until its scripts have run.
func openPage(t *testing.T, b *browser.Browser, path string, v browser.View) *browser.Page {
	t.Helper()
	p, err := b.Open((&url.URL{Scheme: "file", Path: path}).String(), v)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Until(`document.documentElement.dataset.ready`); err != nil {
		t.Fatal(err)
	}
	return p
}

// The page is read and labelled by keyboard, and what it exports is read back.
func TestFailuresReport(t *testing.T) {
	b := startBrowser(t)
	r := failedTask(t)
	a, err := failures.Analyze(r, failures.Options{})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "report.html")
	if err := failuresReport(r, a).WriteFile(path); err != nil {
		t.Fatal(err)
	}
	p, err := b.Open((&url.URL{Scheme: "file", Path: path, Fragment: "tasks/0"}).String(), browser.View{Width: 1200, Height: 900})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Until(`document.documentElement.dataset.ready && document.querySelector("fieldset input")`); err != nil {
		t.Fatal(err)
	}
	var text string
	if err := p.Eval(`document.body.textContent`, &text); err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"Give <b>both</b> numbers.", "published failed, here wrong_answer (0 of 1 tests pass)", "[1, 2]", "100 % of the programs are wrong in form only (type)"} {
		if !strings.Contains(text, s) {
			t.Errorf("the page does not say %q", s)
		}
	}
	// Space on the focused box changes the label, which is kept and can be exported.
	if err := p.Eval(`document.querySelector('fieldset input[value=edge_case]').focus()`, nil); err != nil {
		t.Fatal(err)
	}
	if err := p.Press(" "); err != nil {
		t.Fatal(err)
	}
	if err := p.Until(`[...document.querySelectorAll(".widget button")].some((b) => b.textContent === "Export 1 label")`); err != nil {
		t.Fatal(err)
	}
	var kept map[string]failures.Label
	var stored string
	if err := p.Eval(`localStorage.getItem("hone failures labels")`, &stored); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(stored), &kept); err != nil {
		t.Fatal(err)
	}
	var labels []failures.Label
	for _, l := range kept {
		labels = append(labels, l)
	}
	raw, err := json.Marshal(labels)
	if err != nil {
		t.Fatal(err)
	}
	exported := filepath.Join(t.TempDir(), "labels.json")
	if err := os.WriteFile(exported, raw, 0o644); err != nil {
		t.Fatal(err)
	}
	read, err := failures.ReadLabels(exported)
	if err != nil || len(read) != 1 || fmt.Sprint(read[0].Patterns) != "[wrong_problem_mapping formatting edge_case]" && fmt.Sprint(read[0].Patterns) != "[formatting edge_case]" {
		t.Errorf("labels %v, %v", read, err)
	}
	if problems := p.Problems(); len(problems) > 0 {
		t.Errorf("the console says:\n%s", strings.Join(problems, "\n"))
	}
}
