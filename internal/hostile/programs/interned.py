# class: state between programs
# against: data split stdio
# Overwrites small integers, interned strings, None's reference count and type slots through
# ctypes.
import ctypes
for i in range(2, 200):
    ctypes.memmove(id(i) + 24, id(1) + 24, 4)
ctypes.memset(id(''), 255, 8)
s = 'int'
ctypes.memmove(id(s) + 48, b'all', 3)
ctypes.memmove(id(False) + 24, id(True) + 24, 4)
def f(kind, n): return n
