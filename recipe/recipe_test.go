package recipe

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
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
	_       int               // unexported, like any other that is not the recipe's
	Ignored func()            `yaml:"-"`
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
	if d := cmp.Diff(want, r, same); d != "" {
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
	if d := cmp.Diff(want, again, same); d != "" {
		t.Fatalf("%s\n%s", d, raw)
	}
}

func TestFaults(t *testing.T) {
	deep := strings.Repeat("[", 100)
	for _, c := range []struct{ name, yaml, set, want string }{
		{"typo", "name: a\ntrain:\n  leraning_rate: 1", "", `r.yaml:3:3: unknown key "leraning_rate" under train (did you mean "learning_rate"?)`},
		{"typo at the top", "nmae: a", "", `r.yaml:1:1: unknown key "nmae" (did you mean "name"?)`},
		{"dash", "name: a\ntrain: {learning-rate: 1}", "", `r.yaml:2:9: unknown key "learning-rate" under train (did you mean "learning_rate"?)`},
		{"elsewhere", "name: a\nsteps: 1", "", `r.yaml:2:1: unknown key "steps" (did you mean train.steps?)`},
		{"unlike anything", "name: a\ntrain:\n  zzzzzzzz: 1", "", `unknown key "zzzzzzzz" under train (known are learning_rate, steps, every, betas, bias)`},
		{"in a list", "name: a\nsources:\n- path: x\n- pth: y", "", `r.yaml:4:3: unknown key "pth" under sources[1] (did you mean "path"?)`},
		{"twice", "name: a\nseed: 1\nname: b", "", `r.yaml:3:1: key "name" is there twice, first in line 1`},
		{"number", "name: a\ntrain:\n  learning_rate: fast", "", `r.yaml:3:18: train.learning_rate must be a number, not "fast"`},
		{"quoted number", "name: a\ntrain:\n  steps: '10'", "", `train.steps must be a whole number, not "10"`},
		{"fraction", "name: a\ntrain:\n  steps: 1.5", "", `r.yaml:3:10: train.steps must be a whole number, not 1.5`},
		{"small exponent", "name: a\ntrain:\n  steps: 1e-3", "", `train.steps must be a whole number, not 1e-3`},
		{"octal", "name: a\ntrain:\n  steps: 010", "", `train.steps must be a whole number, not 010`},
		{"hexadecimal", "name: a\ntrain:\n  steps: 0x10", "", `train.steps must be a whole number, not 0x10`},
		{"negative", "name: a\nseed: -1", "", `seed is out of range: -1`},
		{"overflow", "name: a\nthreads: 128", "", `r.yaml:2:10: threads is out of range: 128`},
		{"float overflow", "name: a\ntrain: {learning_rate: 1e999}", "", `train.learning_rate is out of range: 1e999`},
		{"nan", "name: a\ntrain: {learning_rate: .nan}", "", `train.learning_rate must be a number, not .nan`},
		{"yes", "name: a\ntrain: {bias: yes}", "", `train.bias must be true or false, not "yes"`},
		{"text for a number", "name: 12", "", `r.yaml:1:7: name must be a text, not 12 (in quotes it is a text: "12")`},
		{"text for true", "name: true", "", `name must be a text, not true (in quotes it is a text: "true")`},
		{"duration", "name: a\ntrain: {every: 5}", "", `train.every must be a duration such as 90s or 1h30m, not 5`},
		{"empty value", "name: a\ntrain:\n  steps:", "", `r.yaml:3:3: train.steps must be a whole number, not nothing (leave the key out for its default)`},
		{"list for a mapping", "name: a\ntrain: [1]", "", `r.yaml:2:8: train must be a mapping of keys to values, not a list`},
		{"mapping for a list", "name: a\nsources: {path: x}", "", `sources must be a list such as [a, b], not a mapping`},
		{"text for a list", "name: a\ntrain: {betas: 0.9}", "", `train.betas must be a list such as [a, b], not 0.9`},
		{"list for a text", "name: [a]", "", `name must be a text, not a list`},
		{"in a list of numbers", "name: a\ntrain: {betas: [0.9, x]}", "", `r.yaml:2:22: train.betas[1] must be a number, not "x"`},
		{"in a map", "name: a\ntags: {x: 1}", "", `r.yaml:2:11: tags.x must be a text, not 1`},
		{"missing", "seed: 1", "", `r.yaml: key "name" is missing`},
		{"missing in a list", "name: a\nsources:\n  - path: x\n  - share: 1", "", `r.yaml:4:5: key "path" under sources[1] is missing`},
		{"missing in a pointer", "name: a\nsample: {share: 1}", "", `r.yaml:2:1: key "path" under sample is missing`},
		{"empty", "", "", `r.yaml: key "name" is missing`},
		{"comments", "# nothing\n", "", `r.yaml: key "name" is missing`},
		{"null", "null", "", `r.yaml: key "name" is missing`},
		{"out of range", "name: a\ntrain:\n  steps: 3\n  learning_rate: -1", "", `r.yaml:4:3: train.learning_rate must be above 0, is -1`},
		{"two out of range", "name: a\ntrain:\n  steps: -3\n  learning_rate: 0", "", "r.yaml:3:3: train.steps must not be negative\nr.yaml:4:3: train.learning_rate must be above 0, is 0"},
		{"scalar", "just text", "", `r.yaml:1:1: the recipe must be a mapping of keys to values, not "just text"`},
		{"two documents", "name: a\n---\nname: b", "", `a recipe is one`},
		{"broken", "name: [a", "", `r.yaml:1:7: no YAML: `},
		{"tab", "train:\n\tsteps: 1", "", `no YAML: `},
		{"alias", "name: &n a\ntags: {a: *n}", "", `r.yaml:1:7: anchors and aliases are not read here: write the value out`},
		{"tag", "name: !!str 1", "", `r.yaml:1:7: tags are not read here`},
		{"merge", "name: a\ntrain:\n  <<: x", "", `merge keys are not read here`},
		{"directive", "%YAML 1.2\n---\nname: a", "", `directives are not read here`},
		{"complex key", "? [a, b]\n: c", "", `found an invalid key for this map`},
		{"not text", "name: \xff", "", `r.yaml: it is not UTF-8 text`},
		{"large", "name: " + strings.Repeat("a", maxBytes), "", `bytes: a recipe has at most`},
		{"long", "name: |\n" + strings.Repeat("\r", maxLines), "", `a recipe has at most 5000 lines`},
		{"deep flow", "name: " + deep, "", `nested too deep`},
		{"deep list", strings.Repeat("- ", 100) + "a", "", `nested too deep`},
		{"deep question", strings.Repeat("? ", 100) + "a", "", `nested too deep`},

		{"set typo", "name: a", "train.step=1", `--set train.step=1: unknown key "step" under train (did you mean "steps"?)`},
		{"set type", "name: a", "train.steps=many", `--set train.steps=many: train.steps must be a whole number, not "many"`},
		{"set nothing", "name: a", "train.steps=", `--set train.steps=: train.steps has no value: it must be a whole number`},
		{"set no value", "name: a", "train.steps", `--set train.steps: it must be KEY=VALUE`},
		{"set no key", "name: a", "=1", `it must be KEY=VALUE`},
		{"set out of range", "name: a\ntrain: {learning_rate: 1}", "train.learning_rate=0", `--set train.learning_rate=0: train.learning_rate must be above 0, is 0`},
		{"set below a scalar", "name: a", "seed.x=1", `--set seed.x=1: seed is a whole number, it has no "x"`},
		{"set no entry", "name: a", "sources[0].path=x", `sources has 0 entries, counted from 0: there is no [0]`},
		{"set entry without index", "name: a\nsources: [{path: x}]", "sources.path=x", `sources is a list: name an entry with sources[0]`},
		{"set index of none", "name: a", "train[0]=1", `train is no list`},
		{"set open index", "name: a\nsources: [{path: x}]", "sources[0=1", `there is no [0`},
		{"set broken", "name: a", "train.betas=[1", `--set train.betas=[1: no YAML: `},
		{"set alias", "name: a", "train.betas=*x", `--set train.betas=*x: anchors and aliases are not read here`},
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
			var e *Error
			if !errors.As(err, &e) || e.Error() == "" {
				t.Errorf("%T is no *Error", err)
			}
		})
	}
}

