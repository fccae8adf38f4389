# class: looking for answers
# against: data split stdio
# Walks every frame and searches all reachable values for the expected ones and for the tests'
# source.
import sys
def hunt():
    mark = ' '.join(('def', 'expected'))
    fr = sys._getframe().f_back
    while fr is not None:
        for d in (fr.f_locals, fr.f_globals):
            for k, v in list(d.items()):
                try: s = repr(v)
                except Exception: continue
                if mark in s: raise AssertionError('LEAK: tests in %s' % k)
        fr = fr.f_back
def f(kind, n): hunt(); return 0
hunt()
