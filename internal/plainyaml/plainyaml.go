// Package plainyaml says which YAML Hone reads: the part that means what it says. Recipes and
// robots share it.
package plainyaml

import "github.com/goccy/go-yaml/token"

// Refused returns the first token of a file that is not read, and why; nil if all are. It looks at tokens alone,
// before anything recursive sees them: for what nests deeper than depth, and for anchors, tags and the like,
// which make a text mean something else than it says.
func Refused(tokens token.Tokens, depth int) (at *token.Token, why string) {
	flow, line, marks := 0, 0, 0
	for _, t := range tokens {
		const not = " are not read here: write the value out, a text that looks like one in quotes"
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			flow++
		case token.SequenceEndType, token.MappingEndType:
			flow--
		case token.SequenceEntryType, token.MappingKeyType:
			if t.Position.Line != line {
				line, marks = t.Position.Line, 0
			}
			marks++
		case token.AnchorType, token.AliasType:
			return t, "anchors and aliases" + not
		case token.TagType:
			return t, "tags" + not
		case token.MergeKeyType:
			return t, "merge keys" + not
		case token.DirectiveType:
			return t, "directives" + not
		case token.InvalidType:
			return t, "no YAML: " + t.Error
		}
		// Blocks nest by indentation.
		if flow > depth || marks > depth || t.Position.IndentNum > 20*depth {
			return t, "nested too deep"
		}
	}
	return nil, ""
}
