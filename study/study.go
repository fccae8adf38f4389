// Package study runs grids of commands: every combination of the values of some axes and of
// seeds is a cell. A cell's folder is named after a hash of all that decides its result, so that
// what is there is not made again, by this study or another one, and what was stopped goes on.
// Tables put cells side by side with intervals over seeds.
package study

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"hone/recipe"
)

// Study is a file that describes one; see docs/study.md.
type Study struct {
	Name   string  `yaml:"name,required"`
	About  string  `yaml:"about"` // what is asked, for the report
	Seeds  []int   `yaml:"seeds,required"`
	Axes   []Axis  `yaml:"axes"`
	Steps  []Step  `yaml:"steps,required"`
	Tables []Table `yaml:"tables"`
	Curves []Curve `yaml:"curves"`
}

// Axis is what cells differ in.
type Axis struct {
	Name   string  `yaml:"name,required"`
	Values []Value `yaml:"values,required"`
}

// Value is one of an axis. Its arguments take the place of {axis} where that is a whole argument of a step.
type Value struct {
	Name string   `yaml:"name,required"`
	Args []string `yaml:"args"`
}

// Step is a command of hone, run once for every combination of its axes and, unless Once, of seeds.
// Its arguments may have {seed}, {dir} (its own folder), {STEP} (the folder of an earlier step, with
// the same values of the axes they share), {AXIS} (within an argument the value's name, as a whole
// argument the value's arguments).
type Step struct {
	Name string   `yaml:"name,required"`
	Axes []string `yaml:"axes"`
	Once bool     `yaml:"once"`
	Args []string `yaml:"args,required"`
	// Only limits an axis to some of its values.
	Only map[string][]string `yaml:"only"`
	// More has arguments that come last where an axis has a value: what only this step needs of it.
	More map[string]map[string][]string `yaml:"more"`
}

// Table shows a number of a step's cells: means over seeds with intervals.
type Table struct {
	Title   string  `yaml:"title,required"`
	Step    string  `yaml:"step,required"`
	Value   string  `yaml:"value,required"` // its path in what the step prints, such as scores.f1.value
	Rows    string  `yaml:"rows,required"`  // an axis
	Columns string  `yaml:"columns"`        // another; none: one column
	Scale   float64 `yaml:"scale"`          // what numbers are multiplied with
	// Only limits an axis to some of its values.
	Only   map[string][]string `yaml:"only"`
	Beside []Beside            `yaml:"beside"`
}

// Default fills t in.
func (t *Table) Default() { t.Scale = 1 }

// Beside is another number of the cells, shown as a last row: a baseline, say.
type Beside struct {
	Name  string `yaml:"name,required"`
	Value string `yaml:"value,required"` // its path
}

// Curve shows a number as it changes along the rows of a file that a step leaves in its folder.
type Curve struct {
	Title string `yaml:"title,required"`
	Step  string `yaml:"step,required"`
	File  string `yaml:"file"` // JSON lines
	X     string `yaml:"x"`    // paths in its rows
	Y     string `yaml:"y,required"`
	Lines string `yaml:"lines,required"` // an axis: a line for each value, the mean over all else
}

// Default fills c in.
func (c *Curve) Default() { c.File, c.X = "metrics.jsonl", "step" }

// reserved are placeholders that no axis or step can be called.
var reserved = []string{"seed", "dir"}

var placeholder = regexp.MustCompile(`\{([a-z][a-z0-9_-]*)\}`)

