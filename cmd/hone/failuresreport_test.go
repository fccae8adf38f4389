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

// The page is read and labelled by keyboard, and what it exports is read back.
func TestFailuresReport(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	b, err := browser.Start(ctx)
	if errors.Is(err, browser.ErrMissing) {
		t.Skip("NOT RUN: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
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
