"""Records which definition each use of a variable sees when programs are executed.

    python trace.py functions.txt > traced.json

writes {name: [[use line, use column, definition line, definition column], ...]}, lines from
1 and columns in bytes from 0. Without a file it reads a list of {"program": text, "calls":
[expression]} as JSON from standard input and writes the list of the results.

Each definition of x is followed by one of a second variable, _d_x, that says where x was
defined. Python itself gives _d_x the scope of x, so whatever scoping rules hold for x hold
for _d_x. Each use of x is replaced by a call that notes _d_x. Needs Python 3.8, and 3.12
for columns inside f-strings; the golden file was made with 3.13.0.
"""

import ast
import contextlib
import io
import json
import sys

pairs = set()


def seen(value, definition, line, column):
    pairs.add((line, column) + definition)
    return value


def name(identifier, context):
    return ast.Name(identifier, context)


def position(node):
    return ast.Tuple([ast.Constant(node[0]), ast.Constant(node[1])], ast.Load())


def noted(identifier, where):
    """The statement that notes a definition."""
    return ast.Assign([name("_d_" + identifier, ast.Store())], position(where))


def stored(target):
    """The names that an assignment to target binds, with their places."""
    return [(n.id, (n.lineno, n.col_offset)) for n in ast.walk(target)
            if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]


def parameters(args):
    every = args.posonlyargs + args.args + [args.vararg] + args.kwonlyargs + [args.kwarg]
    return [(a.arg, (a.lineno, a.col_offset)) for a in every if a]


class Bound(ast.NodeVisitor):
    """All names that a program binds anywhere."""

    def __init__(self):
        self.names = set()

    def generic_visit(self, node):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            self.names.add(node.id)
        elif isinstance(node, ast.arg):
            self.names.add(node.arg)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            self.names.add(node.name)
        elif isinstance(node, ast.alias):
            self.names.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.ExceptHandler) and node.name:
            self.names.add(node.name)
        else:
            for field in ("name", "rest"):
                if type(node).__name__.startswith("Match") and getattr(node, field, None):
                    self.names.add(getattr(node, field))
        super().generic_visit(node)