// Check reports what does not fit together.
func (s *Study) Check() error {
	var errs []error
	wrong := func(key, format string, args ...any) { errs = append(errs, recipe.Keyf(key, format, args...)) }
	if len(s.Seeds) == 0 {
		wrong("seeds", "are missing: one at least")
	}
	names := slices.Clone(reserved)
	define := func(key, name string) {
		if !placeholder.MatchString("{" + name + "}") {
			wrong(key, "is %q: a name has small letters, digits, _ and -", name)
		}
		if slices.Contains(names, name) {
			wrong(key, "is %q, which is there already", name)
		}
		names = append(names, name)
	}
	for i, a := range s.Axes {
		define(fmt.Sprintf("axes[%d].name", i), a.Name)
		var values []string
		for j, v := range a.Values {
			if slices.Contains(values, v.Name) {
				wrong(fmt.Sprintf("axes[%d].values[%d].name", i, j), "is %q, which is there already", v.Name)
			}
			values = append(values, v.Name)
		}
	}
	steps := map[string]*Step{}
	for i := range s.Steps {
		st := &s.Steps[i]
		key := fmt.Sprintf("steps[%d]", i)
		for _, a := range st.Axes {
			if s.axis(a) == nil {
				wrong(key+".axes", "has %q, which is no axis", a)
			}
		}
		errs = append(errs, s.checkOnly(key+".only", st.Only, st))
		for _, a := range slices.Sorted(maps.Keys(st.More)) {
			errs = append(errs, s.checkOnly(key+".more", map[string][]string{a: slices.Sorted(maps.Keys(st.More[a]))}, st))
		}
		for _, arg := range st.all() {
			for _, m := range placeholder.FindAllStringSubmatch(arg, -1) {
				errs = append(errs, s.checkPlaceholder(key+".args", m[1], st, steps))
			}
		}
		define(key+".name", st.Name)
		steps[st.Name] = st
	}
	use := func(key, step string, axes ...string) {
		st := steps[step]
		if st == nil {
			wrong(key+".step", "is %q, which is no step", step)
			return
		}
		for _, a := range axes {
			if a != "" && !slices.Contains(st.Axes, a) {
				wrong(key, "has %q, which is no axis of the step %s", a, step)
			}
		}
	}
	for i, t := range s.Tables {
		key := fmt.Sprintf("tables[%d]", i)
		use(key, t.Step, t.Rows, t.Columns)
		if st := steps[t.Step]; st != nil {
			errs = append(errs, s.checkOnly(key+".only", t.Only, st))
		}
	}
	for i, c := range s.Curves {
		use(fmt.Sprintf("curves[%d]", i), c.Step, c.Lines)
	}
	return errors.Join(errs...)
}

// all are the arguments of a step, whatever the values of its axes.
func (st *Step) all() []string {
	out := slices.Clone(st.Args)
	for _, axis := range slices.Sorted(maps.Keys(st.More)) {
		for _, value := range slices.Sorted(maps.Keys(st.More[axis])) {
			out = append(out, st.More[axis][value]...)
		}
	}
	return out
}

// checkOnly reports what is no value of an axis of the step.
func (s *Study) checkOnly(key string, only map[string][]string, st *Step) error {
	for _, a := range slices.Sorted(maps.Keys(only)) {
		for _, v := range only[a] {
			if !slices.Contains(st.Axes, a) || s.axis(a).value(v) == nil {
				return recipe.Keyf(key, "has %s: %s, which is no value of an axis of the step", a, v)
			}
		}
	}
	return nil
}

func (s *Study) checkPlaceholder(key, name string, st *Step, before map[string]*Step) error {
	other := before[name]
	switch {
	case name == "dir", slices.Contains(st.Axes, name):
		return nil
	case name == "seed":
		if st.Once {
			return recipe.Keyf(key, "has {seed}, but the step runs once for all seeds")
		}
		return nil
	case other == nil:
		return recipe.Keyf(key, "has {%s}, which is neither seed, dir, an axis of the step, nor an earlier step", name)
	case st.Once && !other.Once:
		return recipe.Keyf(key, "has {%s}, which runs for every seed, but the step runs once", name)
	}
	for _, a := range other.Axes {
		if !slices.Contains(st.Axes, a) {
			return recipe.Keyf(key, "has {%s}, which differs in %s, but the step does not", name, a)
		}
	}
	return nil
}

func (s *Study) axis(name string) *Axis {
	for i := range s.Axes {
		if s.Axes[i].Name == name {
			return &s.Axes[i]
		}
	}
	return nil
}

func (a *Axis) value(name string) *Value {
	if a == nil {
		return nil
	}
	for i := range a.Values {
		if a.Values[i].Name == name {
			return &a.Values[i]
		}
	}
	return nil
}