// TestManyFaults: all are found at once, in the order of their lines, up to a bound.
func TestManyFaults(t *testing.T) {
	var b strings.Builder
	for i := range 30 {
		fmt.Fprintf(&b, "wrong%d: 1\n", i)
	}
	r := defaults()
	err := Parse([]byte(b.String()), "r.yaml", &r, "bad=1")
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != maxShown+1 || !strings.HasPrefix(lines[0], "r.yaml:1:1: ") || lines[maxShown] != "r.yaml: and 11 more" {
		t.Fatal(err)
	}
}

func TestSet(t *testing.T) {
	r := defaults()
	r.Name = "a"
	r.Sources = []sourcePart{{"x", 1}}
	if err := Set(&r, "name=5: [", "train.betas=[1, 2]", "sample.path=p", "sources[0].share=0.5", "tags.new=v", "train.every=5s"); err != nil {
		t.Fatal(err)
	}
	want := defaults()
	want.Name, want.Train.Betas, want.Train.Every = "5: [", []float64{1, 2}, 5*time.Second
	want.Sources, want.Sample, want.Tags = []sourcePart{{"x", .5}}, &sourcePart{"p", 1}, map[string]string{"new": "v"}
	if d := cmp.Diff(want, r, same); d != "" {
		t.Fatal(d)
	}
	if err := Set(&r, "sample=null", "sources=[]", "tags={}"); err != nil || r.Sample != nil || r.Sources != nil || r.Tags != nil {
		t.Fatal(err, r)
	}
	if err := Set(&r, "train.steps=-1"); err == nil || !strings.HasPrefix(err.Error(), "--set train.steps=-1: train.steps must not be negative") {
		t.Fatal(err)
	}
}

