//go:build linux

package main

import (
	"fmt"
	"strings"
	"testing"
)

// What two evaluations of a model fail is a file of problems that hone improve learns from, the nearest first.
func TestCurriculum(t *testing.T) {
	t.Parallel()
	u := learner(t)
	for m, name := range []string{"sampled", "greedy"} {
		var rows strings.Builder
		for p := range 6 {
			passed := p < 2 || p == 2 && m == 0 // three are failed by both
			verdict := map[bool]string{true: "pass", false: "wrong_answer"}
			tests := fmt.Sprintf(`{"name":"a","verdict":%q},{"name":"b","verdict":%q}`, verdict[passed], verdict[passed || p == 4])
			fmt.Fprintf(&rows, `{"benchmark":"own","task_id":"total_%d","sample":1,"verdict":%q,"passed":%t,"tests":[%s]}`+"\n", p, verdict[passed], passed, tests)
		}
		u.write(name+".jsonl", rows.String())
	}
	u.hone("failures", "sampled=sampled.jsonl", "greedy=greedy.jsonl", "--problems", "problems.jsonl", "--curriculum", "failed.jsonl", "--csv", "tables").
		exits(0).prints("curriculum: 3 problems in failed.jsonl", "the input records how 7 programs failed", "total_3")
	if rows := strings.Split(u.read("failed.jsonl"), "\n"); len(rows) != 4 || !strings.Contains(rows[0], `"task_id":"total_4"`) {
		t.Errorf("the curriculum does not begin with what is nearest:\n%s", u.read("failed.jsonl"))
	}
	if s := u.read("tables/tasks.csv"); !strings.Contains(s, "\nown,total_2,,,1,0,1\n") {
		t.Errorf("tables/tasks.csv:\n%s", s)
	}
	_, stages, _ := strings.Cut(improveRecipe, "  - name: grpo")
	stages, _, _ = strings.Cut(stages, "  - name: more")
	recipe, _, _ := strings.Cut(improveRecipe, "stages:")
	recipe = strings.Replace(recipe, "problems.jsonl", "failed.jsonl", 1) + "stages:\n  - name: grpo" + strings.Replace(stages, "from: sft", "from: base", 1)
	u.write("curriculum.yaml", recipe)
	u.hone("improve", "curriculum.yaml", "--set", "seeds=[1]", "--out", "run").exits(0).prints("own: 6 problems held out", "grpo", "report.html")
}