// Cell is one command.
type Cell struct {
	Step string            `json:"step"`
	At   map[string]string `json:"at"`             // the values of its axes
	Seed int               `json:"seed,omitempty"` // 0 of a step that runs once
	Key  string            `json:"key"`            // the name of its folder: a hash of all that decides the result
	Args []string          `json:"args"`           // with {cell:KEY} for the folders of cells
	Of   []string          `json:"-"`              // keys of the cells that it needs
}

// Cells are all of the study, each after those that it needs. Files that arguments name count with
// what is in them.
func (s *Study) Cells() ([]Cell, error) {
	var out []Cell
	made := map[string]Cell{}
	for i := range s.Steps {
		st := &s.Steps[i]
		for _, at := range s.combinations(st) {
			seeds := s.Seeds
			if st.Once {
				seeds = []int{0}
			}
			for _, seed := range seeds {
				c, err := s.cell(st, at, seed, made)
				if err != nil {
					return nil, err
				}
				made[address(st, at, seed)] = c
				out = append(out, c)
			}
		}
	}
	return out, nil
}

// combinations are those of the values of a step's axes.
func (s *Study) combinations(st *Step) []map[string]string {
	all := []map[string]string{{}}
	for _, name := range st.Axes {
		var more []map[string]string
		for _, at := range all {
			for _, v := range s.axis(name).Values {
				if only := st.Only[name]; only != nil && !slices.Contains(only, v.Name) {
					continue
				}
				next := map[string]string{name: v.Name}
				for k, x := range at {
					next[k] = x
				}
				more = append(more, next)
			}
		}
		all = more
	}
	return all
}

// address says which cell of a step it is.
func address(st *Step, at map[string]string, seed int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%q", st.Name)
	for _, a := range st.Axes {
		fmt.Fprintf(&b, " %q=%q", a, at[a])
	}
	if !st.Once {
		fmt.Fprintf(&b, " %d", seed)
	}
	return b.String()
}

func (s *Study) cell(st *Step, at map[string]string, seed int, made map[string]Cell) (Cell, error) {
	c := Cell{Step: st.Name, At: at, Seed: seed}
	var failed error
	fill := func(arg string) string {
		return placeholder.ReplaceAllStringFunc(arg, func(m string) string {
			name := m[1 : len(m)-1]
			if v, ok := at[name]; ok {
				return v
			}
			switch name {
			case "seed":
				return fmt.Sprint(seed)
			case "dir":
				return m
			}
			i := slices.IndexFunc(s.Steps, func(o Step) bool { return o.Name == name })
			other, ok := made[address(&s.Steps[i], at, seed)]
			if !ok {
				failed = fmt.Errorf("study: step %s at %v needs a cell of %s that its only leaves out", st.Name, at, name)
				return m
			}
			c.Of = append(c.Of, other.Key)
			return "{cell:" + other.Key + "}"
		})
	}
	for _, arg := range st.Args {
		if m := placeholder.FindStringSubmatch(arg); m != nil && m[0] == arg && slices.Contains(st.Axes, m[1]) {
			for _, a := range s.axis(m[1]).value(at[m[1]]).Args {
				c.Args = append(c.Args, fill(a))
			}
			continue
		}
		c.Args = append(c.Args, fill(arg))
	}
	for _, axis := range st.Axes {
		for _, arg := range st.More[axis][at[axis]] {
			c.Args = append(c.Args, fill(arg))
		}
	}
	h := sha256.New()
	for _, a := range c.Args {
		fmt.Fprintf(h, "%q\n", a)
		if raw, err := readSmall(a); err == nil {
			fmt.Fprintf(h, "file %x\n", sha256.Sum256(raw))
		}
	}
	c.Key = hex.EncodeToString(h.Sum(nil)[:8])
	return c, failed
}

// maxHashed bounds the files whose content counts: recipes, not data.
const maxHashed = 1 << 20

func readSmall(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxHashed {
		return nil, fmt.Errorf("%s is no small file", path)
	}
	return os.ReadFile(path)
}
