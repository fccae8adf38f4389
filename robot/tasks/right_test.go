package tasks

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"hone/problem"
)

// inList is a loop over names or pairs that are written out.
var inList = regexp.MustCompile(`(for [a-z_0-9, ]+ in )\[(.*)\]:`)

// backwards goes through written lists from the end: where nothing stops the loop early
// and nothing is left over from the last turn the instruction does not mind.
func backwards(text string) string {
	if strings.Contains(text, "break") {
		return text
	}
	return inList.ReplaceAllStringFunc(text, func(s string) string {
		m := inList.FindStringSubmatch(s)
		sep := ", "
		if strings.HasPrefix(m[2], "(") {
			sep = "), "
		}
		parts := strings.Split(m[2], sep)
		slices.Reverse(parts)
		for i := range parts {
			if sep == "), " && !strings.HasSuffix(parts[i], ")") {
				parts[i] += ")"
			}
		}
		return m[1] + "[" + strings.Join(parts, ", ") + "]:"
	})
}

// number is a sentence that is put together around a number.
var number = regexp.MustCompile(`say\("[^"]*" \+ (str\(.*\))( \+ "[^"]*")?\)`)

// TestOtherRightPrograms: checks do not ask for more than the instruction does. Programs
// that look around more, go another way or word a report otherwise pass as the reference does.
func TestOtherRightPrograms(t *testing.T) {
	for _, name := range Robots() {
		g, err := newGenerator(Config{Robot: name})
		if err != nil {
			t.Fatal(err)
		}
		where := map[string]string{"kitchen": "where_am_i", "service": "get_current_location"}[name]
		changed := map[string]int{}
		for _, task := range draw(t, Config{Robot: name, Seed: 21}, 36*share()) {
			worlds := worldsOf(t, g, &task)
			reference := task.Problem.Reference
			for how, text := range map[string]string{
				"looks around": strings.Replace(reference, ":\n", ":\n    "+where+"()\n    here = "+where+"()\n", 1),
				"goes twice":   regexp.MustCompile(`(?m)^( *)go_to\((.*)\)$`).ReplaceAllString(reference, "${1}go_to($2)\n${1}go_to($2)"),
				"backwards":    backwards(reference),
				"fewer words":  number.ReplaceAllString(reference, "say($1)"),
				"more words":   number.ReplaceAllString(reference, `say("The answer is: " + $1 + " in all.")`),
			} {
				if text == reference {
					continue
				}
				changed[how]++
				if verdict, err := g.verdict(text, worlds); err != nil || verdict != problem.Pass {
					t.Errorf("%s: %v %s\n%s\n%s", how, err, verdict, task.Problem.Prompt[strings.LastIndex(task.Problem.Prompt, "# "):], text)
				}
			}
		}
		t.Log(name, changed)
		for _, how := range []string{"looks around", "goes twice", "backwards", "fewer words", "more words"} {
			if changed[how] < 3 {
				t.Errorf("%s: %s: %d programs only", name, how, changed[how])
			}
		}
	}
}

func worldsOf(t *testing.T, g *generator, task *Task) []*outcome {
	t.Helper()
	var out []*outcome
	for _, test := range task.Problem.Tests {
		var spec problem.RobotSpec
		if err := json.Unmarshal(test.Spec, &spec); err != nil {
			t.Fatal(err)
		}
		w, err := g.def.World(spec.World, "world")
		if err != nil {
			t.Fatal(err)
		}
		c, err := g.def.Check(spec.Check, "check")
		if err != nil {
			t.Fatal(fmt.Errorf("%s: %w", task.Problem.TaskID, err))
		}
		out = append(out, &outcome{begin: w, compiled: c})
	}
	return out
}
