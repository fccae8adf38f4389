// Package task holds labelled programs for understanding tasks: what rows there are, how public
// and own files are read and split, what is wrong with a split, how results are scored, and what
// a bag of tokens reaches, beside which every model is put.
package task

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"hone/corpus"
	"hone/recipe"
)

// Kind is what is asked of a row.
type Kind string

// The kinds.
const (
	Classification Kind = "classification" // which label has Text?
	Pairs          Kind = "pairs"          // which label have Text and Other together?
	Tokens         Kind = "tokens"         // which labels have the spans of Text?
	Search         Kind = "search"         // which Text belongs to the query Other?
	Clones         Kind = "clones"         // which Texts have the same label?
)

// Kinds are all of them.
func Kinds() []Kind { return []Kind{Classification, Pairs, Tokens, Search, Clones} }

// Row is a labelled program.
type Row struct {
	ID    string `json:"id,omitempty"`
	Text  string `json:"text"`
	Other string `json:"other,omitempty"` // of pairs and search
	Label string `json:"label,omitempty"`
	Spans []Span `json:"spans,omitempty"` // of tokens
	// Group is what is not divided between splits: a project, a family, a problem.
	Group string `json:"group,omitempty"`
	Split string `json:"split,omitempty"` // train, validation or test; empty: the group decides
}

// Span is a piece of a text, in bytes, and its label.
type Span struct {
	Start int    `json:"start"`
	End   int    `json:"end"`
	Label string `json:"label"`
}

// Config says where rows are and how they are split.
type Config struct {
	Kind   Kind   `yaml:"kind,required"`
	Format string `yaml:"format,required"`
	Path   string `yaml:"path,required"` // a file or, as the format has it, a folder
	// By is what groups are, where a format has several; see [Formats].
	By string `yaml:"by"`
	// Validation and Test are the shares of groups in these splits, where the format has none.
	Validation float64 `yaml:"validation"`
	Test       float64 `yaml:"test"`
	Seed       uint64  `yaml:"seed"` // of splits and of what Share takes
	// Share of the training rows that is used, of every label the same.
	Share float64 `yaml:"share"`
	// Leaks says what happens to training rows that are near-duplicates of rows in other splits:
	// drop them or keep them. They are counted either way.
	Leaks string `yaml:"leaks"`
	// Weights says how much labels weigh: see [Set.Weights]. none: all the same. balanced: n/(k·n_l) of label l,
	// which n_l of n training rows (of tokens: spans) have, with k labels (King and Zeng, "Logistic Regression in
	// Rare Events Data", 2001, §4.2; scikit-learn's "balanced"), so that each label's rows weigh as much as another's together. What is
	// weighted has another [Set.Digest], so that the recipe's fingerprint need not have it.
	Weights string `yaml:"weights,volatile"`
}

// Default fills c in.
func (c *Config) Default() {
	*c = Config{Validation: .1, Test: .2, Share: 1, Leaks: "drop", Weights: "none"}
}

// Check reports values that cannot be.
func (c *Config) Check() error {
	var errs []error
	wrong := func(key, format string, args ...any) { errs = append(errs, recipe.Keyf(key, format, args...)) }
	if !slices.Contains(Kinds(), c.Kind) {
		wrong("kind", "must be one of %v, is %q", Kinds(), c.Kind)
	}
	f, ok := formats[c.Format]
	switch {
	case !ok:
		wrong("format", "must be one of %v, is %q", Formats(), c.Format)
	case !slices.Contains(f.kinds, c.Kind):
		wrong("format", "is %s, whose rows are for %v, not for %s", c.Format, f.kinds, c.Kind)
	case c.By != "" && !slices.Contains(f.by, c.By):
		wrong("by", "is %q: %s is divided by one of %q", c.By, c.Format, f.by)
	}
	if !(c.Validation >= 0 && c.Test >= 0 && c.Validation+c.Test < 1) {
		wrong("validation", "and test must be shares that leave something to train on, are %v and %v", c.Validation, c.Test)
	}
	if !(c.Share > 0 && c.Share <= 1) {
		wrong("share", "must be above 0 and at most 1, is %v", c.Share)
	}
	if c.Leaks != "drop" && c.Leaks != "keep" {
		wrong("leaks", "must be drop or keep, is %q", c.Leaks)
	}
	switch {
	case c.Weights != "none" && c.Weights != "balanced":
		wrong("weights", "must be none or balanced, is %q", c.Weights)
	case c.Weights == "balanced" && (c.Kind == Search || c.Kind == Clones):
		wrong("weights", "is balanced, but %s learns from which rows belong together, not from labels: leave it out", c.Kind)
	}
	return errors.Join(errs...)
}

