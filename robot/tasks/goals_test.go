package tasks

import (
	"encoding/json"
	"math/rand/v2"
	"testing"

	"hone/problem"
)

// TestOrder: what the instruction says first has to happen first, and nothing else may be said.
func TestOrder(t *testing.T) {
	g, err := newGenerator(Config{Robot: "kitchen"})
	if err != nil {
		t.Fatal(err)
	}
	k := newKitchen(rand.New(rand.NewPCG(1, 2)))
	k.clauses = []clause{
		{code: code(sayText("soup"))},
		{code: code(goal("go_to(%q)", k.stove))},
		{code: code(sayText("bread"), block("if 1 == 2:", sayText("cheese"))), stays: true},
	}
	p := &program{entry: g.def.Entry}
	for _, c := range k.clauses {
		p.body = append(p.body, c.code...)
	}
	raw, err := json.Marshal(k.encode(k.world(k.r)))
	if err != nil {
		t.Fatal(err)
	}
	w, err := g.def.World(raw, "world")
	if err != nil {
		t.Fatal(err)
	}
	run, err := g.compile(p.text())
	if err != nil {
		t.Fatal(err)
	}
	o, err := g.run(run, w)
	if err != nil {
		t.Fatal(err)
	}
	o.world = raw
	final, err := k.final(o)
	if err != nil {
		t.Fatal(err)
	}
	if o.compiled, err = g.def.Check(k.formula(k, p, o, final), "check"); err != nil {
		t.Fatal(err)
	}
	const head = "def task_program():\n    "
	drive := "go_to(\"" + k.stove + "\")\n    "
	for body, want := range map[string]problem.Outcome{
		"say(\"Soup!\")\n    " + drive + "say(\"the bread\")\n":                            problem.Pass,
		drive + "say(\"soup\")\n    say(\"bread\")\n":                                      problem.WrongAnswer,
		"say(\"bread\")\n    " + drive + "say(\"soup\")\n":                                 problem.WrongAnswer,
		"say(\"soup\")\n    " + drive + "say(\"bread\")\n    say(\"cheese\")\n":            problem.WrongAnswer,
		"say(\"soup\")\n    " + drive + "say(\"bread\")\n    go_to(\"sofa\")\n":            problem.RobotError,
		"say(\"soup\")\n    " + drive + "say(\"bread\")\n    go_to(\"" + k.board + "\")\n": problem.WrongAnswer,
	} {
		if verdict, err := g.verdict(head+body, []*outcome{o}); err != nil || verdict != want {
			t.Errorf("%v %s, want %s:\n%s", err, verdict, want, body)
		}
	}
}
