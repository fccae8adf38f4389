# class: kernel
# against: data split
# syscall instructions of its own, and calls with garbage in the upper half of the number.
import ctypes, mmap
def f(kind, n):
    m = mmap.mmap(-1, 4096, prot=7)
    m.write(bytes.fromhex('4889f8' '4889f7' '4889d6' '31d2' '4d31d2' '0f05' 'c3'))    # rax=rdi; rdi=rsi; rsi=rdx; syscall; ret
    call = ctypes.CFUNCTYPE(ctypes.c_long, ctypes.c_long, ctypes.c_long, ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(m)))
    for nr, a, b in ((41, 2, 1), (41 | 1 << 32, 2, 1), (101, 16, @VICTIM@), (272, 0x10000000, 0), (165, 0, 0), (57 | 1 << 32, 0, 0)):
        if call(nr, a, b) >= 0: raise AssertionError('LEAK: call %d' % nr)
    return 0
