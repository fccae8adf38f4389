# class: looking for answers
# against: data split
# Uses inspect, linecache and tracebacks of provoked errors to read the harness and the tests.
import inspect, linecache, sys, os
def f(kind, n):
    for k, v in os.environ.items():
        if 'HONE' in k or 'SECRET' in v: raise AssertionError('LEAK: environment')
    src = []
    for r in inspect.stack():
        try: src.append(inspect.getsource(r.frame))
        except Exception: pass
    if any('def ' + 'expected' in s for s in src): raise AssertionError('LEAK: tests in source')
    class Bad:
        def __getattr__(self, n): raise ValueError(inspect.stack())
    return Bad()
