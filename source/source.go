// Package source reads programs: syntax trees of Python, C and Java, their leaves and
// the relations between them, and what all analyses share: spans, lines and findings.
package source
