package reward

import (
	"context"
	"fmt"
)

// Component says one thing about a program. To add one, make a Component and pass it to
// [New]; the recipe then gives it a weight.
type Component struct {
	Name string
	// Low and High bound its values.
	Low, High float64
	// Score looks at a program. It may be called from several goroutines at once. An error
	// means that nothing can be said, and fails the whole reward.
	Score func(context.Context, *Subject) (Score, error)

	// configure adapts a component of ours to its entry in the recipe.
	configure func(Term) (Component, error)
	closer    closer
}

// Score is what a component says of one program.
type Score struct {
	Value float64
	// Marks say where value was lost; spans are bytes of [Subject.Program]. What the value
	// would be without them, Value − Σ Amount, is at most the component's High.
	Marks []Mark
	// Absent: the component has nothing to say of such a problem, as data flow without a
	// reference. It then does not count.
	Absent bool
	Note   string // for people: what it saw
}

// rounding is how far sums of values may be off.
const rounding = 1e-9

// check finds what a component must not say.
func (v Score) check(c Component, size int) error {
	if v.Absent {
		return nil
	}
	if !finite(v.Value) || v.Value < c.Low || v.Value > c.High {
		return fmt.Errorf("the value %v is not in its range from %v to %v", v.Value, c.Low, c.High)
	}
	rest := v.Value
	for i, m := range v.Marks {
		if !finite(m.Amount) || m.Amount > 0 {
			return fmt.Errorf("mark %d: the amount %v is not a number up to 0", i+1, m.Amount)
		}
		for _, s := range m.Spans {
			if s.Start < 0 || s.End < s.Start || s.End > size {
				return fmt.Errorf("mark %d: bytes %d to %d are not in the program, which has %d", i+1, s.Start, s.End, size)
			}
		}
		rest -= m.Amount
	}
	if rest > c.High+rounding {
		return fmt.Errorf("the marks take away %.6g, but from the highest value %v down to %v there is only %.6g", rest-v.Value, c.High, v.Value, c.High-v.Value)
	}
	return nil
}

// Names of Hone's own components.
const (
	Syntax    = "syntax"
	Tests     = "tests"
	Solved    = "solved"
	Simulator = "simulator"
	DataFlow  = "dataflow"
	Style     = "style"
	Security  = "security"
)

// builtin are Hone's own components, in the order that reports show them.
func builtin() []Component {
	return []Component{
		{Name: Syntax, Low: 0, High: 1, Score: scoreSyntax},
		{Name: Tests, Low: -1, High: 1, Score: scoreTests},
		{Name: Solved, Low: 0, High: 1, Score: scoreSolved},
		{Name: Simulator, Low: 0, High: 1, Score: scoreSimulator},
		{Name: DataFlow, Low: 0, High: 1, configure: dataFlow},
		{Name: Style, Low: 0, High: 1, configure: style},
		{Name: Security, Low: 0, High: 1, configure: security},
	}
}
