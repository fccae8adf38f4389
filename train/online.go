package train

import (
	"errors"
	"slices"

	"hone/model"
	"hone/problem"
	"hone/recipe"
	"hone/reward"
	"hone/tensor"
)

// OnlineRecipe says how a model learns from programs that it writes while it learns. In
// every iteration it writes Samples programs for each of Prompts problems; they are run and
// rewarded, and learned from in Passes. Meanwhile the next ones are written, with the
// weights from before: they are one iteration old when their turn comes, always.
type OnlineRecipe struct {
	Problems string         `yaml:"problems,required"` // a file that hone judge reads
	Format   problem.Format `yaml:"format"`
	Form     problem.Form   `yaml:"form"` // how what is written becomes a program

	Prompts     int      `yaml:"prompts"` // problems of an iteration
	Samples     int      `yaml:"samples"` // programs for each, which make a group
	Temperature float64  `yaml:"temperature"`
	TopP        float64  `yaml:"top_p"`
	MaxTokens   int      `yaml:"max_tokens"` // programs that are not finished by then do not count
	Stop        []string `yaml:"stop"`

	Weights Precision `yaml:"weights"` // of the copy that writes

	Passes int     `yaml:"passes"` // times through the programs of an iteration
	Clip   float64 `yaml:"clip"`   // of the probability ratio, 1 ± Clip
	// Advantage is that of grpo: grpo, rloo, or filtered (expert iteration).
	Advantage Advantage `yaml:"advantage"`
	// Gamma, Lambda, ValueClip and ValueWeight are those of ppo.
	Gamma       float64 `yaml:"gamma"`
	Lambda      float64 `yaml:"lambda"`
	ValueClip   float64 `yaml:"value_clip"`
	ValueWeight float64 `yaml:"value_weight"`
	Entropy     float64 `yaml:"entropy"` // weight of the entropy that is kept up; 0: it is only watched

	Eval *EvalRecipe `yaml:"eval"` // held-out problems
}

// forms are those in which programs can be asked for.
var forms = []problem.Form{problem.FormSolution, problem.FormCompletion, problem.FormResponse}

// Default fills o in.
func (o *OnlineRecipe) Default() {
	*o = OnlineRecipe{
		Format: problem.FormatAuto, Form: problem.FormSolution,
		Prompts: 8, Samples: 8, Temperature: 1, TopP: 1, MaxTokens: 128, Weights: "f32",
		Passes: 2, Clip: 0.2, Advantage: GroupRelative, Gamma: 1, Lambda: 0.95, ValueClip: 0.3, ValueWeight: 0.1,
	}
}

// Check reports values that cannot be.
func (o *OnlineRecipe) Check() error {
	var errs []error
	wrong := func(key, format string, args ...any) { errs = append(errs, recipe.Keyf(key, format, args...)) }
	if !slices.Contains(problem.Formats(), o.Format) {
		wrong("format", "must be one of %v, is %q", problem.Formats(), o.Format)
	}
	if !slices.Contains(forms, o.Form) {
		wrong("form", "must be one of %v, is %q", forms, o.Form)
	}
	errs = append(errs, checkAdvantage("advantage", o.Advantage, GroupRelative, RLOO, Filtered))
	for _, v := range []struct {
		key          string
		value, least int
	}{{"prompts", o.Prompts, 1}, {"samples", o.Samples, 2}, {"max_tokens", o.MaxTokens, 1}, {"passes", o.Passes, 1}} {
		if v.value < v.least {
			wrong(v.key, "must be at least %d, is %d", v.least, v.value)
		}
	}
	for _, v := range []struct {
		key           string
		value, lo, hi float64
	}{
		{"temperature", o.Temperature, 1e-3, 10},
		{"top_p", o.TopP, 1e-3, 1},
		{"clip", o.Clip, 1e-6, 1},
		{"gamma", o.Gamma, 0, 1},
		{"lambda", o.Lambda, 0, 1},
		{"value_clip", o.ValueClip, 1e-6, 1e6},
		{"value_weight", o.ValueWeight, 0, 1e3},
		{"entropy", o.Entropy, 0, 10},
	} {
		if !(v.value >= v.lo && v.value <= v.hi) {
			wrong(v.key, "must be from %v to %v, is %v", v.lo, v.hi, v.value)
		}
	}
	return errors.Join(append(errs, o.Weights.check())...)
}

