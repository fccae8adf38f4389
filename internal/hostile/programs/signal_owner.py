# class: signals
# against: data split
# F_SETOWN, F_SETOWN_EX, F_SETSIG, F_SETLEASE, F_NOTIFY, FIOSETOWN and SIOCSPGRP on outside
# processes, also with bits the kernel ignores set in the upper half.
import ctypes, os, socket, struct
sc = ctypes.CDLL(None).syscall
L = ctypes.c_long
def f(kind, n):
    a, b = socket.socketpair()
    hi = 1 << 32
    for up in (0, hi, 0x7fffffff << 32):
        for cmd, arg in ((10, 9), (8, @VICTIM@), (1024, 0), (1026, 1)):
            if sc(72, L(a.fileno()), L(cmd | up), L(arg)) == 0: raise AssertionError('LEAK: fcntl(%#x)' % (cmd | up))
        ex = ctypes.create_string_buffer(struct.pack('ii', 1, @VICTIM@))
        if sc(72, L(a.fileno()), L(15 | up), ex) == 0: raise AssertionError('LEAK: F_SETOWN_EX')
        pid = ctypes.create_string_buffer(struct.pack('i', @VICTIM@))
        for req in (0x8901, 0x8902):
            if sc(16, L(a.fileno()), L(req | up), pid) == 0: raise AssertionError('LEAK: ioctl(%#x)' % (req | up))
        sc(72, L(a.fileno()), L(4 | up), L(0o20000 | 0o4000))
    b.send(b'x'); b.close()
    return 0
