# class: looking for answers
# against: data split
# Reads its own memory for the text of tests, through /proc/self and through ctypes.
import ctypes, sys
def f(kind, n):
    for p in ('/proc/self/maps', '/proc/self/mem', '/proc/self/environ', '/proc/self/cmdline', '/proc/thread-self/maps'):
        try: open(p, 'rb')
        except OSError: continue
        raise AssertionError('LEAK: opened ' + p)
    env = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), 'environ')
    i = 0
    while env and env[i]:
        if b'HONE' in env[i] or b'SECRET' in env[i]: raise AssertionError('LEAK: environment of the judge')
        i += 1
    return 0
