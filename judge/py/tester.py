# The process that reads and runs tests. It never runs program code: the program
# is behind stubs that exchange data only, relayed by Hone.
import ast, copy, sys, inspect, marshal, math, random, itertools

_builtins = frozenset(dir(builtins))

# ---------- plan: which tests are pure data ----------

def names(node):
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}

class Plan:
    """Turns asserts over one call into data. ns holds what trusted setup code defined."""
    def __init__(self, ns, isfunc):
        self.ns, self.isfunc = ns, isfunc

    def value(self, node):
        try: return ast.literal_eval(node)
        except Exception: pass
        used = names(node)
        if any(self.isfunc(n) for n in used) or 'random' in used or used - _builtins - set(self.ns): raise ValueError
        if any(isinstance(n, (ast.Lambda, ast.Await, ast.Yield, ast.NamedExpr)) for n in ast.walk(node)): raise ValueError
        return eval(compile(ast.Expression(node), '<test>', 'eval'), dict(self.ns))

    def data(self, node):
        v = enc(self.value(node))
        if '{"object":' in _dumps(v): raise ValueError
        return v

    def call(self, node):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and self.isfunc(node.func.id)): raise ValueError
        if any(isinstance(a, ast.Starred) for a in node.args) or any(k.arg is None for k in node.keywords): raise ValueError
        return {"f": node.func.id, "a": [self.data(a) for a in node.args], "k": {k.arg: self.data(k.value) for k in node.keywords}}

    def test(self, st):
        """The test of one assert statement, or ValueError."""
        if not isinstance(st, ast.Assert): raise ValueError
        t = st.test
        if isinstance(t, ast.UnaryOp) and isinstance(t.op, ast.Not): c = self.call(t.operand); c["c"] = "falsy"
        elif isinstance(t, ast.Call): c = self.call(t); c["c"] = "truthy"
        elif isinstance(t, ast.Compare) and len(t.ops) == 1:
            op, l, r = t.ops[0], t.left, t.comparators[0]
            if isinstance(op, ast.Eq):
                try: c = self.call(l); c["x"] = self.data(r)
                except ValueError: c = self.call(r); c["x"] = self.data(l)
                c["c"] = "equal"
            elif isinstance(op, ast.Is) and isinstance(r, ast.Constant) and (r.value is None or type(r.value) is bool):
                c = self.call(l); c["x"] = r.value; c["c"] = "is"
            elif isinstance(op, (ast.Lt, ast.LtE)) and isinstance(l, ast.Call) and isinstance(l.func, ast.Name) and l.func.id == 'abs' \
                    and len(l.args) == 1 and isinstance(l.args[0], ast.BinOp) and isinstance(l.args[0].op, ast.Sub):
                a, b = l.args[0].left, l.args[0].right
                try: c = self.call(a); x = self.value(b)
                except ValueError: c = self.call(b); x = self.value(a)
                eps = self.value(r)
                if type(x) not in (int, float) or type(eps) not in (int, float): raise ValueError
                c["x"] = enc(x); c["eps"] = float(eps); c["c"] = "near" if isinstance(op, ast.Lt) else "near_equal"
            else: raise ValueError
        else: raise ValueError
        c["line"] = st.lineno
        return c

def compiled(code, name): return compile(code, name, 'exec', dont_inherit=True)

def setup_ns(code):
    """What setup code, compiled, defines."""
    g = {'__name__': 'tests', '__builtins__': builtins}
    exec(code, g)
    return g

def split(setup, tree, stubs):
    """A test to run apart from the program, compiled once for all programs; stubs are the names of its functions."""
    return {"mode": "split", "code": _b64(marshal.dumps((setup, compiled(tree, '<test>'), stubs)))}

