package check

import (
	"encoding/json"
	"io"
	"net/url"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"hone/source"
)

// The parts of SARIF 2.1.0 (OASIS standard of 2020) that are written; names and meanings
// are those of its section 3.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool         `json:"tool"`
		Invocations []sarifInvocation `json:"invocations"`
		ColumnKind  string            `json:"columnKind"`
		Artifacts   []sarifArtifact   `json:"artifacts"`
		Results     []sarifResult     `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name       string            `json:"name"`
		Version    string            `json:"version"`
		Rules      []sarifRule       `json:"rules"`
		Properties map[string]string `json:"properties"`
	}
	sarifRule struct {
		ID               string            `json:"id"`
		Name             string            `json:"name,omitempty"`
		ShortDescription sarifText         `json:"shortDescription"`
		Help             sarifText         `json:"help"`
		Default          sarifLevel        `json:"defaultConfiguration"`
		Properties       map[string]string `json:"properties"`
	}
	sarifLevel struct {
		Level string `json:"level"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifInvocation struct {
		Successful    bool                `json:"executionSuccessful"`
		Notifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
	}
	sarifNotification struct {
		Level   string    `json:"level"`
		Message sarifText `json:"message"`
	}
	sarifArtifact struct {
		Location sarifLocationOf `json:"location"`
		Language string          `json:"sourceLanguage"`
		Encoding string          `json:"encoding,omitempty"`
	}
	sarifLocationOf struct {
		URI   string `json:"uri"`
		Index *int   `json:"index,omitempty"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		RuleIndex int             `json:"ruleIndex"`
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact sarifLocationOf `json:"artifactLocation"`
		Region   sarifRegion     `json:"region"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
		EndLine     int `json:"endLine"`
		EndColumn   int `json:"endColumn"`
	}
)

// WriteSARIF writes reports as a log of SARIF 2.1.0, with the rules that they mention and
// their help. version is Hone's. Files are named as the reports name them, which should be
// relative; columns count UTF-16 code units, as most editors do.
func WriteSARIF(w io.Writer, version string, reports []Report) error {
	run := sarifRun{
		Tool: sarifTool{sarifDriver{Name: "hone check", Version: version, Rules: []sarifRule{}, Properties: map[string]string{
			"pycodestyle": CurrentVersions().Pycodestyle, "pyflakes": CurrentVersions().Pyflakes, "bandit": CurrentVersions().Bandit,
			"treeSitter": CurrentVersions().TreeSitter.Library,
		}}},
		Invocations: []sarifInvocation{{Successful: true}},
		ColumnKind:  "utf16CodeUnits", Artifacts: []sarifArtifact{}, Results: []sarifResult{},
	}
	index := map[string]int{}
	for i := range reports {
		r := &reports[i]
		uri := (&url.URL{Path: filepath.ToSlash(r.File)}).String()
		run.Artifacts = append(run.Artifacts, sarifArtifact{sarifLocationOf{URI: uri}, r.Language.String(), r.Encoding})
		for _, fault := range r.Faults {
			run.Invocations[0].Successful = false
			run.Invocations[0].Notifications = append(run.Invocations[0].Notifications, sarifNotification{"error", sarifText{r.File + ": " + fault}})
		}
		for _, f := range r.Findings {
			n, ok := index[f.Rule]
			if !ok {
				n = len(index)
				index[f.Rule] = n
				run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, ruleOf(f))
			}
			run.Results = append(run.Results, sarifResult{
				RuleID: f.Rule, RuleIndex: n, Level: level(f.Finding), Message: sarifText{f.Message},
				Locations: []sarifLocation{{sarifPhysical{sarifLocationOf{uri, &i}, region(r, f)}}},
			})
		}
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	return enc.Encode(sarifLog{"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json", "2.1.0", []sarifRun{run}})
}

// ruleOf is what SARIF says of a finding's rule.
func ruleOf(f Finding) sarifRule {
	out := sarifRule{
		ID: f.Rule, ShortDescription: sarifText{f.Message}, Help: sarifText{f.Message},
		Default: sarifLevel{level(f.Finding)}, Properties: map[string]string{"tool": f.Tool},
	}
	for _, r := range allRules() {
		if r.ID != f.Rule {
			continue
		}
		out.Name, out.ShortDescription.Text = r.Name, r.Summary()
		out.Help.Text = r.Help
		if r.Help == "" {
			out.Help.Text = "A rule of " + r.Tool + ": " + strings.TrimSuffix(r.Summary(), ".") + "."
		}
		out.Default.Level = level(source.Finding{Tool: r.Tool, Severity: r.Severity})
	}
	return out
}

// level is a finding's level in SARIF: style is a note, the rest goes by severity.
func level(f source.Finding) string {
	switch {
	case f.Severity == source.High:
		return "error"
	case f.Severity == source.Medium:
		return "warning"
	}
	return "note"
}

// region is the place of a finding, in UTF-16.
func region(r *Report, f Finding) sarifRegion {
	column := func(line, offset int) int {
		n := 1
		for text := r.Text[r.index.Span(line).Start:offset]; len(text) > 0; {
			c, size := utf8.DecodeRune(text)
			if n++; c > 0xffff {
				n++
			}
			text = text[size:]
		}
		return n
	}
	return sarifRegion{f.Line, column(f.Line, min(f.Span.Start, len(r.Text))), f.EndLine, column(f.EndLine, min(f.Span.End, len(r.Text)))}
}
