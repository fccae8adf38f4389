// Package reward turns what happened when a program ran into a number, and spreads that
// number over the tokens that earned it.
//
// A [Formula] is a weighted sum of components: R = Σ weight·value, each component with a
// gate that says when it counts. A component looks at one [Subject], a program with the
// verdict of package judge on it, and says a value in its range and where that value was
// lost: [Mark]s, the negative parts with their places. So a value is always what is left
// over plus its marks, and [Assign] can move the negative parts of a reward to the tokens
// that caused them while the sum over all tokens stays R.
//
// The package runs no program. What needs execution is in the verdict; an external
// component is a command of the user's.
package reward

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	"hone/internal/words"
	"hone/problem"
	"hone/source"
)

// Input is one emitted text with the verdict on the program in it.
type Input struct {
	Problem *problem.Problem
	Verdict *problem.Verdict
	Form    problem.Form // how Text becomes a program
	Text    string       // as the model wrote it, without special tokens
}

// Result is the reward of one text, before any normalisation unless [Normalise] made it.
type Result struct {
	Reward float64 `json:"reward"` // R, the sum of the parts' rewards
	Parts  []Part  `json:"parts"`
	// Program is where the program stands in the text: spans in order, apart from each other.
	Program []source.Span `json:"program"`
}

// Components are the values of the parts that counted, by name.
func (r *Result) Components() map[string]float64 {
	out := map[string]float64{}
	for _, p := range r.Parts {
		if p.Counted {
			out[p.Component] = p.Value
		}
	}
	return out
}

// Part is what one component gave.
type Part struct {
	Component string  `json:"component"`
	Value     float64 `json:"value"` // in [Low, High]
	Low       float64 `json:"low"`
	High      float64 `json:"high"`
	Weight    float64 `json:"weight"`
	// Counted says that the gate was open and the component had something to say; if not,
	// Reward is 0.
	Counted bool    `json:"counted"`
	Note    string  `json:"note,omitempty"`
	Reward  float64 `json:"reward"` // Weight·Value
	// Marks are the negative parts of Reward; their spans are bytes of the text, and only of
	// the program in it.
	Marks []Mark `json:"marks,omitempty"`
}

// Mark is a negative part of a value and where it was caused.
type Mark struct {
	// Spans are the places, in order; with none the place is unknown, or nothing that the
	// model wrote. An empty span stands for the place between two bytes.
	Spans  []source.Span `json:"spans,omitempty"`
	Amount float64       `json:"amount"` // at most 0
	Why    string        `json:"why"`
}

// Formula gives rewards. It is safe for concurrent use.
type Formula struct {
	recipe Recipe
	terms  []term
}

// term is a component in a formula.
type term struct {
	Component
	weight float64
	gate   Gate
}

// New makes the formula of a recipe. Components of the caller's own are extra; each counts
// if the recipe names it. Commands of external components start when first asked.
func New(r Recipe, extra ...Component) (*Formula, error) {
	r = r.resolved()
	f := &Formula{recipe: r}
	known := slices.Concat(builtin(), extra)
	for _, name := range slices.Sorted(maps.Keys(r.Components)) {
		t := r.Components[name]
		c, err := component(name, t, known)
		if err != nil {
			f.Close()
			return nil, err
		}
		if t.Gate == GatePassed && c.Low < 0 {
			f.Close()
			return nil, fmt.Errorf("reward component %q can be as low as %v and counts only once a test passes, so that passing could lower the reward: say gate: always, or give it a range from 0", name, c.Low)
		}
		f.terms = append(f.terms, term{c, t.Weight, t.Gate})
	}
	slices.SortStableFunc(f.terms, func(a, b term) int { return order(a.Name) - order(b.Name) })
	return f, nil
}

// component finds or makes the component that a recipe names.
func component(name string, t Term, known []Component) (Component, error) {
	i := slices.IndexFunc(known, func(c Component) bool { return c.Name == name })
	switch {
	case len(t.Command) > 0 && i >= 0:
		return Component{}, fmt.Errorf("reward component %q is one of Hone's own: give the command another name", name)
	case len(t.Command) > 0:
		return external(name, t), nil
	case i < 0:
		var names []string
		for _, c := range known {
			names = append(names, c.Name)
		}
		return Component{}, fmt.Errorf("reward component %q is not known (is %q meant?); known are %s, any other needs a command", name, words.Nearest(name, names), strings.Join(names, ", "))
	}
	c := known[i]
	if c.configure != nil {
		return c.configure(t)
	}
	return c, nil
}

// order puts Hone's own components first.
func order(name string) int {
	own := builtin()
	if i := slices.IndexFunc(own, func(c Component) bool { return c.Name == name }); i >= 0 {
		return i
	}
	return len(own)
}

// Recipe is the recipe with everything spelled out.
func (f *Formula) Recipe() Recipe { return f.recipe }

// Close ends external commands.
func (f *Formula) Close() error {
	var errs []error
	for _, t := range f.terms {
		if t.closer != nil {
			errs = append(errs, t.closer.Close())
		}
	}
	return errors.Join(errs...)
}

// ErrNotScored means that there is nothing to give a reward for: no tests, or a fault of
// the judge's. Such a text leaves its group; it is never worth 0.
var ErrNotScored = errors.New("no reward")

// Score gives the reward of one text.
func (f *Formula) Score(ctx context.Context, in Input) (*Result, error) {
	s, err := newSubject(in)
	if err != nil {
		return nil, err
	}
	r := &Result{Program: s.written(source.Span{Start: 0, End: len(s.Program)})}
	for _, t := range f.terms {
		p, err := t.score(ctx, s)
		if err != nil {
			return nil, fmt.Errorf("%s: reward component %q: %w", s.name(), t.Name, err)
		}
		r.Parts = append(r.Parts, p)
	}
	r.sum()
	return r, nil
}

// sum makes the reward the sum of the parts'.
func (r *Result) sum() {
	r.Reward = 0
	for _, p := range r.Parts {
		r.Reward += p.Reward
	}
}

func (t term) score(ctx context.Context, s *Subject) (Part, error) {
	p := Part{Component: t.Name, Low: t.Low, High: t.High, Weight: t.weight}
	v, err := t.Score(ctx, s)
	if err == nil {
		err = v.check(t.Component, len(s.Program))
	}
	if err != nil {
		return p, err
	}
	p.Value, p.Note = v.Value, v.Note
	p.Counted = !v.Absent && s.open(t.gate)
	if !p.Counted {
		if p.Note == "" {
			p.Note = "not counted: " + string(t.gate)
		}
		return p, nil
	}
	p.Reward = t.weight * v.Value
	for _, m := range v.Marks {
		m.Amount *= t.weight
		m.Spans = s.marked(m.Spans)
		p.Marks = append(p.Marks, m)
	}
	return p, nil
}

// closer is what an external component holds.
type closer = io.Closer

// finite reports whether x is a number.
func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
