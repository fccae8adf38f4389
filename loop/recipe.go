// Package loop makes a code model better by running the code it writes, and shows by how
// much: it draws programs from the model for problems with tests, has them judged, trains on
// what came out in the stages of a recipe, and measures the model before and after each on
// problems that were held out.
//
// Everything is kept in a folder, and whatever is complete there is not done again: a loop
// that was stopped or killed goes on when it is run again.
package loop

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"hone/problem"
	"hone/recipe"
	"hone/reward"
	"hone/train"
)

// Names that stages use for what the loop has or makes.
const (
	Base       = "base"       // model.from: the model that the loop begins with
	Collected  = "collected"  // offline.path: programs that the base model wrote, judged; rows.path: the same, whatever came of them
	References = "references" // rows.path: prompts and references of the problems
	Passed     = "passed"     // rows.path: programs that the model wrote and that passed, see [Stage.Rounds]
	Problems   = "problems"   // online.problems
)

// Recipe describes a loop; see package recipe for how it is read.
type Recipe struct {
	Name     string       `yaml:"name,required"`     // of the folder
	Model    string       `yaml:"model,required"`    // a folder in the Hugging Face layout
	Problems []string     `yaml:"problems,required"` // files of problems to learn from
	HeldOut  []string     `yaml:"held_out,required"` // files of problems to measure on
	Form     problem.Form `yaml:"form"`              // how what is written becomes a program
	Stop     []string     `yaml:"stop"`              // texts that end a program
	Seeds    []uint64     `yaml:"seeds"`             // all stages are run once with each
	// Reward is what programs that are collected are worth, and what style and security are
	// measured by. Stages have their own.
	Reward   *reward.Recipe `yaml:"reward"`
	Evaluate Sampling       `yaml:"evaluate"`
	Collect  Sampling       `yaml:"collect"`
	Stages   []Stage        `yaml:"stages"` // none: the model is only measured
}

// DefaultRecipe is what a recipe's file is read over.
func DefaultRecipe() Recipe {
	r := Recipe{
		Form: problem.FormCompletion, Seeds: []uint64{1},
		Evaluate: Sampling{Samples: 10, Temperature: 0.8, TopP: 1, MaxTokens: 256},
		Collect:  Sampling{Samples: 8, Temperature: 1, TopP: 1, MaxTokens: 256},
	}
	return r
}

// Sampling says how programs are drawn.
type Sampling struct {
	Samples     int     `yaml:"samples" json:"samples"` // for each problem
	Temperature float64 `yaml:"temperature" json:"temperature"`
	TopP        float64 `yaml:"top_p" json:"top_p"`
	MaxTokens   int     `yaml:"max_tokens" json:"max_tokens"`
}

// What Stage.MatchBy can be.
const (
	Computing = "computing" // see [Cost.Passes]
	Seconds   = "seconds"
)

// Stage is a training run in which names stand for what the loop has or makes: [Base] or
// another stage for a model, [Collected], [References], [Passed], [Problems].
type Stage struct {
	train.Recipe `yaml:",inline"`
	// Rounds, of a stage that learns from [Passed], is how often the model writes programs and is
	// trained on those that passed: once is fine-tuning by rejection sampling (Yuan et al. 2023,
	// "Scaling relationship on learning mathematical reasoning"), more is expert iteration
	// (Anthony et al. 2017; Polu et al. 2022), in which each round goes on from the model of the one before.
	Rounds int `yaml:"rounds"`
	// Most is how many of a problem's programs that passed are kept; see passed.
	Most int `yaml:"most"`
	// Ran has such a stage learn also from what only ran to its end, where nothing passed.
	Ran bool `yaml:"ran"`
	// First is how many of the problems such a stage learns from, the first ones; 0: all.
	First int `yaml:"first"`
	// Match makes the stage, of kind sft, as long as another one and all that came before it, but
	// at least train.steps long: as many steps as take the same MatchBy.
	Match   string `yaml:"match"`
	MatchBy string `yaml:"match_by"`
}

// Default fills s in.
func (s *Stage) Default() {
	*s = Stage{Recipe: train.DefaultRecipe(), Rounds: 1, Most: 4, MatchBy: Computing}
}

