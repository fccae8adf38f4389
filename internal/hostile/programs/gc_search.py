# class: looking for answers
# against: data split
# Searches everything the garbage collector knows for tests, expected values and the judge's
# functions.
import gc
def f(kind, n):
    gc.unfreeze()
    for o in gc.get_objects():
        try:
            if type(o) is dict and ('expected' in o or 'check' in o and callable(o['check']) or '__report' in o): raise AssertionError('LEAK: tests in memory')
            if type(o).__name__ in ('Stub', 'Link', 'Plan'): raise AssertionError('LEAK: tester in memory')
        except AssertionError: raise
        except Exception: pass
    return 0
