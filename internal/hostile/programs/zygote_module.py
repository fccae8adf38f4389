# class: patching
# against: data split stdio
# Reaches into __main__ (the zygote's module) for its control socket, configuration and libc, and
# tries to use them.
import sys, os
g, fr = {}, sys._getframe()
while fr is not None:
    if '_zygote' in fr.f_globals: g = fr.f_globals
    fr = fr.f_back
g = g or vars(sys.modules['__main__'])
for m in (b'{"ready":true}', b'{"status":0,"cpu":0,"rss":0,"faults":0,"extra":0,"dirty":0}', b'{"error":"x"}'):
    try:
        g['_sk'].send(m)
        raise AssertionError('LEAK: wrote to the control socket')
    except (OSError, KeyError): pass
for v in g.get('_C', {}).values():
    if 'expected' in str(v) and '7919' in str(v): raise AssertionError('LEAK: tests in the zygote')
def f(kind, n):
    if '_zygote' in g: g['_zygote']()
    return 0