// Set is a task's rows.
type Set struct {
	Kind   Kind
	Labels []string // sorted; none of search
	// Weights are those of Labels in the loss and in the baseline, with mean 1 over the training rows; nil: all are 1.
	Weights                 []float64
	Train, Validation, Test []Row
	// Notes say what a reader should know: what was left out, leaks, how labels are distributed.
	Notes  []string
	Digest string // of all rows
}

// LeakThreshold is the similarity from which rows in two splits count as the same.
const LeakThreshold = .8

// Open reads a task.
func Open(c Config) (*Set, error) {
	rows, notes, err := formats[c.Format].read(c.Path, c.By)
	if err != nil {
		return nil, err
	}
	s := &Set{Kind: c.Kind, Notes: notes}
	if err := s.deal(rows, c); err != nil {
		return nil, fmt.Errorf("%s: %w", c.Path, err)
	}
	return s, nil
}

// deal puts rows into splits.
func (s *Set) deal(rows []Row, c Config) error {
	h := sha256.New()
	empty, wrong := 0, 0
	for i := range rows {
		if rows[i].Group == "" {
			rows[i].Group = fmt.Sprint("row ", i)
		}
	}
	of := c.splits(rows)
	for i, r := range rows {
		if strings.TrimSpace(r.Text) == "" || (c.Kind == Pairs || c.Kind == Search) && strings.TrimSpace(r.Other) == "" {
			empty++
			continue
		}
		if c.Kind == Search && r.Label == "0" {
			wrong++
			continue
		}
		if r.Split == "" {
			r.Split = of[r.Group]
		}
		fmt.Fprintf(h, "%q %q %q %v %s\n", r.Text, r.Other, r.Label, r.Spans, r.Split)
		switch r.Split {
		case "train":
			s.Train = append(s.Train, r)
		case "validation":
			s.Validation = append(s.Validation, r)
		case "test":
			s.Test = append(s.Test, r)
		default:
			return fmt.Errorf("row %d: the split is %q, not train, validation or test", i+1, r.Split)
		}
	}
	fmt.Fprint(h, c.Share, c.Seed, c.Leaks)
	if c.Kind == Tokens && c.Share < 1 {
		fmt.Fprint(h, " with every label")
	}
	if c.Weights == "balanced" {
		fmt.Fprint(h, " balanced weights")
	}
	s.Digest = fmt.Sprintf("%x", h.Sum(nil)[:16])
	if empty > 0 {
		s.note("%d rows hold nothing but white space and are left out", empty)
	}
	if wrong > 0 {
		s.note("%d rows whose text does not answer their query (label 0) are left out", wrong)
	}
	s.leaks(c.Leaks == "drop")
	if c.Share < 1 {
		s.Train = s.sample(c)
	}
	return s.checkLabels(c.Weights == "balanced")
}

func (s *Set) note(format string, args ...any) {
	s.Notes = append(s.Notes, fmt.Sprintf(format, args...))
}

// splits deals groups, in the order of a hash of their names: each goes to the test split or else
// the validation split where that brings its rows nearer to its share, so that few or very
// unequal groups are divided as asked as nearly as possible.
func (c *Config) splits(rows []Row) map[string]string {
	size := map[string]int{}
	all := 0
	for _, r := range rows {
		if r.Split == "" {
			size[r.Group]++
			all++
		}
	}
	names := slices.SortedFunc(maps.Keys(size), func(a, b string) int {
		return cmp.Or(cmp.Compare(unit(c.Seed, a), unit(c.Seed, b)), cmp.Compare(a, b))
	})
	of := map[string]string{}
	var test, validation float64
	for _, g := range names {
		n := float64(size[g])
		switch {
		case test+n/2 <= c.Test*float64(all):
			of[g], test = "test", test+n
		case validation+n/2 <= c.Validation*float64(all):
			of[g], validation = "validation", validation+n
		default:
			of[g] = "train"
		}
	}
	return of
}

// unit is a number in [0, 1) that a seed and a name decide.
func unit(seed uint64, name string) float64 {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s", seed, name))
	return float64(binary.LittleEndian.Uint64(sum[:])>>11) / (1 << 53)
}

// whole is all of a row that could give its label away.
func (r *Row) whole() string { return r.Text + "\n" + r.Other }

func texts(rows []Row) []string {
	out := make([]string, len(rows))
	for i := range rows {
		out[i] = rows[i].whole()
	}
	return out
}

