package corpus_test

import (
	"strings"
	"testing"

	"hone/corpus"
	"hone/recipe"
)

// TestConfigInRecipe: what Check refuses is reported at the line that says it.
func TestConfigInRecipe(t *testing.T) {
	t.Parallel()
	parse := func(text string, sets ...string) (corpus.Config, error) {
		var r struct {
			Corpus corpus.Config `yaml:"corpus"`
		}
		r.Corpus.Default()
		err := recipe.Parse([]byte(text), "r.yaml", &r, sets...)
		return r.Corpus, err
	}
	const good = "corpus:\n  sources:\n    - path: /usr/lib/python3*\n"
	c, err := parse(good + "  dedup: {threshold: 0.8}\n")
	if err != nil {
		t.Fatal(err)
	}
	if s := c.Sources[0]; s.Project != "top" || len(s.Files) != 1 || c.Dedup.Threshold != 0.8 || !c.Dedup.Near || c.Filter.MaxBytes != 1<<20 {
		t.Errorf("%+v", c)
	}
	for _, x := range []struct{ text, set, want string }{
		{"corpus: {}", "", "r.yaml:1:1: corpus.sources is empty: name at least one folder, JSON Lines or parquet file"},
		{good + "    - files: [x]", "", `r.yaml:4:7: key "path" under corpus.sources[1] is missing`},
		{good + "      project: git", "", `r.yaml:4:7: corpus.sources[0].project must be top or debian, is "git"`},
		{good + "  filter: {min_alphanumeric: 2}", "", "r.yaml:4:12: corpus.filter.min_alphanumeric must be from 0 to 1, is 2"},
		{good + "  filter: {max_digits: -1}", "", "corpus.filter.max_digits must be from 0 to 1, is -1"},
		{good + "  filter: {max_line: -1}", "", "r.yaml:4:3: corpus.filter has a negative limit"},
		{good + "  filter: {min_bytes: 10, max_bytes: 5}", "", "corpus.filter.min_bytes is 10, above filter.max_bytes, 5"},
		{good + "  dedup: {threshold: 0}", "", "corpus.dedup.threshold must be above 0 and at most 1, is 0"},
		{good + "  dedup: {shingle: 0}", "", "corpus.dedup.shingle must be from 1 to 100, is 0"},
		{good + "  split: {test: 1.5}", "", "corpus.split.test must be from 0 to 1, is 1.5"},
		{good, "corpus.split.validation=2", "--set corpus.split.validation=2: corpus.split.validation must be from 0 to 1, is 2"},
		{good + "  split: {validation: 1}", "", "r.yaml:4:3: corpus.split leaves nothing for training: validation and test are 1 together"},
		{good + "  splt: {}", "", `r.yaml:4:3: unknown key "splt" under corpus (did you mean "split"?)`},
	} {
		var sets []string
		if x.set != "" {
			sets = append(sets, x.set)
		}
		if _, err := parse(x.text, sets...); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("got  %v\nwant %s", err, x.want)
		}
	}
	if _, err := corpus.Open(corpus.Config{}); err == nil || err.Error() != "corpus: sources is empty: name at least one folder, JSON Lines or parquet file" {
		t.Error(err)
	}
}