// asking is how programs to learn from are asked for.
func (o *OnlineRecipe) asking(mode reward.Mode) asking {
	return asking{
		form: o.Form, samples: o.Samples, temperature: o.Temperature, topP: o.TopP, maxTokens: o.MaxTokens, stop: o.Stop,
		purpose: "rollout", weights: precisions[o.Weights], coverage: mode == reward.Localised,
	}
}

// perPass is the number of batches that the programs of an iteration fill.
func (o *OnlineRecipe) perPass(s *Settings) int { return o.Prompts * o.Samples / s.Batch }

// fits reports what of the recipe does not fit the settings.
func (o *OnlineRecipe) fits(s *Settings) error {
	n := o.Prompts * o.Samples
	switch {
	case s.Batch < 1 || s.Accumulate < 1:
		return nil // which is reported already
	case n%s.Batch != 0:
		return recipe.Keyf("train.batch", "is %d: it has to divide the %d programs of an iteration, online.prompts times online.samples", s.Batch, n)
	case o.Passes*n/s.Batch%s.Accumulate != 0:
		return recipe.Keyf("train.accumulate", "is %d: it has to divide the %d batches of an iteration", s.Accumulate, o.Passes*n/s.Batch)
	case o.MaxTokens >= s.Length:
		return recipe.Keyf("online.max_tokens", "is %d, which leaves no room for a prompt in train.length, %d", o.MaxTokens, s.Length)
	}
	return nil
}

// loss is that of [Loss] for programs of the model's own; values says that it has a value head.
func (o *OnlineRecipe) loss(values bool) Loss {
	return func(g *tensor.Graph, f *model.Forward, s Shape) *tensor.Value {
		logp, hidden := logProbs(g, f, s)
		if !values {
			return o.objective(g, logp, nil, s)
		}
		return o.objective(g, logp, f.Values(hidden), s)
	}
}

// objective traces −Σ min(ρ·A, clip(ρ, 1 ± ε)·A) over all tokens, ρ = exp(logp − old)
// (Schulman et al., "Proximal Policy Optimization", 2017, eq. 7), and
// with values ½·ValueWeight·Σ max((V − R)², (clip(V, V_old ± ValueClip) − R)²).
//
// With Entropy it adds Entropy/2·Σ logp²: on tokens that the model draws itself, the
// gradient of that is minus the entropy's in expectation, ∇H = −E[log π·∇log π].
func (o *OnlineRecipe) objective(g *tensor.Graph, logp, values *tensor.Value, s Shape) *tensor.Value {
	in := func(name string) *tensor.Value { return g.Input(name, tensor.F32, s.B, s.T) }
	splat := func(x float64) *tensor.Value { return tensor.Splat(g, float32(x), s.B, s.T) }
	mask, advantages, zero, one := in("mask"), in("advantages"), splat(0), splat(1)
	count := tensor.SumAll(mask)
	d := tensor.Mul(tensor.Sub(logp, in("old")), mask)
	ratio := tensor.Map(tensor.Exp, d)
	loss := tensor.Scale(tensor.WeightedSum(clipped(ratio, advantages, o.Clip), mask), -1)

	off := tensor.Sub(ratio, one)
	outside := tensor.Select(tensor.Less, splat(o.Clip*o.Clip), tensor.Mul(off, off), one, zero)
	measure(g, "clip_fraction", tensor.WeightedSum(outside, mask), count)
	measure(g, "update_kl", tensor.SumAll(tensor.Sub(off, d)), count) // k3 between the weights that wrote and these
	if o.Entropy > 0 {
		kept := tensor.Mul(logp, mask)
		loss = tensor.Add(loss, tensor.Scale(tensor.SumAll(tensor.Mul(kept, kept)), float32(o.Entropy/2)))
	}
	if values == nil {
		return loss
	}
	before, returns := in("old values"), in("returns")
	moved := tensor.Minimum(tensor.Maximum(tensor.Sub(values, before), splat(-o.ValueClip)), splat(o.ValueClip))
	wrong := tensor.WeightedSum(tensor.Maximum(tensor.SquaredError(values, returns), tensor.SquaredError(tensor.Add(before, moved), returns)), mask)
	measure(g, "value_loss", wrong, count)
	return tensor.Add(loss, tensor.Scale(wrong, float32(o.ValueWeight/2)))
}