func TestMarshal(t *testing.T) {
	r := defaults()
	r.Name, r.Tags = "yes", map[string]string{"b": "two\nlines", "a": "", "1": "#x"}
	r.Sources = []sourcePart{{"/a b", .1}, {"c", 2}}
	raw, err := Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	const want = `name: "yes"
seed: 0
train:
  learning_rate: 0.001
  steps: 0
  every: 0s
  betas: [0.9, 0.95]
  bias: false
sources:
  -
    path: "/a b"
    share: 0.1
  -
    path: c
    share: 2
tags:
  "1": "#x"
  a: ""
  b: "two\nlines"
sample: null
threads: 2
`
	if string(raw) != want {
		t.Fatalf("%s", raw)
	}
	for _, bad := range []func(*testRecipe){
		func(r *testRecipe) { r.Name = "\xff" },
		func(r *testRecipe) { r.Train.LearningRate = math.NaN() },
	} {
		r := defaults()
		bad(&r)
		if raw, err := Marshal(r); err == nil {
			t.Errorf("%s", raw)
		}
	}
}

func TestFingerprint(t *testing.T) {
	print := func(change func(*testRecipe)) string {
		r := defaults()
		change(&r)
		p, err := Fingerprint(&r)
		if err != nil || len(p) != 32 {
			t.Fatal(p, err)
		}
		return p
	}
	base := print(func(*testRecipe) {})
	if print(func(r *testRecipe) { r.Threads = 7 }) != base {
		t.Error("a volatile field counts")
	}
	if print(func(r *testRecipe) { r.Train.Steps = 7 }) == base {
		t.Error("a field does not count")
	}
}

