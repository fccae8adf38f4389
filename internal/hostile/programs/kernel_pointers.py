# class: kernel
# against: data split
# Pointers that the kernel keeps and uses later: robust lists, the address cleared at exit, rseq, signal stacks, segment bases, timers' targets.
import ctypes, signal
sc = ctypes.CDLL(None).syscall
L = ctypes.c_long
def f(kind, n):
    bad = L(0xffffffff81000000)
    head = (ctypes.c_long * 3)(0xffffffff81000, 0, 0x41414141)
    for call in ((273, head, L(24)), (218, bad), (334, bad, L(32), 0, 0x53053053), (131, (ctypes.c_long * 3)(8, 0, 4096), None), (158, L(0x1001), bad), (158, L(0x1003), bad), (158, L(0x2001), L(0x10000)), (158, L(0x5001), L(1)),
                 (324, 1, 0, 0), (324, 16, 0, 0), (28, L(0x10000), L(4096), L(100)), (28, L(0x10000), L(4096), L(12)), (324, 1 << 7, 0, 0)):
        r = sc(*call)
        if r == 0 and call[0] == 28: raise AssertionError('LEAK: madvise')
    return 0
