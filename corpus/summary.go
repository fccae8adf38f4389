package corpus

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Count is a number of documents and the bytes of their texts.
type Count struct {
	Documents int   `json:"documents"`
	Bytes     int64 `json:"bytes"`
}

func (c *Count) add(bytes int64) {
	c.Documents++
	c.Bytes += bytes
}

// Summary says what a corpus was made of.
type Summary struct {
	Found    Count             `json:"found"`   // files by name, and rows
	Kept     Count             `json:"kept"`    // in the corpus
	Skipped  map[string]*Count `json:"skipped"` // by reason
	Sources  map[string]*Count `json:"sources"` // kept, by SourceConfig.Path
	Splits   map[Split]*Count  `json:"splits"`  // kept
	Projects map[Split]int     `json:"projects"`

	seen map[string]bool
}

func newSummary() Summary {
	s := Summary{
		Skipped: map[string]*Count{}, Sources: map[string]*Count{}, Splits: map[Split]*Count{},
		Projects: map[Split]int{}, seen: map[string]bool{},
	}
	for _, split := range Splits() {
		s.Splits[split] = &Count{}
	}
	return s
}

func tally[K comparable](m map[K]*Count, key K, bytes int64) {
	if m[key] == nil {
		m[key] = &Count{}
	}
	m[key].add(bytes)
}

func (s *Summary) found(d Document) { s.Found.add(d.size()) }

func (s *Summary) skip(reason string, bytes int64) { tally(s.Skipped, reason, bytes) }

func (s *Summary) keep(d Document) {
	n := d.size()
	s.Kept.add(n)
	tally(s.Sources, d.Source, n)
	tally(s.Splits, d.Split, n)
	if !s.seen[d.Project] {
		s.seen[d.Project] = true
		s.Projects[d.Split]++
	}
}

// Print writes the summary for people.
func (s *Summary) Print(w io.Writer) {
	line := func(name string, c Count, note string) {
		fmt.Fprintf(w, "  %-32s %8d documents %9s%s\n", name, c.Documents, megabytes(c.Bytes), note)
	}
	line("found", s.Found, "")
	for _, r := range slices.Sorted(maps.Keys(s.Skipped)) {
		line("- "+r, *s.Skipped[r], "")
	}
	line("kept", s.Kept, "")
	for _, split := range Splits() {
		if c := s.Splits[split]; c != nil {
			line("  "+string(split), *c, fmt.Sprintf(" of %d projects", s.Projects[split]))
		}
	}
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }

// EmptyError says that a corpus has no documents to train on, and why.
type EmptyError struct {
	Summary  Summary
	Searched []string // paths
}

// Error implements error.
func (e *EmptyError) Error() string {
	where := strings.Join(e.Searched, ", ")
	if e.Summary.Found.Documents == 0 {
		return fmt.Sprintf("the corpus is empty: no documents in %s", where)
	}
	if n := e.Summary.Kept.Documents; n > 0 {
		return fmt.Sprintf("the corpus has no documents for training: all %d kept of %s fell into validation and test (lower split.validation and split.test)", n, where)
	}
	var why []string
	for _, r := range slices.Sorted(maps.Keys(e.Summary.Skipped)) {
		why = append(why, fmt.Sprintf("%d %s", e.Summary.Skipped[r].Documents, r))
	}
	return fmt.Sprintf("the corpus is empty: of %d documents in %s none was kept: %s", e.Summary.Found.Documents, where, strings.Join(why, ", "))
}
