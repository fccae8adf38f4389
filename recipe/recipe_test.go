package recipe

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type trainPart struct {
	LearningRate float64       `yaml:"learning_rate"`
	Steps        int           `yaml:"steps"`
	Every        time.Duration `yaml:"every"`
	Betas        []float64     `yaml:"betas"`
	Bias         bool          `yaml:"bias"`
}

func (p *trainPart) Check() error {
	var errs []error
	if p.LearningRate <= 0 {
		errs = append(errs, Keyf("learning_rate", "must be above 0, is %v", p.LearningRate))
	}
	if p.Steps < 0 {
		errs = append(errs, Keyf("steps", "must not be negative"))
	}
	return errors.Join(errs...)
}

type sourcePart struct {
	Path  string  `yaml:"path,required"`
	Share float32 `yaml:"share"`
}

func (s *sourcePart) Default() { s.Share = 1 }

type common struct {
	Seed uint64 `yaml:"seed"`
}

type testRecipe struct {
	common  `yaml:"-"`
	Name    string            `yaml:"name,required"`
	Common  common            `yaml:",inline"`
	Train   trainPart         `yaml:"train"`
	Sources []sourcePart      `yaml:"sources"`
	Tags    map[string]string `yaml:"tags"`
	Sample  *sourcePart       `yaml:"sample"`
	Threads int8              `yaml:"threads,volatile"`
}

func defaults() testRecipe {
	return testRecipe{Train: trainPart{LearningRate: 1e-3, Betas: []float64{0.9, 0.95}}, Threads: 2}
}

const whole = `# a comment
name: tiny
seed: 7
train:
  learning_rate: 1e-4
  steps: 3_000
  every: 1h30m
  betas: [0.9, 0.999]
  bias: true
sources:
  - path: /usr/lib/python3
  - {path: src, share: .5}
tags: {a: "1", b: no}
sample:
  path: x y
`

func TestParse(t *testing.T) {
	r := defaults()
	if err := Parse([]byte(whole), "r.yaml", &r, "train.steps=1e4", "sources[1].path=lib", "tags.c=d=e", "threads=1"); err != nil {
		t.Fatal(err)
	}
	want := testRecipe{
		Name: "tiny", Common: common{7},
		Train:   trainPart{LearningRate: 1e-4, Steps: 10000, Every: 90 * time.Minute, Betas: []float64{.9, .999}, Bias: true},
		Sources: []sourcePart{{"/usr/lib/python3", 1}, {"lib", .5}},
		Tags:    map[string]string{"a": "1", "b": "no", "c": "d=e"},
		Sample:  &sourcePart{"x y", 1},
		Threads: 1,
	}
	if d := cmp.Diff(want, r, cmp.AllowUnexported(testRecipe{})); d != "" {
		t.Fatal(d)
	}
	raw, err := Marshal(&r)
	if err != nil {
		t.Fatal(err)
	}
	var again testRecipe
	if err := Parse(raw, "again.yaml", &again); err != nil {
		t.Fatalf("%v\n%s", err, raw)
	}
	if d := cmp.Diff(want, again, cmp.AllowUnexported(testRecipe{})); d != "" {
		t.Fatalf("%s\n%s", d, raw)
	}
}

func TestFaults(t *testing.T) {
	for _, c := range []struct{ name, yaml, set, want string }{
		{"typo", "name: a\ntrain:\n  leraning_rate: 1", "", `r.yaml:3:3: unknown key "leraning_rate" under train (did you mean "learning_rate"?)`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := defaults()
			var sets []string
			if c.set != "" {
				sets = append(sets, c.set)
			}
			err := Parse([]byte(c.yaml), "r.yaml", &r, sets...)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}
