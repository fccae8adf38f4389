package reward

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"hone/internal/words"
	"hone/recipe"
)

// Recipe is the section "reward" of a recipe.
type Recipe struct {
	// Formula names the components that count if Components is left out.
	Formula Preset `yaml:"formula"`
	// Components are the terms of the formula, by name.
	Components map[string]Term `yaml:"components"`
	Mode       Mode            `yaml:"mode"`
	Normalise  NormaliseRecipe `yaml:"normalise"`
	Penalty    PenaltyRecipe   `yaml:"penalty"`
}

// Term is what a recipe says of a component.
type Term struct {
	Weight float64 `yaml:"weight"`
	// Gate says when it counts; without one, syntax, tests, solved and simulator do always and
	// everything else once a test passed.
	Gate Gate `yaml:"gate"`
	// Select and Ignore are prefixes of rules of style and security; see hone check.
	Select []string `yaml:"select"`
	Ignore []string `yaml:"ignore"`
	// Command makes the component an external one: a program and its arguments, which reads
	// and writes lines of JSON (docs/reward.md).
	Command []string  `yaml:"command"`
	Range   []float64 `yaml:"range"` // of its values: the lowest and the highest
	// Timeout is how long a command may be silent while it is waited for.
	Timeout time.Duration `yaml:"timeout"`
}

// Default fills t in.
func (t *Term) Default() { *t = Term{Weight: 1, Range: []float64{0, 1}, Timeout: 10 * time.Second} }

// NormaliseRecipe says how rewards are made comparable within a group of texts for one problem.
type NormaliseRecipe struct {
	By  Normalisation `yaml:"by"`
	Eps float64       `yaml:"eps"` // is added to the standard deviation
}

// PenaltyRecipe is the penalty for being likelier or less likely than the reference model.
type PenaltyRecipe struct {
	Kind PenaltyKind `yaml:"kind"`
	Beta float64     `yaml:"beta"`
}

// Default fills r in.
func (r *Recipe) Default() {
	*r = Recipe{
		Formula: Execution, Mode: Terminal,
		Normalise: NormaliseRecipe{By: NormaliseNone, Eps: 1e-6},
		Penalty:   PenaltyRecipe{Kind: K1, Beta: 0.02},
	}
}

// Gate says when a component counts.
type Gate string

const (
	GateAlways   Gate = "always"
	GateCompiles Gate = "compiles" // the program has no syntax error
	// GatePassed: at least one test passed, and all that are mandatory. Without it an empty
	// program is rewarded for being clean.
	GatePassed Gate = "passed"
)

// open reports whether a component with this gate counts.
func (s *Subject) open(g Gate) bool {
	switch g {
	case GateCompiles:
		return !s.tally.broken
	case GatePassed:
		return s.tally.credit > 0
	}
	return true
}

// Preset names a formula.
type Preset string

const (
	// Execution is ours: tests + 0.1·style + 0.1·security, the latter two once a test passed.
	// It is monotone: making a test pass never lowers it.
	Execution Preset = "execution"
	// Published are the weights of arXiv 2605.21180 for code, without gates: 0.1 each for
	// syntax, lint and data flow, 0.7 for the tests.
	Published Preset = "published"
	// PublishedRobot are those of the same paper for robots: 0.1 syntax, 0.1 lint, 0.8 simulator.
	PublishedRobot Preset = "published-robot"
)

// presets are the components of each formula: weight and gate.
var presets = map[Preset]map[string]Term{
	Execution: {
		Tests:    {Weight: 1, Gate: GateAlways},
		Style:    {Weight: 0.1, Gate: GatePassed},
		Security: {Weight: 0.1, Gate: GatePassed},
	},
	Published: {
		Syntax:   {Weight: 0.1, Gate: GateAlways},
		Style:    {Weight: 0.1, Gate: GateAlways},
		DataFlow: {Weight: 0.1, Gate: GateAlways},
		Tests:    {Weight: 0.7, Gate: GateAlways},
	},
	PublishedRobot: {
		Syntax:    {Weight: 0.1, Gate: GateAlways},
		Style:     {Weight: 0.1, Gate: GateAlways},
		Simulator: {Weight: 0.8, Gate: GateAlways},
	},
}

// resolved spells out the components.
func (r Recipe) resolved() Recipe {
	given := r.Components
	if len(given) == 0 {
		given = presets[r.Formula]
	}
	r.Components = map[string]Term{}
	for name, t := range given {
		var full Term
		full.Default()
		full.Weight, full.Select, full.Ignore, full.Command = t.Weight, t.Select, t.Ignore, t.Command
		if len(t.Range) == 2 {
			full.Range = t.Range
		}
		if t.Timeout > 0 {
			full.Timeout = t.Timeout
		}
		full.Gate = t.Gate
		if full.Gate == "" {
			full.Gate = defaultGate(name)
		}
		r.Components[name] = full
	}
	return r
}

func defaultGate(name string) Gate {
	switch name {
	case Syntax, Tests, Solved, Simulator:
		return GateAlways
	}
	return GatePassed
}

// Check says what of the recipe is wrong.
func (r *Recipe) Check() error {
	_, known := presets[r.Formula]
	return errors.Join(
		oneOf("formula", r.Formula, known, slices.Sorted(maps.Keys(presets))...),
		oneOf("mode", r.Mode, slices.Contains(Modes, r.Mode), Modes...),
		oneOf("normalise.by", r.Normalise.By, slices.Contains(normalisations, r.Normalise.By), normalisations...),
		oneOf("penalty.kind", r.Penalty.Kind, slices.Contains(penaltyKinds, r.Penalty.Kind), penaltyKinds...),
		atLeast("normalise.eps", r.Normalise.Eps),
		atLeast("penalty.beta", r.Penalty.Beta),
	)
}

// Check says what of the term is wrong.
func (t *Term) Check() error {
	gates := []Gate{GateAlways, GateCompiles, GatePassed}
	errs := []error{
		atLeast("weight", t.Weight),
		oneOf("gate", t.Gate, t.Gate == "" || slices.Contains(gates, t.Gate), gates...),
	}
	if len(t.Range) != 2 || !finite(t.Range[0]) || !finite(t.Range[1]) || t.Range[0] >= t.Range[1] {
		errs = append(errs, recipe.Keyf("range", "must be the lowest and the highest value, such as [0, 1]"))
	}
	if t.Timeout <= 0 {
		errs = append(errs, recipe.Keyf("timeout", "must be longer than nothing"))
	}
	if len(t.Command) > 0 && t.Command[0] == "" {
		errs = append(errs, recipe.Keyf("command", "must begin with a program"))
	}
	return errors.Join(errs...)
}

func atLeast(key string, x float64) error {
	if !finite(x) || x < 0 {
		return recipe.Keyf(key, "must be 0 or more, is %v", x)
	}
	return nil
}

func oneOf[T ~string](key string, got T, ok bool, known ...T) error {
	if ok {
		return nil
	}
	names := make([]string, len(known))
	for i, k := range known {
		names[i] = string(k)
	}
	return recipe.Keyf(key, "is %q (did you mean %q?); it is one of %s", string(got), words.Nearest(string(got), names), strings.Join(names, ", "))
}
