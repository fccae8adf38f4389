# The process that runs a program under test. It gets code and arguments, never
# an expected value. It may lie about its results, but it cannot know the answers.
import sys

_COMPILE = (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError)

_names = _allow(_MODULES)

_used = False

def admitted(fd, shut):
    """Says whether a program is closed, and whether it may run in this process: only closed ones follow others."""
    global _used
    send(fd, {"closed": shut})
    if _used and not shut: return False
    _used = True
    return True

def load(fd, code, name, shared=False):
    """Compile and run the program; returns its module namespace, or None after having said why not. shared: say first whether it is closed."""
    m = types.ModuleType(name)
    sys.modules[name] = m
    g = m.__dict__
    g['__builtins__'] = builtins
    try: c = compile(code, '<program>', 'exec', dont_inherit=True)
    except _COMPILE as e:
        send(fd, {"stage": "syntax", "e": error(e)})
        return None
    if shared and not admitted(fd, closed(code, _MODULES, _names)): return None
    try: exec(c, g)
    except BaseException as e:
        send(fd, {"stage": "import", "e": error(e)})
        return None
    send(fd, {"ok": 1})
    return g

class Lines:
    """The lines of the program that run inside a with statement, where they are asked for."""
    def __init__(self, wanted, set=sys.settrace): self.wanted, self.set, self.seen = wanted, set, {}
    def line(self, frame, event, arg):
        if event == 'line': self.seen[frame.f_lineno] = 1
        return self.line
    def frame(self, frame, event, arg):
        if frame.f_code.co_filename == '<program>': return self.line
    def __enter__(self):
        if self.wanted: self.seen = {}; self.set(self.frame)
    def __exit__(self, *_):
        if self.wanted: self.set(None)
    def add(self, rep):
        if self.wanted: rep["l"] = list(self.seen)
        return rep

def function(g, name):
    if name in g: return g[name]
    if '.' in name:                          # LeetCode style: a method of a class without arguments
        cls, _, attr = name.partition('.')
        return getattr(g[cls](), attr)
    raise NameError("name %r is not defined" % name)

def calls(fd, job):
    while job is not None: job = program(fd, job)

def program(fd, job):
    """Runs a program's calls until the next job comes, which one that is not closed never sees."""
    g = load(fd, job['code'], 'solution', job.get('shared'))
    if g is None: return
    todo, lines = job['calls'], Lines(job.get('trace'))
    last = len(todo) - 1 if job.get('shared') else -1    # before the last answer all is put away
    while True:
        for n, (q, f, a, k, back) in enumerate(todo):
            try:
                a = [dec(x) for x in a]
                k = {n: dec(v) for n, v in k.items()}
                with lines: r = function(g, f)(*a, **k)
                rep = {"q": q, "v": enc(r)}
                if back: rep["a"] = [enc(x) if type(x) in (list, dict, set) else None for x in a]
            except BaseException as e: rep = {"q": q, "e": error(e)}
            if n == last:
                a = k = r = None
                tidy(g)
            try: send(fd, lines.add(rep))
            except (RecursionError, MemoryError, ValueError, UnicodeError) as e: send(fd, {"q": q, "e": error(e)})
        if last >= 0: return _loads(frame(fd))       # the next job, unless Hone ends the process
        todo = _loads(frame(fd))

def script(fd, job, fds):
    for i, f in enumerate(fds):
        os.dup2(f, i); os.close(f)
    sys.stdin = sys.__stdin__ = open(0, 'r', encoding='utf-8', errors='surrogateescape', newline=None, closefd=False)
    sys.stdout = sys.__stdout__ = open(1, 'w', encoding='utf-8', errors='surrogateescape', newline='\n', closefd=False)
    sys.stderr = sys.__stderr__ = open(2, 'w', encoding='utf-8', errors='backslashreplace', newline='\n', closefd=False)
    sys.argv = ['program.py']
    try: c = compile(job['code'], '<program>', 'exec', dont_inherit=True)
    except _COMPILE as e: return send(fd, {"stage": "syntax", "e": error(e)})
    m = types.ModuleType('__main__'); sys.modules['__main__'] = m
    m.__dict__['__builtins__'] = builtins
    rep, lines = {"ok": 1}, Lines(job.get('trace'))
    try:
        with lines: exec(c, m.__dict__)
    except SystemExit as e:
        if e.code not in (None, 0, False): rep = {"stage": "run", "e": error(e)}
    except BaseException as e: rep = {"stage": "run", "e": error(e)}
    try: sys.stdout.flush()
    except OSError as e: rep = {"stage": "output", "e": error(e)}
    except BaseException as e: rep = {"stage": "run", "e": error(e)}
    send(fd, lines.add(rep))

def main(fd, data, fds):
    job = _loads(frame(fd, data))
    mode = job['m']
    try:
        if mode == 'calls': calls(fd, job)
        elif mode == 'script': script(fd, job, fds)
        elif mode == "robot": robot(fd, job)     # these two are in files of their own, which only
        else: inprocess(fd, job)                 # the sandboxes that need them have
    except EOFError: pass

def _warm():
    ns = {}
    exec(compile("import math\nfrom typing import List\ndef f(a: List[int]) -> int:\n  '''d'''\n  return sorted(a)\nclass A:\n  def m(self): return [x for x in range(3)]\nassert f([3,2])==[2,3]\n", '<program>', 'exec'), ns)
    enc(dec({"tuple": [1, [2.5, "x"], {"dict": [["a", None]]}]}))
    closed("import math\nfrom typing import List\ndef f(a: List[int]) -> int:\n  '''d'''\n  return sorted(a)[0] + math.floor(2.5)\n", _MODULES, _names)
    _loads(b'{"m":"x","calls":[[0,"f",[1,2.0,"a"],{},0]]}')
    try: compile('def (', '<program>', 'exec')
    except SyntaxError as e: error(e)
    try: [][1]
    except IndexError as e: error(e)
_warm()
