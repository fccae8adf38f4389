# class: resources
# against: data split
# Timers and queued signals up to the limit of the whole user.
import ctypes
sc = ctypes.CDLL(None).syscall
def f(kind, n):
    k, t = 0, ctypes.c_int()
    while k < 20000 and sc(222, 1, None, ctypes.byref(t)) == 0: k += 1
    if k > 300: raise AssertionError('LEAK: %d timers' % k)
    return 0