// Check reports values that cannot be.
func (s *Stage) Check() error {
	errs := []error{s.Recipe.Check()}
	wrong := func(key, format string, args ...any) { errs = append(errs, recipe.Keyf(key, format, args...)) }
	switch {
	case s.Rounds < 1:
		wrong("rounds", "must be at least 1, is %d", s.Rounds)
	case s.Rounds > 1 && !s.passed():
		wrong("rounds", "is %d: only a stage with rows.path: %s has more than one", s.Rounds, Passed)
	case s.Rounds > 1 && s.Match != "":
		wrong("match", "is for stages of one round, this one has %d", s.Rounds)
	}
	if s.Most < 1 {
		wrong("most", "must be at least 1, is %d", s.Most)
	}
	if s.Ran && !s.passed() {
		wrong("ran", "is for stages with rows.path: %s", Passed)
	}
	switch {
	case s.First < 0:
		wrong("first", "must be a number of problems, or 0 for all, is %d", s.First)
	case s.First > 0 && !s.passed():
		wrong("first", "is %d: only a stage with rows.path: %s learns from the first problems alone", s.First, Passed)
	}
	if s.MatchBy != Computing && s.MatchBy != Seconds {
		wrong("match_by", "must be %s or %s, is %q", Computing, Seconds, s.MatchBy)
	}
	if s.Match != "" && s.Kind != train.SFT {
		wrong("match", "is for stages of kind sft, this one is of kind %s", s.Kind)
	}
	return errors.Join(errs...)
}

// passed reports whether the stage learns from programs of its model that passed.
func (s *Stage) passed() bool { return s.Rows != nil && s.Rows.Path == Passed }

// collected reports whether the stage learns from what the base model wrote.
func (s *Stage) collected() bool {
	return s.Kind == train.Offline || s.Rows != nil && s.Rows.Path == Collected || s.passed() && s.Model.From == Base
}

// Check reports what does not fit together.
func (r *Recipe) Check() error {
	var errs []error
	wrong := func(key, format string, args ...any) { errs = append(errs, recipe.Keyf(key, format, args...)) }
	if r.Form != problem.FormCompletion && r.Form != problem.FormSolution && r.Form != problem.FormResponse {
		wrong("form", "must be completion, solution or response, is %q", r.Form)
	}
	if len(r.Seeds) == 0 {
		wrong("seeds", "is empty: at least one is needed")
	}
	for i, s := range r.Seeds {
		if slices.Contains(r.Seeds[:i], s) {
			wrong(fmt.Sprintf("seeds[%d]", i), "is %d again", s)
		}
	}
	for _, s := range []struct {
		key string
		Sampling
	}{{"evaluate", r.Evaluate}, {"collect", r.Collect}} {
		switch {
		case s.Samples < 1:
			wrong(s.key+".samples", "must be at least 1, is %d", s.Samples)
		case !(s.Temperature > 0):
			wrong(s.key+".temperature", "must be above 0, is %v (greedy programs are measured besides)", s.Temperature)
		case !(s.TopP > 0 && s.TopP <= 1):
			wrong(s.key+".top_p", "must be above 0 and at most 1, is %v", s.TopP)
		case s.MaxTokens < 1:
			wrong(s.key+".max_tokens", "must be at least 1, is %d", s.MaxTokens)
		}
	}
	known := []string{Base}
	for i := range r.Stages {
		s := &r.Stages[i]
		key := func(k string) string { return fmt.Sprintf("stages[%d].%s", i, k) }
		switch {
		case strings.ContainsAny(s.Name, `/\`) || s.Name == "." || s.Name == "..":
			wrong(key("name"), "is %q: it names a folder", s.Name)
		case slices.Contains(known, s.Name):
			wrong(key("name"), "is %q, as another stage", s.Name)
		}
		if !slices.Contains(known, s.Model.From) {
			wrong(key("model.from"), "is %q: it must be %s", s.Model.From, either(known))
		}
		for _, given := range []struct{ key, is, must string }{
			{"offline.path", path(s.Offline, func(o *train.OfflineRecipe) string { return o.Path }), Collected},
			{"online.problems", path(s.Online, func(o *train.OnlineRecipe) string { return o.Problems }), Problems},
		} {
			if given.is != "" && given.is != given.must {
				wrong(key(given.key), "is %q: a stage learns from %q", given.is, given.must)
			}
		}
		if s.Rows != nil && !slices.Contains([]string{References, Passed, Collected}, s.Rows.Path) {
			wrong(key("rows.path"), "is %q: a stage learns from %q, %q or %q", s.Rows.Path, References, Passed, Collected)
		}
		if s.Match != "" && !slices.Contains(known[1:], s.Match) {
			wrong(key("match"), "is %q: it must be %s", s.Match, either(known[1:]))
		}
		known = append(known, s.Name)
	}
	return errors.Join(errs...)
}

// path is a field of a section, "" where there is no section.
func path[T any](section *T, field func(*T) string) string {
	if section == nil {
		return ""
	}
	return field(section)
}

func either(names []string) string {
	if len(names) == 0 {
		return "an earlier stage, of which there is none"
	}
	return strings.Join(names, " or ")
}

// stage is the stage of a name.
func (r *Recipe) stage(name string) *Stage {
	for i := range r.Stages {
		if r.Stages[i].Name == name {
			return &r.Stages[i]
		}
	}
	return nil
}

// lineage are the stages that lead to a model, the last one first.
func (r *Recipe) lineage(name string) []*Stage {
	var out []*Stage
	for s := r.stage(name); s != nil; s = r.stage(s.Model.From) {
		out = append(out, s)
	}
	return out
}
