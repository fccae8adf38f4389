package dataflow

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"testing"
)

// kindsOfNodes are the structs of package python that embed Base, read from its source.
func kindsOfNodes(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "python", "ast.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		fields, ok := spec.Type.(*ast.StructType)
		if !ok || len(fields.Fields.List) == 0 {
			return true
		}
		if base, ok := fields.Fields.List[0].Type.(*ast.Ident); ok && base.Name == "Base" {
			kinds = append(kinds, spec.Name.Name)
		}
		return true
	})
	if len(kinds) < 70 {
		t.Fatalf("only %d kinds of nodes found", len(kinds))
	}
	return kinds
}