def plan_assert(t):
    tree = ast.parse(t['code'])
    code = t.get('setup') or ''
    setup = ast.parse(code)
    # Setup that uses the program's names, or makes classes whose instances it would
    # have to receive, cannot be kept apart from the program.
    bound = {n.id for n in ast.walk(setup) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    bound |= {n.name for n in ast.walk(setup) if isinstance(n, ast.FunctionDef)} | {n.arg for n in ast.walk(setup) if isinstance(n, ast.arg)}
    bound |= {(a.asname or a.name).partition('.')[0] for n in ast.walk(setup) if isinstance(n, (ast.Import, ast.ImportFrom)) for a in n.names}
    foreign = {n for n in names(setup) if n not in bound and n not in _builtins and n != '__builtins__'}
    if foreign or any(isinstance(n, ast.ClassDef) for n in ast.walk(setup)): return {"mode": "in-process"}
    code = compiled(code, '<setup>')
    ns = setup_ns(code)
    isfunc = lambda n: n not in _builtins and n not in ns
    if len(tree.body) == 1:
        try: return {"mode": "data", "calls": [Plan(ns, isfunc).test(tree.body[0])]}
        except Exception: pass
    # split: every unknown name must be used as a function and nothing else
    called = {id(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}
    stored = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    free = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and isfunc(n.id) and n.id not in stored]
    free = [n for n in free if n.id not in {a.arg for x in ast.walk(tree) if isinstance(x, ast.Lambda) for a in x.args.args}]
    if not free or any(id(n) not in called for n in free): return {"mode": "in-process"}
    return split(code, tree, [n for n in sorted(names(tree)) if isfunc(n)])

def plan_check(t):
    tree = ast.parse(t['code'])
    fn = [s for s in tree.body if isinstance(s, ast.FunctionDef) and s.name == 'check']
    if len(fn) != 1 or len(fn[0].args.args) != 1: return {"mode": "in-process"}
    arg = fn[0].args.args[0].arg
    p = Plan({'__builtins__': builtins}, lambda n: n == arg)
    out = []
    try:
        for st in fn[0].body:
            if isinstance(st, ast.Pass) or isinstance(st, ast.Expr) and isinstance(st.value, ast.Constant): continue
            if isinstance(st, ast.Assert) and isinstance(st.test, ast.Constant) and st.test.value: continue
            c = p.test(st); c["f"] = t['entry']; out.append(c)
    except Exception: out = []
    if out: return {"mode": "data", "calls": out}
    return split(compiled(t.get('prelude') or '', '<setup>'), ast.fix_missing_locations(Asserts().visit(tree)), [t['entry']])

def plan_unittest(t):
    classes = {}                                 # of two classes or methods with one name, Python keeps the last
    for c in ast.parse(t['code']).body:
        if isinstance(c, ast.ClassDef):
            classes[c.name] = {f.name: 0 for f in c.body if isinstance(f, (ast.FunctionDef, ast.AsyncFunctionDef)) and f.name.startswith('test')}
    return {"mode": "in-process", "names": [c + '.' + f for c, fs in classes.items() for f in fs]}

_planners = {'assert': plan_assert, 'check': plan_check, 'unittest': plan_unittest}

def plan(fd, job):
    """Answers one problem after the other."""
    while True:
        for t in job['tests']:
            try: p = _planners[t['kind']](t)
            except BaseException as e: p = {"mode": "error", "e": error(e)}
            try: send(fd, p)
            except (RecursionError, ValueError) as e: send(fd, {"mode": "error", "e": error(e)})
        try: job = _loads(frame(fd))
        except EOFError: return

# ---------- run: tests against stubs ----------

class Gone(BaseException): pass
class ProgramError(Exception):
    """An exception of the program whose type is not a builtin."""

class Link:
    fd, last, tainted = -1, None, False

def _raise(e):
    name, msg, line, base, missing = e
    cls = getattr(builtins, base, None) if type(base) is str else None
    if not (isinstance(cls, type) and issubclass(cls, Exception)) or name != base: cls = None
    elif issubclass(cls, (StopIteration, StopAsyncIteration)): cls = None    # all(map(…)) would end there, and be true
    try: x = cls(msg) if cls else ProgramError('%s: %s' % (name, msg))
    except Exception: x = ProgramError('%s: %s' % (name, msg))
    x.program = e
    raise x

class Stub:
    """The program's function: calls cross to the other process as data."""
    __slots__ = ('name',)
    def __init__(self, name): self.name = name
    def __call__(self, *a, **k):
        send(Link.fd, {"call": [self.name, [enc(x) for x in a], {n: enc(v) for n, v in k.items()}]})
        try: r = _loads(frame(Link.fd))
        except EOFError: raise Gone
        if 'e' in r: _raise(r['e'])
        Opaque.seen = False
        v = dec(r['v'])
        Link.last = v
        for old, new in zip(a, r.get('a') or ()):        # arguments the program changed in place
            if new is None: continue
            new = dec(new)
            if type(old) is list and type(new) is list: old[:] = new
            elif type(old) is dict and type(new) is dict: old.clear(); old.update(new)
            elif type(old) is set and type(new) is set: old.clear(); old.update(new)
        if Opaque.seen: Link.tainted = True
        return v

class Asserts(ast.NodeTransformer):
    """Every assert reports its outcome on its own and lets the rest run."""
    def visit_Assert(self, node):
        new = ast.parse("try:\n  __begin()\n  __report(%d, 1 if 0 else 0, None)\nexcept Exception as __e: __report(%d, 0, __e)" % (node.lineno, node.lineno)).body[0]
        new.body[1].value.args[1].test = node.test
        return ast.copy_location(new, node)

def show(v):
    try: return repr(v)[:400]
    except Exception: return '?'

def cause(x):
    return getattr(x, 'program', None) or error(x)

def result(name, line, n, ok, x, got):
    o = "exc" if x is not None and not isinstance(x, AssertionError) else "pass" if n and n == ok else "fail"
    rep = {"t": name, "o": o, "line": line}
    if o != "pass": rep["got"] = got
    if o == "exc": rep["e"] = cause(x)
    if Link.tainted and o == "pass": rep["o"] = "fail"; rep["taint"] = 1
    return rep

def namespace(setup, stubs):
    g = setup_ns(setup)
    for n in stubs: g[n] = Stub(n)
    return g

def run_check(t, setup, test, stubs):
    sites = {}
    def begin(): Link.last = None
    def report(line, ok, x):
        s = sites.setdefault(line, [0, 0, None, None])
        s[0] += 1; s[1] += bool(ok)
        if not ok and s[3] is None: s[2], s[3] = x, show(Link.last)
    g = namespace(setup, stubs)
    g['__begin'], g['__report'] = begin, report
    exec(test, g)
    end = None
    try: g['check'](g[stubs[0]])
    except Exception as x: end = x
    for line in sorted(sites): yield result('%s:%d' % (t['name'], line), line, *sites[line])
    if end is not None or not sites: yield result(t['name'], 0, 0 if end is not None else 1, 0 if end is not None else 1, end, show(Link.last))

def run_assert(t, setup, test, stubs):
    g = namespace(setup, stubs)
    Link.last = None
    x = None
    try: exec(test, g)
    except Exception as e: x = e
    yield result(t['name'], 0, 1, x is None, x, show(Link.last))

def run(fd, job):
    Link.fd = fd
    for t in job['tests']:
        Link.tainted = False
        try:
            setup, test, stubs = marshal.loads(base64.b64decode(t['code']))
            for rep in (run_check if t['kind'] == 'check' else run_assert)(t, setup, test, stubs): send(fd, rep)
        except Gone: return
        except BaseException as e: send(fd, {"t": t['name'], "o": "exc", "e": cause(e)})
        send(fd, {"end": t['name']})
    send(fd, {"done": 1})

def main(fd, data, fds):
    job = _loads(frame(fd, data))
    if job['m'] == 'plan': plan(fd, job)
    else: run(fd, job)
