package python

// stmt prints a statement but for its end.
func (d *dumper) stmt(n Stmt) {
	switch n := n.(type) {
	case *FunctionDef:
		d.open(async(n.Async, "FunctionDef"))
		d.identifier(n, "name", n.Name)
		d.field("args")
		d.node(n.Args)
		d.body(n.Body)
		d.exprs("decorator_list", n.DecoratorList)
		d.expr("returns", n.Returns)
		d.typeParams("type_params", n.TypeParams)
	case *ClassDef:
		d.open("ClassDef")
		d.identifier(n, "name", n.Name)
		d.exprs("bases", n.Bases)
		dumpList(d, "keywords", n.Keywords)
		d.body(n.Body)
		d.exprs("decorator_list", n.DecoratorList)
		d.typeParams("type_params", n.TypeParams)
	case *Return:
		d.open("Return")
		d.expr("value", n.Value)
	case *Delete:
		d.open("Delete")
		d.exprs("targets", n.Targets)
	case *Assign:
		d.open("Assign")
		d.exprs("targets", n.Targets)
		d.expr("value", n.Value)
	case *TypeAlias:
		d.open("TypeAlias")
		d.expr("name", n.Name)
		d.typeParams("type_params", n.TypeParams)
		d.expr("value", n.Value)
	case *AugAssign:
		d.open("AugAssign")
		d.expr("target", n.Target)
		d.op("op", n.Op.String())
		d.expr("value", n.Value)
	case *AnnAssign:
		d.open("AnnAssign")
		d.expr("target", n.Target)
		d.expr("annotation", n.Annotation)
		d.expr("value", n.Value)
		d.flag("simple", n.Simple)
	case *For:
		d.open(async(n.Async, "For"))
		d.expr("target", n.Target)
		d.expr("iter", n.Iter)
		d.stmts("body", n.Body)
		d.stmts("orelse", n.Orelse)
	case *While:
		d.open("While")
		d.expr("test", n.Test)
		d.stmts("body", n.Body)
		d.stmts("orelse", n.Orelse)
	case *If:
		d.open("If")
		d.expr("test", n.Test)
		d.stmts("body", n.Body)
		d.stmts("orelse", n.Orelse)
	case *With:
		d.open(async(n.Async, "With"))
		dumpList(d, "items", n.Items)
		d.stmts("body", n.Body)
	case *Match:
		d.open("Match")
		d.expr("subject", n.Subject)
		dumpList(d, "cases", n.Cases)
	case *Try:
		name := "Try"
		if n.Star {
			name = "TryStar"
		}
		d.open(name)
		d.stmts("body", n.Body)
		dumpList(d, "handlers", n.Handlers)
		d.stmts("orelse", n.Orelse)
		d.stmts("finalbody", n.Finalbody)
	default:
		d.smallStmt(n)
	}
}

// smallStmt prints the statements that hold at most a few expressions.
func (d *dumper) smallStmt(n Stmt) {
	switch n := n.(type) {
	case *Raise:
		d.open("Raise")
		d.expr("exc", n.Exc)
		d.expr("cause", n.Cause)
	case *Assert:
		d.open("Assert")
		d.expr("test", n.Test)
		d.expr("msg", n.Msg)
	case *Import:
		d.open("Import")
		dumpList(d, "names", n.Names)
	case *ImportFrom:
		d.open("ImportFrom")
		d.name("module", n.Module)
		dumpList(d, "names", n.Names)
		d.number("level", n.Level)
	case *Global:
		d.open("Global")
		d.strings("names", n.Names)
	case *Nonlocal:
		d.open("Nonlocal")
		if d.renamed != nil {
			return // what its names refer to shows where they are used
		}
		d.strings("names", n.Names)
	case *ExprStmt:
		d.open("Expr")
		d.expr("value", n.Value)
	case *Pass:
		d.open("Pass")
	case *Break:
		d.open("Break")
	case *Continue:
		d.open("Continue")
	}
}