class Tracer(ast.NodeTransformer):
    def __init__(self, text, bound):
        self.lines = text.encode().split(b"\n")
        self.bound = bound

    def find(self, word, line, column):
        """The place of a name that the syntax tree does not position."""
        while True:
            at = self.lines[line - 1].find(word.encode(), column)
            if at >= 0:
                return line, at
            line, column = line + 1, 0

    def use(self, node):
        return ast.Call(name("_seen", ast.Load()), [
            name(node.id, ast.Load()), name("_d_" + node.id, ast.Load()),
            ast.Constant(node.lineno), ast.Constant(node.col_offset)], [])

    def visit_Name(self, node):
        if isinstance(node.ctx, ast.Load) and node.id in self.bound:
            return self.use(node)
        return node

    def visit_Assign(self, node):
        names = [pair for t in node.targets for pair in stored(t)]
        return [self.generic_visit(node)] + [noted(*pair) for pair in names]

    def visit_AnnAssign(self, node):
        names = stored(node.target) if node.value else []
        return [self.generic_visit(node)] + [noted(*pair) for pair in names]

    def visit_AugAssign(self, node):
        names = stored(node.target) if isinstance(node.target, ast.Name) else []
        before = []
        if names:
            read = ast.Name(node.target.id, ast.Load())
            read.lineno, read.col_offset = node.target.lineno, node.target.col_offset
            before = [ast.Expr(self.use(read))]
        return before + [self.generic_visit(node)] + [noted(*pair) for pair in names]

    def loop(self, node):
        names = stored(node.target)
        node = self.generic_visit(node)
        node.body = [noted(*pair) for pair in names] + node.body
        return node

    visit_For = visit_AsyncFor = loop

    def visit_With(self, node):
        names = [pair for item in node.items if item.optional_vars
                 for pair in stored(item.optional_vars)]
        node = self.generic_visit(node)
        node.body = [noted(*pair) for pair in names] + node.body
        return node

    visit_AsyncWith = visit_With

    def visit_ExceptHandler(self, node):
        handler = self.generic_visit(node)
        if node.name:
            column = node.type.end_col_offset if hasattr(node.type, "end_col_offset") else node.col_offset
            where = self.find(node.name, node.lineno, column)
            handler.body = [noted(node.name, where)] + handler.body
        return handler

    def imported(self, node):
        names = []
        for a in node.names:
            bound = (a.asname or a.name).split(".")[0]
            if a.asname:
                names.append((bound, (a.end_lineno, a.end_col_offset - len(bound.encode()))))
            elif bound != "*":
                names.append((bound, (a.lineno, a.col_offset)))
        return [node] + [noted(*pair) for pair in names]

    visit_Import = visit_ImportFrom = imported

    def visit_FunctionDef(self, node):
        where = self.find(node.name, node.lineno, node.col_offset + 3)
        names = parameters(node.args)
        node = self.generic_visit(node)
        declared = [s for s in node.body if isinstance(s, (ast.Global, ast.Nonlocal))]
        rest = [s for s in node.body if s not in declared]
        node.body = declared + [noted(*pair) for pair in names] + rest
        return [node, noted(node.name, where)]

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_ClassDef(self, node):
        where = self.find(node.name, node.lineno, node.col_offset + 5)
        return [self.generic_visit(node), noted(node.name, where)]

    def visit_Lambda(self, node):
        names = parameters(node.args)
        node = self.generic_visit(node)
        notes = [ast.NamedExpr(name("_d_" + n, ast.Store()), position(w)) for n, w in names]
        node.body = ast.Subscript(ast.Tuple(notes + [node.body], ast.Load()), ast.Constant(-1), ast.Load())
        return node

    def visit_NamedExpr(self, node):
        note = ast.NamedExpr(name("_d_" + node.target.id, ast.Store()),
                             position((node.target.lineno, node.target.col_offset)))
        node = self.generic_visit(node)
        return ast.Subscript(ast.Tuple([node, note], ast.Load()), ast.Constant(0), ast.Load())

    def comprehension(self, node):
        names = [stored(g.target) for g in node.generators]
        node = self.generic_visit(node)
        generators = []
        for g, pairs_of_target in zip(node.generators, names):
            conditions, g.ifs = g.ifs, []
            generators.append(g)
            for n, where in pairs_of_target:
                generators.append(ast.comprehension(
                    name("_d_" + n, ast.Store()), ast.Tuple([position(where)], ast.Load()), [], 0))
            generators[-1].ifs = conditions
        node.generators = generators
        return node

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = comprehension

    def declared(self, node):
        node.names += ["_d_" + n for n in node.names]
        return node

    visit_Global = visit_Nonlocal = declared

    def visit_match_case(self, node):
        names = []
        for n in ast.walk(node.pattern):
            kind = type(n).__name__
            if kind in ("MatchAs", "MatchStar") and n.name:
                names.append((n.name, (n.end_lineno, n.end_col_offset - len(n.name.encode()))))
            elif kind == "MatchMapping" and n.rest:
                names.append((n.rest, self.find("**" + n.rest, n.lineno, n.col_offset)))
                names[-1] = (n.rest, (names[-1][1][0], names[-1][1][1] + 2))
        # Of alternatives the tracer cannot say which matched: it notes none.
        alternatives = [n for n in ast.walk(node.pattern) if type(n).__name__ == "MatchOr"]
        inside = {m.name for a in alternatives for m in ast.walk(a) if getattr(m, "name", None)}
        notes = [ast.NamedExpr(name("_d_" + n, ast.Store()),
                               position(w) if n not in inside else position((0, 0))) for n, w in names]
        # A pattern must stay a pattern: what it reads is not traced.
        node.guard = self.visit(node.guard) if node.guard else None
        body = []
        for s in node.body:
            new = self.visit(s)
            body += new if isinstance(new, list) else [new]
        node.body = body
        if notes:
            guard = node.guard or ast.Constant(True)
            node.guard = ast.Subscript(ast.Tuple(notes + [guard], ast.Load()), ast.Constant(-1), ast.Load())
        return node


def trace(program, calls):
    pairs.clear()
    tree = ast.parse(program)
    bound = Bound()
    bound.visit(tree)
    tree = ast.fix_missing_locations(Tracer(program, bound.names).visit(tree))
    code = compile(tree, "<program>", "exec")
    for call in calls:
        names = {"_seen": seen, "__name__": "program"}
        with contextlib.redirect_stdout(io.StringIO()):
            try:
                exec(code, names)
                eval(call, names)
            except Exception as error:
                if "_d_" in str(error):
                    raise
    return sorted(p for p in pairs if p[2])


if __name__ == "__main__":
    if len(sys.argv) > 1:
        import cases
        cases.write([(n, trace(program, calls)) for n, program, calls in cases.read(sys.argv[1]) if calls])
    else:
        json.dump([trace(x["program"], x["calls"]) for x in json.load(sys.stdin)], sys.stdout)
