# class: kernel
# against: data split
# unshare and setns into new or other namespaces, and threads with new namespaces.
import ctypes, os
sc = ctypes.CDLL(None).syscall
L = ctypes.c_long
def f(kind, n):
    for flag in (0x10000000, 0x00020000, 0x20000000, 0x40000000, 0x08000000, 0x04000000, 0x02000000, 0x00000200, 0x400):
        if sc(272, L(flag)) == 0 or sc(308, L(3), L(flag)) == 0: raise AssertionError('LEAK: namespace %#x' % flag)
        if flag > 0x1000 and sc(56, L(0x10d00 | flag), 0, 0, 0, 0) > 0: raise AssertionError('LEAK: thread in a new namespace')
    return 0
