package check

import (
	"errors"
	"strings"

	"hone/source"
)

// grammar reads a C or Java program, of which there are syntax errors alone.
func (r *Report) grammar(src []byte) []source.Finding {
	r.index = source.NewLines(src)
	tree, err := source.Parse(r.Language, src)
	if err != nil {
		r.Valid = false
		if !errors.Is(err, source.ErrTooHard) {
			r.Faults = append(r.Faults, "parser: "+err.Error())
			return nil
		}
		return []source.Finding{unreadable(err.Error())}
	}
	r.Leaves = tree.Leaves().Len()
	var found []source.Finding
	for i := 0; i < len(tree.Nodes); i++ {
		n := tree.Nodes[i]
		f := source.Finding{Tool: TreeSitter, Span: source.Span{Start: int(n.Start), End: int(n.End)}, Severity: source.High}
		switch {
		case !tree.Is(i, source.HasError):
			i = int(n.Next) - 1
			continue
		case tree.Is(i, source.Missing):
			f.Rule, f.Message = "MISSING", "'"+tree.Kind(i)+"' is missing here"
		case tree.IsError(i):
			f.Rule, f.Message = "ERROR", "this is not "+map[source.Language]string{source.C: "C", source.Java: "Java"}[r.Language]
			if text, _, _ := strings.Cut(string(tree.Text(i)), "\n"); len(text) < int(n.End-n.Start) {
				f.Span.End = f.Span.Start + len(text) // the first line is enough to show
			}
			i = int(n.Next) - 1
		default:
			continue
		}
		found = append(found, f)
	}
	r.Valid = len(found) == 0
	return found
}
