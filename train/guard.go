package train

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"hone/internal/words"
	"hone/recipe"
)

// Guard is a bound on a number of metrics.jsonl: beyond it a run warns, or ends with its
// work saved.
type Guard struct {
	Above *float64 `yaml:"above"` // what is more is wrong
	Below *float64 `yaml:"below"` // what is less is wrong
	Stop  bool     `yaml:"stop"`
}

// says is what a guard says of a value, "" where it is within bounds.
func (g Guard) says(value float64) string {
	switch {
	case g.Above != nil && value > *g.Above:
		return fmt.Sprintf("is %.4g, above %v", value, *g.Above)
	case g.Below != nil && value < *g.Below:
		return fmt.Sprintf("is %.4g, below %v", value, *g.Below)
	}
	return ""
}

// Prefixes of names of guards: of held-out problems, and of components of the reward.
const (
	heldOutPrefix   = "held_out_"
	componentPrefix = "component_"
)

// guarded are the numbers of a row that guards can name: those of rollout and measures by
// their own names, those of held_out with a prefix.
func guarded(row *Row) (map[string]float64, error) {
	raw, err := json.Marshal(row)
	if err != nil {
		return nil, err
	}
	var all map[string]any
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, err
	}
	out := map[string]float64{}
	take := func(prefix string, from any) {
		fields, _ := from.(map[string]any)
		for name, v := range fields {
			switch v := v.(type) {
			case float64:
				out[prefix+name] = v
			case map[string]any:
				for component, x := range v {
					if x, is := x.(float64); is {
						out[prefix+componentPrefix+component] = x
					}
				}
			}
		}
	}
	out["loss"], out["grad_norm"] = row.Loss, row.GradNorm
	take("", all["measures"])
	take("", all["rollout"])
	take(heldOutPrefix, all["held_out"])
	return out, nil
}

// guard looks at a row, which a step has made.
func (l *Loop) guard(row *Row) error {
	if len(l.Guards) == 0 {
		return nil
	}
	values, err := guarded(row)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(l.Guards)) {
		value, known := values[name]
		g := l.Guards[name]
		if !known || row.Skipped != "" {
			continue
		}
		said := g.says(value)
		if said != "" {
			if row.Warnings == nil {
				row.Warnings = map[string]string{}
			}
			row.Warnings[name] = said
			if g.Stop {
				l.state.Stopped, l.state.StoppedBy = true, name+" "+said
			}
			if !l.warned[name] {
				l.log("step %d: %s %s%s", row.Step, name, said, advice[strings.TrimPrefix(name, heldOutPrefix)])
			}
		}
		if l.warned == nil {
			l.warned = map[string]bool{}
		}
		l.warned[name] = said != ""
	}
	return nil
}

// advice is what may help.
var advice = map[string]string{
	"kl":                      ": the model moves far from where it began (a higher reward.penalty.beta or a lower train.lr keeps it near)",
	"entropy":                 ": it is nearly sure of every token (online.entropy or a higher online.temperature keeps it open)",
	"unique":                  ": it writes the same programs again and again (online.entropy or a higher online.temperature keeps it open)",
	"truncated":               ": programs do not come to their end (a higher online.max_tokens, or stop)",
	"public_pass_hidden_fail": ": programs pass the visible tests and fail the others: it may learn the tests and not the task",
	"let_go":                  ": many incorrect programs are pushed down no further (a lower train.lr, or advantage: exp)",
	"logprob_correct":         ": correct programs become less likely (a higher offline.positives, or advantage: exp)",
}

// guardNames are the names that guards of a kind can have, but for components.
func guardNames(k Kind) ([]string, error) {
	row := &Row{Rollout: &Rollout{}, HeldOut: &HeldOut{}, Measures: map[string]float64{}}
	measures := []string{"let_go", "penalty", "logprob_correct", "logprob_incorrect"}
	if k != Offline {
		measures = []string{"clip_fraction", "update_kl", "value_loss", "explained_variance"}
	} else {
		row.Rollout = nil
	}
	for _, name := range measures {
		row.Measures[name] = 0
	}
	values, err := guarded(row)
	return slices.Sorted(maps.Keys(values)), err
}

// checkGuards reports guards that guard nothing.
func (r *Recipe) checkGuards() error {
	if len(r.Guards) == 0 {
		return nil
	}
	if r.Kind != Offline && r.Kind != GRPO && r.Kind != PPO {
		return recipe.Keyf("guards", "are of kind offline, grpo and ppo, not of %s", r.Kind)
	}
	names, err := guardNames(r.Kind)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(r.Guards)) {
		g := r.Guards[name]
		switch {
		case g.Above == nil && g.Below == nil:
			return recipe.Keyf("guards."+name, "needs above or below, a number")
		case strings.HasPrefix(strings.TrimPrefix(name, heldOutPrefix), componentPrefix), slices.Contains(names, name):
		default:
			return recipe.Keyf("guards."+name, "is no number of metrics.jsonl that kind %s has (is %s meant?)", r.Kind, words.Nearest(name, names))
		}
	}
	return nil
}

// defaultGuards are those of a recipe that names none; they only warn.
func defaultGuards(k Kind) map[string]Guard {
	above := func(x float64) Guard { return Guard{Above: &x} }
	below := func(x float64) Guard { return Guard{Below: &x} }
	switch k {
	case Offline:
		return map[string]Guard{"let_go": above(0.5)}
	case GRPO, PPO:
		return map[string]Guard{
			"kl": above(0.5), "entropy": below(0.01), "unique": below(0.15), "truncated": above(0.5), "public_pass_hidden_fail": above(0.3),
		}
	}
	return nil
}