// leaks finds training rows that are in other splits, too.
func (s *Set) leaks(drop bool) {
	other := append(texts(s.Validation), texts(s.Test)...)
	found := corpus.Duplicates(texts(s.Train), other, LeakThreshold)
	within := corpus.Duplicates(texts(s.Validation), texts(s.Test), LeakThreshold)
	if len(found) == 0 && len(within) == 0 {
		s.note("no training row is a near-duplicate (similarity %v or more) of one in another split", LeakThreshold)
		return
	}
	what := "kept (leaks: keep)"
	if drop {
		what = "left out"
		gone := map[int]bool{}
		for _, i := range found {
			gone[i] = true
		}
		kept := s.Train[:0]
		for i, r := range s.Train {
			if !gone[i] {
				kept = append(kept, r)
			}
		}
		s.Train = kept
	}
	s.note("%d training rows are near-duplicates (similarity %v or more) of rows in other splits and are %s; %d of %d validation rows are like test rows", len(found), LeakThreshold, what, len(within), len(s.Validation))
}

// sample takes the share of training rows of each label whose hashes are the least, at least one, so
// that a larger share has all of a smaller one. Rows of tokens, which have several labels, are taken
// together, those first that bring labels which no row before has; all of these are always taken.
func (s *Set) sample(c Config) (out []Row) {
	by := map[string][]int{}
	for i, r := range s.Train {
		by[r.Label] = append(by[r.Label], i)
	}
	taken := map[int]bool{}
	for _, label := range slices.Sorted(maps.Keys(by)) {
		at := by[label]
		slices.SortFunc(at, func(a, b int) int {
			return cmp.Or(cmp.Compare(unit(c.Seed+1, s.Train[a].whole()), unit(c.Seed+1, s.Train[b].whole())), a-b)
		})
		least := 1
		if s.Kind == Tokens {
			at, least = s.newLabelsFirst(at)
		}
		for _, i := range at[:max(least, int(math.Round(c.Share*float64(len(at)))))] {
			taken[i] = true
		}
	}
	for i, r := range s.Train {
		if taken[i] {
			out = append(out, r)
		}
	}
	return out
}

// newLabelsFirst puts the training rows that have a label which none before them has before the others,
// and says how many they are.
func (s *Set) newLabelsFirst(rows []int) (ordered []int, n int) {
	var others []int
	seen := map[string]bool{}
	for _, i := range rows {
		before := len(seen)
		for _, l := range s.Train[i].labels(s.Kind) {
			seen[l] = true
		}
		if len(seen) > before {
			ordered = append(ordered, i)
		} else {
			others = append(others, i)
		}
	}
	return append(ordered, others...), len(ordered)
}

// checkLabels collects the labels, weighs them and refuses what cannot be learned.
func (s *Set) checkLabels(balanced bool) error {
	for _, split := range []struct {
		name string
		rows []Row
	}{{"training", s.Train}, {"test", s.Test}} {
		if len(split.rows) == 0 {
			return fmt.Errorf("the %s split is empty (validation and test are shares of groups: are there enough groups?)", split.name)
		}
	}
	if s.Kind == Search {
		return nil
	}
	counts := map[string][3]int{}
	for i, rows := range [][]Row{s.Train, s.Validation, s.Test} {
		for _, r := range rows {
			for _, l := range r.labels(s.Kind) {
				if l == "" {
					return fmt.Errorf("row %q has no label", r.ID)
				}
				n := counts[l]
				n[i]++
				counts[l] = n
			}
		}
	}
	s.Labels = slices.Sorted(maps.Keys(counts))
	if len(s.Labels) < 2 {
		return fmt.Errorf("all rows have the label %q: there is nothing to tell apart", strings.Join(s.Labels, ""))
	}
	if s.Kind == Clones {
		return nil // labels of other splits are other problems
	}
	most, all, least := 0, 0, ""
	for _, l := range s.Labels {
		n := counts[l][0]
		if n == 0 {
			return fmt.Errorf("label %q has no rows in the training split: it is empty there (divide by another group, or leave its rows out)", l)
		}
		if most, all = max(most, n), all+n; least == "" || n < counts[least][0] {
			least = l
		}
	}
	if balanced {
		for _, l := range s.Labels {
			s.Weights = append(s.Weights, float64(all)/float64(len(s.Labels)*counts[l][0]))
		}
	}
	if share := float64(counts[least][0]) / float64(all); share < .5/float64(len(s.Labels)) {
		weighted := "task.weights: balanced would let each label weigh the same"
		if balanced {
			weighted = "each label weighs the same in the loss"
		}
		s.note("labels are unbalanced: %q has %.1f %% of the training rows, the most frequent %.1f %%: look at F1, not at accuracy; %s", least, 100*share, 100*float64(most)/float64(all), weighted)
	}
	return nil
}

// labels are those that a row carries.
func (r *Row) labels(k Kind) []string {
	if k != Tokens {
		return []string{r.Label}
	}
	var out []string
	for _, s := range r.Spans {
		out = append(out, s.Label)
	}
	return out
}