// TestTypes: mistakes of the programmer are errors too.
func TestTypes(t *testing.T) {
	type loop struct {
		Next []loop `yaml:"next"`
	}
	for want, err := range map[string]error{
		"has no yaml tag": Parse(nil, "", &struct{ A int }{}),
		"cannot hold a func": Parse(nil, "", &struct {
			A func() `yaml:"a"`
		}{}),
		"cannot hold a interface": Parse(nil, "", &struct {
			A any `yaml:"a"`
		}{}),
		"holds itself": Parse(nil, "", &loop{}),
		"is there twice": Parse(nil, "", &struct {
			A int `yaml:"a"`
			B int `yaml:"a"`
		}{}),
		"keys must be strings": Parse(nil, "", &struct {
			A map[int]int `yaml:"a"`
		}{}),
		"is inline and no struct": Parse(nil, "", &struct {
			A int `yaml:",inline"`
		}{}),
		"cannot be named in --set": Parse(nil, "", &struct {
			A int `yaml:"a.b"`
		}{}),
		"a pointer to a pointer": Parse(nil, "", &struct {
			A **int `yaml:"a"`
		}{}),
		"is no struct":               Parse(nil, "", new(int)),
		"recipe: int is no struct":   func() error { _, err := Marshal(1); return err }(),
		"recipe: <nil> is no struct": func() error { _, err := Fingerprint(nil); return err }(),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// level is a text of its own making.
type level int

func (l level) MarshalText() ([]byte, error) { return []byte(strings.Repeat("i", int(l))), nil }

func (l *level) UnmarshalText(b []byte) error {
	if strings.Trim(string(b), "i") != "" {
		return errors.New("it is written iii")
	}
	*l = level(len(b))
	return nil
}

func TestText(t *testing.T) {
	var r struct {
		Level level            `yaml:"level"`
		More  map[string]level `yaml:"more"`
		Maybe *level           `yaml:"maybe"`
	}
	if err := Parse([]byte("level: iii\nmore: {a: i}\nmaybe: ii"), "r.yaml", &r); err != nil || r.Level != 3 || r.More["a"] != 1 || *r.Maybe != 2 {
		t.Fatal(err, r)
	}
	raw, err := Marshal(r)
	if err != nil || string(raw) != "level: iii\nmore:\n  a: i\nmaybe: ii\n" {
		t.Fatalf("%s %v", raw, err)
	}
	if err := Set(&r, "level=x"); err == nil || !strings.Contains(err.Error(), `level is "x": it is written iii`) {
		t.Fatal(err)
	}
}

var same = cmp.Options{cmpopts.IgnoreUnexported(testRecipe{}), cmpopts.IgnoreFields(testRecipe{}, "Ignored")}

// TestRoundTrip: what Marshal writes, Parse reads.
func TestRoundTrip(t *testing.T) {
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "null", "~", "1", "1e3", "true", "- a", "a: b", "a #b", " a ", "\u0085", "\ufeff", "\u2028", "\U0001f600", "'", "\"", "\\", "a\r\nb", "\x00", "*a", "&a", "!a", "%a", "@a", "`a", ".inf", "0x10", "2026-11-24", "---", "<<", "="}))
	float := rapid.Float64Range(math.SmallestNonzeroFloat64, math.Inf(1))
	source := rapid.Custom(func(t *rapid.T) sourcePart {
		return sourcePart{text.Filter(func(s string) bool { return s != "" }).Draw(t, "path"), rapid.Float32Range(0, math.MaxFloat32).Draw(t, "share")}
	})
	rapid.Check(t, func(t *rapid.T) {
		want := testRecipe{
			Name:   text.Filter(func(s string) bool { return s != "" }).Draw(t, "name"),
			Common: common{rapid.Uint64().Draw(t, "seed")},
			Train: trainPart{
				float.Draw(t, "learning rate"), rapid.IntMin(0).Draw(t, "steps"), time.Duration(rapid.Int64().Draw(t, "every")),
				rapid.SliceOf(rapid.Float64()).Draw(t, "betas"), rapid.Bool().Draw(t, "bias"),
			},
			Sources: rapid.SliceOf(source).Draw(t, "sources"),
			Tags:    rapid.MapOf(text, text).Draw(t, "tags"),
			Threads: rapid.Int8().Draw(t, "threads"),
		}
		if rapid.Bool().Draw(t, "sampled") {
			s := source.Draw(t, "sample")
			want.Sample = &s
		}
		raw, err := Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		got := defaults()
		if err := Parse(raw, "r.yaml", &got); err != nil {
			t.Fatalf("%v\n%s", err, raw)
		}
		if d := cmp.Diff(want, got, same, cmpopts.EquateEmpty()); d != "" {
			t.Fatalf("%s\n%s", d, raw)
		}
	})
}

// FuzzParse: anything is a recipe that Marshal and Parse agree on, or errors that say
// where.
func FuzzParse(f *testing.F) {
	f.Add([]byte(whole), "train.steps=1")
	f.Add([]byte("name: |\n  a\n  b\ntrain: {betas: [1, 2]}\nsources:\n- path: 'a'"), "sources[0].share=.5")
	f.Add([]byte("? a\n: b\n- &x !!y *z << %"), "a.b[0][1].c=[{}")
	f.Add([]byte("name: >-\n a\n\n\n b\n...\n---\n"), "tags={a: b}")
	f.Fuzz(func(t *testing.T, data []byte, set string) {
		r := defaults()
		err := Parse(data, "r.yaml", &r, set)
		if err == nil {
			raw, err := Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			again := defaults()
			if err := Parse(raw, "again.yaml", &again); err != nil {
				t.Fatalf("%v\n%s", err, raw)
			}
			if d := cmp.Diff(r, again, same, cmpopts.EquateEmpty()); d != "" {
				t.Fatal(d)
			}
			return
		}
		if s := err.Error(); !strings.HasPrefix(s, "r.yaml:") && !strings.HasPrefix(s, "--set ") {
			t.Fatal(s)
		}
	})
}

// TestHostile: what is made to take long or to nest ends soon, in an error or not.
func TestHostile(t *testing.T) {
	for _, unit := range []string{
		"[", "{", "- ", "-\n", "? ", "a: ", "a:\n", "\"", "'", "|", ">\n ", "#", "\n", " ", "*a ", "---\n", "a: b\n", "[a,", "{a: b},", "\r", ": ", "- - ", "[],",
	} {
		for _, before := range []string{"", "name: ", "name: \"", "name: |\n "} {
			r := defaults()
			in := before + strings.Repeat(unit, maxBytes/4/len(unit))
			_ = Parse([]byte(in), "r.yaml", &r) // a long text may be right
		}
	}
}
