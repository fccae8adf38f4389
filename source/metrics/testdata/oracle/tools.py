# What mccabe, radon and cognitive_complexity (Debian packages) say of a program.
import ast, sys
import cognitive_complexity.api, mccabe, radon.metrics, radon.raw, radon.visitors

sys.setrecursionlimit(20000)
# Recursion is Hone's own, see TestRecursion.
cognitive_complexity.api.has_recursive_calls = lambda f: False

FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)

class Graphs(dict):
    """mccabe keeps the last graph of a name; this keeps all."""
    def __init__(self): self.all = []
    def __setitem__(self, name, graph): self.all.append(graph)

def mccabe_of(tree):
    v = mccabe.PathGraphingAstVisitor()
    v.graphs = Graphs()
    v.preorder(tree, v)
    functions = [[g.lineno, g.complexity()] for g in v.graphs.all if g.name[:1].isdigit()]
    return 1 + sum(g.complexity() - 1 for g in v.graphs.all), functions

def radon_functions(v):
    out = []
    def add(functions):
        for f in functions:
            out.append([f.lineno, f.complexity])
            add(f.closures)
    def classes(cs):
        for c in cs:
            add(c.methods)
            classes(c.inner_classes)
    add(v.functions)
    classes(v.classes)
    return out

def has(nodes, *kinds): return any(type(x).__name__ in kinds for n in nodes if n is not None for x in ast.walk(n))

def header(f): return f.decorator_list + [f.args, f.returns]

def only_defines(f):
    inner = [s for s in f.body if isinstance(s, FUNCTION)]
    returns = [s for s in f.body if isinstance(s, ast.Return) and isinstance(s.value, ast.Name)]
    return len(inner) == 1 and len(inner) + len(returns) == len(f.body)

def package_only_defines(f):
    return (isinstance(f, ast.FunctionDef) and len(f.body) == 2
            and isinstance(f.body[0], ast.FunctionDef) and isinstance(f.body[1], ast.Return))

def deviations(f):
    """Where the package departs from the paper, in this function."""
    out = set()
    wrappers = set()
    g = f
    while package_only_defines(g):
        wrappers.add(g)
        g = g.body[0]
    for n in ast.walk(f):
        if isinstance(n, ast.Try) and (len(n.body) > 1 or n.orelse or n.finalbody): out.add('try')
        if type(n).__name__ in ('TryStar', 'Match', 'AsyncFor'): out.add(type(n).__name__)
        if isinstance(n, ast.If) and len(n.orelse) == 1 and isinstance(n.orelse[0], ast.If): out.add('elif')
        if isinstance(n, ast.BoolOp):
            if has(n.values, 'IfExp', 'Lambda'): out.add('conditional in boolean')
            if any(isinstance(v, ast.BoolOp) for v in n.values[1:-1]): out.add('and between ors')
        if isinstance(n, (ast.If, ast.While)) and has([n.test], 'IfExp'): out.add('conditional in condition')
        if isinstance(n, ast.For) and has([n.iter, n.target], 'IfExp'): out.add('conditional in condition')
        if isinstance(n, FUNCTION):
            if n is not f and has(header(n), 'IfExp', 'BoolOp'): out.add('conditional in defaults')
            if only_defines(n) != (n in wrappers): out.add('decorator')
            if n in wrappers and not only_defines(n): out.add('decorator')
    return sorted(out)

def cognitive_of(tree):
    return [[f.lineno, cognitive_complexity.api.get_cognitive_complexity(f), deviations(f)]
            for f in ast.walk(tree) if isinstance(f, FUNCTION)]

def halstead_of(report):
    r = report._asdict()
    return {'distinct_operators': r['h1'], 'distinct_operands': r['h2'], 'operators': r['N1'], 'operands': r['N2'],
            'vocabulary': r['vocabulary'], 'length': r['length'], 'calculated_length': r['calculated_length'],
            'volume': r['volume'], 'difficulty': r['difficulty'], 'effort': r['effort'], 'time': r['time'], 'bugs': r['bugs']}

def measure(text):
    tree = ast.parse(text)
    total, functions = mccabe_of(tree)
    cc = radon.visitors.ComplexityVisitor.from_ast(tree)
    h = radon.metrics.h_visit_ast(tree)
    raw = radon.raw.analyze(text)
    return {
        'mccabe': total, 'mccabe_functions': functions,
        'cyclomatic': cc.total_complexity, 'cyclomatic_functions': radon_functions(cc),
        'halstead': halstead_of(h.total),
        'halstead_functions': [[name, halstead_of(r)] for name, r in h.functions],
        'lines': raw._asdict(),
        'maintainability': radon.metrics.mi_visit(text, True),
        'cognitive_functions': cognitive_of(tree),
    }
