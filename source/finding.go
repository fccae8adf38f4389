package source

import "fmt"

// Span is a half-open range [Start, End) of byte offsets in a program's text.
type Span struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

// Len is the number of bytes in the span.
func (s Span) Len() int { return s.End - s.Start }

// Contains reports whether inner lies in s; an empty span lies in one that it touches.
func (s Span) Contains(inner Span) bool { return s.Start <= inner.Start && inner.End <= s.End }

// Finding is one thing that an analysis says about a place in a program.
type Finding struct {
	// Tool is the program whose rules these are: pycodestyle, pyflakes, bandit or hone.
	Tool string `json:"tool"`
	// Rule is the tool's name of the rule: E501, UnusedImport, B602.
	Rule string `json:"rule"`
	// Message is worded as the tool words it.
	Message string `json:"message"`
	Span    Span   `json:"span"`
	// Severity is how bad it is if true, Confidence how sure the tool is; both are
	// Undefined where the tool does not say.
	Severity   Severity `json:"severity"`
	Confidence Severity `json:"confidence"`
}

// Severity is a grade, in the words of Bandit.
type Severity uint8

// Grades from the least to the most.
const (
	Undefined Severity = iota
	Low
	Medium
	High
)

var severityNames = [...]string{"undefined", "low", "medium", "high"}

// String is the grade in the words of Bandit, in small letters.
func (s Severity) String() string {
	if int(s) < len(severityNames) {
		return severityNames[s]
	}
	return fmt.Sprintf("Severity(%d)", uint8(s))
}

// MarshalText writes the grade's name.
func (s Severity) MarshalText() ([]byte, error) {
	if int(s) >= len(severityNames) {
		return nil, fmt.Errorf("severity %d does not exist", uint8(s))
	}
	return []byte(severityNames[s]), nil
}

// UnmarshalText reads a grade by its name.
func (s *Severity) UnmarshalText(text []byte) error {
	for i, name := range severityNames {
		if name == string(text) {
			*s = Severity(i)
			return nil
		}
	}
	return fmt.Errorf("severity %q is none of undefined, low, medium, high", text)
}
