# FailureBench's seven metrics by their definitions, over CPython's own ast. The
# tree is flattened to a list of (node, depth, function around) first.
import ast

def flatten(tree):
    out, level, depth = [], [(tree, None)], 1
    while level:
        below = []
        for node, function in level:
            out.append((node, depth, function))
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)): function = node.name
            below += [(c, function) for c in ast.iter_child_nodes(node)]
        level, depth = below, depth + 1
    return out

def count(nodes, *kinds): return sum(type(n).__name__ in kinds for n, _, _ in nodes)

def recursive(node, function):
    if type(node) is not ast.Call or function is None: return False
    f = node.func
    return function == (getattr(f, 'id', None) if type(f) is ast.Name else getattr(f, 'attr', None))

def seven(tree, text):
    nodes = flatten(tree)
    kinds = {type(n).__name__ for n, _, _ in nodes}
    cc = 1 + count(nodes, 'If', 'For', 'While', 'With', 'Try', 'IfExp', 'Assert', 'Yield')
    cc += count(nodes, 'ExceptHandler')
    cc += sum(len(n.handlers) for n, _, _ in nodes if type(n) is ast.Try)
    cc += sum(len(n.values) - 1 for n, _, _ in nodes if type(n) is ast.BoolOp)
    cc += sum(len(n.ops) - 1 for n, _, _ in nodes if type(n) is ast.Compare)
    return {
        'flow_constructs': count(nodes, 'If', 'For', 'While'),
        'recursions': sum(recursive(n, f) for n, _, f in nodes),
        'nesting_depth': max(d for _, d, _ in nodes),
        'data_structures': len(kinds & {'List', 'Dict', 'Set'}),
        'function_calls': count(nodes, 'Call'),
        'length': sum(1 for l in text.splitlines() if l.strip()),
        'cc': cc,
    }

def measure(text): return seven(ast.parse(text), text)
