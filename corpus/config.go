package corpus

import (
	"errors"
	"fmt"
)

// Config says which documents are in a corpus. Its tags are those of recipes.
type Config struct {
	Sources []SourceConfig `yaml:"sources" json:"sources"`
	// Unit is what a document is: "" is a file or row, "function" every Python function.
	Unit string `yaml:"unit" json:"unit"`
	// Docstrings keeps the docstrings of units that are functions; files and rows keep theirs.
	Docstrings bool         `yaml:"docstrings" json:"docstrings"`
	Filter     FilterConfig `yaml:"filter" json:"filter"`
	Dedup      DedupConfig  `yaml:"dedup" json:"dedup"`
	Split      SplitConfig  `yaml:"split" json:"split"`
}

// SourceConfig is one source: a folder of files, a JSON Lines file or a parquet file,
// the latter two also .gz or .zst.
type SourceConfig struct {
	// Path of a folder or file; * and ? match names, as in /usr/lib/python3*.
	Path string `yaml:"path,required" json:"path"`
	// Files in a folder that are documents, as patterns of their names: *.py.
	Files []string `yaml:"files" json:"files"`
	// Project says how files of a folder are divided into projects: "top" (the package
	// or top-level folder, or the file itself) or "debian" (the Debian package that
	// installed it, else as top).
	Project string `yaml:"project" json:"project"`
	// Text is the field or column with the text; "" is the first of text, content, code.
	Text string `yaml:"text" json:"text"`
	// ProjectField is the field or column with the project; "" takes every row as a
	// project of its own.
	ProjectField string `yaml:"project_field" json:"project_field"`
}

// FilterConfig says which documents are worth training on. 0 switches a limit off.
type FilterConfig struct {
	MinBytes        int64   `yaml:"min_bytes" json:"min_bytes"`
	MaxBytes        int64   `yaml:"max_bytes" json:"max_bytes"`
	MaxLine         int     `yaml:"max_line" json:"max_line"`                 // bytes of the longest line
	MaxMeanLine     int     `yaml:"max_mean_line" json:"max_mean_line"`       // bytes of a line on average
	MinAlphanumeric float64 `yaml:"min_alphanumeric" json:"min_alphanumeric"` // share of letters and digits
	MaxDigits       float64 `yaml:"max_digits" json:"max_digits"`             // share of digits: more is data
	// MinStatements is the least number of statements, docstrings not counted, of a Python
	// program; 0 takes programs that do not parse, too.
	MinStatements int  `yaml:"min_statements" json:"min_statements"`
	Generated     bool `yaml:"generated" json:"generated"` // keep files that say they were generated
}

// DedupConfig says which documents are the same.
type DedupConfig struct {
	Exact bool `yaml:"exact" json:"exact"` // equal but for white space
	Near  bool `yaml:"near" json:"near"`   // similar at least as Threshold says
	// Threshold is the Jaccard similarity, of sets of runs of Shingle tokens, from
	// which on two documents are the same.
	Threshold float64 `yaml:"threshold" json:"threshold"`
	Shingle   int     `yaml:"shingle" json:"shingle"`
}

// SplitConfig gives the shares of the splits; the rest is for training.
type SplitConfig struct {
	Validation float64 `yaml:"validation" json:"validation"`
	Test       float64 `yaml:"test" json:"test"`
	// Salt chooses another division.
	Salt string `yaml:"salt" json:"salt"`
}

// Default fills c in: Python files of sensible size and form, without duplicates, 5 %
// of the projects for validation.
func (c *Config) Default() {
	*c = Config{
		Docstrings: true,
		Filter: FilterConfig{
			MinBytes: 64, MaxBytes: 1 << 20,
			MaxLine: 1000, MaxMeanLine: 100, MinAlphanumeric: 0.25, MaxDigits: 0.4,
		},
		Dedup: DedupConfig{Exact: true, Near: true, Threshold: 0.7, Shingle: 5},
		Split: SplitConfig{Validation: 0.05},
	}
}

// Default fills s in: *.py, projects by top-level folder.
func (s *SourceConfig) Default() { *s = SourceConfig{Files: []string{"*.py"}, Project: "top"} }

// keyError is an error about one key of a recipe, which adds where that is.
type keyError struct{ key, message string }

func (e *keyError) Error() string { return e.key + " " + e.message }

// Key is the key, relative to what was checked.
func (e *keyError) Key() string { return e.key }

// Check reports what is wrong with the values.
func (c *Config) Check() error {
	var errs []error
	wrong := func(key, format string, args ...any) {
		errs = append(errs, &keyError{key, fmt.Sprintf(format, args...)})
	}
	if len(c.Sources) == 0 {
		wrong("sources", "is empty: name at least one folder, JSON Lines or parquet file")
	}
	if c.Unit != "" && c.Unit != Functions {
		wrong("unit", "must be empty, for files and rows, or function, is %q", c.Unit)
	}
	share := func(key string, x float64) {
		if !(x >= 0 && x <= 1) {
			wrong(key, "must be from 0 to 1, is %v", x)
		}
	}
	f := c.Filter
	share("filter.min_alphanumeric", f.MinAlphanumeric)
	share("filter.max_digits", f.MaxDigits)
	if f.MinBytes < 0 || f.MaxBytes < 0 || f.MaxLine < 0 || f.MaxMeanLine < 0 || f.MinStatements < 0 {
		wrong("filter", "has a negative limit")
	}
	if f.MaxBytes > 0 && f.MinBytes > f.MaxBytes {
		wrong("filter.min_bytes", "is %d, above filter.max_bytes, %d: no document could pass", f.MinBytes, f.MaxBytes)
	}
	if d := c.Dedup; d.Near {
		if !(d.Threshold > 0 && d.Threshold <= 1) {
			wrong("dedup.threshold", "must be above 0 and at most 1, is %v", d.Threshold)
		}
		if d.Shingle < 1 || d.Shingle > 100 {
			wrong("dedup.shingle", "must be from 1 to 100, is %d", d.Shingle)
		}
	}
	share("split.validation", c.Split.Validation)
	share("split.test", c.Split.Test)
	if c.Split.Validation+c.Split.Test >= 1 {
		wrong("split", "leaves nothing for training: validation and test are %v together", c.Split.Validation+c.Split.Test)
	}
	for i, s := range c.Sources {
		if s.Project != "" && s.Project != "top" && s.Project != "debian" {
			wrong(fmt.Sprintf("sources[%d].project", i), "must be top or debian, is %q", s.Project)
		}
	}
	return errors.Join(errs...)
}
