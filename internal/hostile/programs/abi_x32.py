# class: kernel
# against: data split
# System calls under their x32 numbers, which a filter by number may not know.
import ctypes
sc = ctypes.CDLL(None).syscall
def f(kind, n):
    for base in (0x40000000, 0xc0000000):
        for nr in (41, 57, 59, 62, 101, 165, 272, 512, 520, 545):
            if sc(ctypes.c_long(base | nr), 2, 1, 0, 0) >= 0: raise AssertionError('LEAK: x32 call %d' % nr)
    return 0
