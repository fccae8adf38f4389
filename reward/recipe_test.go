package reward

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hone/recipe"
)

// section is a file with nothing but the reward.
type section struct {
	Reward Recipe `yaml:"reward"`
}

func parse(text string, sets ...string) (Recipe, error) {
	var s section
	s.Reward.Default()
	err := recipe.Parse([]byte(text), "r.yaml", &s, sets...)
	return s.Reward, err
}

// TestRecipes: the recipes that come with Hone are those of the formulas that they name.
func TestRecipes(t *testing.T) {
	files, err := filepath.Glob("../recipes/reward*.yaml")
	if err != nil || len(files) != 3 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		r, err := parse(string(data))
		if err != nil {
			t.Fatal(err)
		}
		f, err := New(r)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		var named Recipe
		named.Default()
		named.Formula = r.Formula
		want := named.resolved().Components
		for name, term := range f.Recipe().Components {
			w := want[name]
			if term.Weight != w.Weight || term.Gate != w.Gate {
				t.Errorf("%s: %s has weight %v, gate %s; the formula %v, %s", file, name, term.Weight, term.Gate, w.Weight, w.Gate)
			}
		}
		if len(want) != len(r.Components) {
			t.Errorf("%s: %d components, the formula has %d", file, len(r.Components), len(want))
		}
	}
}

// TestResolved: what a formula writes down as its recipe makes the same formula.
func TestResolved(t *testing.T) {
	for preset := range presets {
		f := newFormula(t, func(r *Recipe) { r.Formula = preset })
		text, err := recipe.Marshal(section{f.Recipe()})
		if err != nil {
			t.Fatal(err)
		}
		again, err := parse(string(text))
		if err != nil {
			t.Fatalf("%v of\n%s", err, text)
		}
		if d := cmp.Diff(f.Recipe(), again); d != "" {
			t.Errorf("%s: %s", preset, d)
		}
	}
}

func TestRecipeRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"reward: {formula: publishd}":                                `did you mean "published"?`,
		"reward: {mode: everywhere}":                                 "it is one of terminal, broadcast, localised",
		"reward: {penalty: {kind: k4}}":                              "it is one of k1, k2, k3",
		"reward: {penalty: {beta: -1}}":                              "must be 0 or more, is -1",
		"reward: {normalise: {by: mean}}":                            "it is one of none, total, components",
		"reward: {normalise: {eps: -1}}":                             "must be 0 or more",
		"reward: {components: {tests: {weight: -1}}}":                "r.yaml:1:31: reward.components.tests.weight must be 0 or more",
		"reward: {components: {tests: {gate: passes}}}":              `did you mean "passed"?`,
		"reward: {components: {tests: {wieght: 1}}}":                 `did you mean "weight"?`,
		"reward: {components: {own: {command: [x], range: [1, 0]}}}": "must be the lowest and the highest value",
		"reward: {components: {own: {command: [x], range: [0]}}}":    "must be the lowest and the highest value",
		"reward: {components: {own: {command: [x], timeout: 0s}}}":   "must be longer than nothing",
		"reward: {components: {own: {command: ['']}}}":               "must begin with a program",
		"reward: {components: {own: {command: ./x}}}":                "must be a list",
	} {
		if _, err := parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	r, err := parse("reward: {components: {style: {weight: 0.5}}}", "reward.components.style.weight=0.25", "reward.mode=broadcast")
	if err != nil || r.Components[Style].Weight != 0.25 || r.Mode != Broadcast {
		t.Errorf("%+v %v", r, err)
	}
}
