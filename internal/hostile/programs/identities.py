# class: kernel
# against: data split
# setuid and friends, capabilities, securebits, dumpable, parent-death signal, no_new_privs,
# personality, seccomp off.
import ctypes, struct
libc = ctypes.CDLL(None); sc = libc.syscall
L = ctypes.c_long
def f(kind, n):
    for nr in (105, 106, 113, 114, 116, 117, 119):
        if sc(nr, L(0), L(0), L(0)) == 0: raise AssertionError('LEAK: identity call %d' % nr)
    hdr = ctypes.create_string_buffer(struct.pack('Ii', 0x20080522, 0)); data = ctypes.create_string_buffer(b'\xff' * 24)
    if sc(126, hdr, data) == 0: raise AssertionError('LEAK: capset')
    for up in (0, 1 << 32):
        for opt, arg in ((1, 0), (4, 1), (8, 1), (22, 0), (24, 21), (28, 0), (47, 2), (36, 1), (0x59616d61, -1), (35, 1), (59, 1)):
            if sc(157, L(opt | up), L(arg), L(21), 0, 0) == 0: raise AssertionError('LEAK: prctl %d' % opt)
    if sc(135, L(0x0400000)) >= 0: raise AssertionError('LEAK: personality')
    return 0