// expression prints an expression but for its end.
func (d *dumper) expression(n Expr) {
	switch n := n.(type) {
	case *BoolOp:
		d.open("BoolOp")
		d.op("op", n.Op.String())
		d.exprs("values", n.Values)
	case *NamedExpr:
		d.open("NamedExpr")
		d.expr("target", n.Target)
		d.expr("value", n.Value)
	case *BinOp:
		d.open("BinOp")
		d.expr("left", n.Left)
		d.op("op", n.Op.String())
		d.expr("right", n.Right)
	case *UnaryOp:
		d.open("UnaryOp")
		d.op("op", n.Op.String())
		d.expr("operand", n.Operand)
	case *Lambda:
		d.open("Lambda")
		d.field("args")
		d.node(n.Args)
		d.expr("body", n.Body)
	case *IfExp:
		d.open("IfExp")
		d.expr("test", n.Test)
		d.expr("body", n.Body)
		d.expr("orelse", n.Orelse)
	case *Compare:
		d.open("Compare")
		d.expr("left", n.Left)
		d.field("ops")
		d.text("[")
		for i, op := range n.Ops {
			if i > 0 {
				d.text(", ")
			}
			d.text(op.String())
			d.text("()")
		}
		d.text("]")
		d.exprs("comparators", n.Comparators)
	case *Call:
		d.open("Call")
		d.expr("func", n.Func)
		d.exprs("args", n.Args)
		dumpList(d, "keywords", n.Keywords)
	case *Attribute:
		d.open("Attribute")
		d.expr("value", n.Value)
		d.name("attr", n.Attr)
		d.ctx(n.Ctx)
	case *Subscript:
		d.open("Subscript")
		d.expr("value", n.Value)
		d.expr("slice", n.Slice)
		d.ctx(n.Ctx)
	case *Slice:
		d.open("Slice")
		d.expr("lower", n.Lower)
		d.expr("upper", n.Upper)
		d.expr("step", n.Step)
	case *Name:
		d.open("Name")
		d.identifier(n, "id", n.ID)
		d.ctx(n.Ctx)
	case *Constant:
		d.open("Constant")
		d.constant(n)
	default:
		d.display(n)
	}
}

// display prints displays, comprehensions, f-strings and the rest.
func (d *dumper) display(n Expr) {
	switch n := n.(type) {
	case *Dict:
		d.open("Dict")
		d.exprs("keys", n.Keys)
		d.exprs("values", n.Values)
	case *Set:
		d.open("Set")
		d.exprs("elts", n.Elts)
	case *List:
		d.open("List")
		d.exprs("elts", n.Elts)
		d.ctx(n.Ctx)
	case *Tuple:
		d.open("Tuple")
		d.exprs("elts", n.Elts)
		d.ctx(n.Ctx)
	case *ListComp:
		d.open("ListComp")
		d.expr("elt", n.Elt)
		dumpList(d, "generators", n.Generators)
	case *SetComp:
		d.open("SetComp")
		d.expr("elt", n.Elt)
		dumpList(d, "generators", n.Generators)
	case *GeneratorExp:
		d.open("GeneratorExp")
		d.expr("elt", n.Elt)
		dumpList(d, "generators", n.Generators)
	case *DictComp:
		d.open("DictComp")
		d.expr("key", n.Key)
		d.expr("value", n.Value)
		dumpList(d, "generators", n.Generators)
	case *Await:
		d.open("Await")
		d.expr("value", n.Value)
	case *Yield:
		d.open("Yield")
		d.expr("value", n.Value)
	case *YieldFrom:
		d.open("YieldFrom")
		d.expr("value", n.Value)
	case *Starred:
		d.open("Starred")
		d.expr("value", n.Value)
		d.ctx(n.Ctx)
	case *FormattedValue:
		d.open("FormattedValue")
		d.expr("value", n.Value)
		d.number("conversion", n.Conversion)
		d.expr("format_spec", n.FormatSpec)
	case *JoinedStr:
		d.open("JoinedStr")
		d.exprs("values", n.Values)
	}
}
