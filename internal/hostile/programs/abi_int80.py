# class: kernel
# against: data split
# Machine code in a page of its own that makes 32-bit system calls through int 0x80: fork, kill,
# open for writing, socketcall.
import ctypes, mmap
code = bytes.fromhex('53' '89f8' '89f3' '89d1' '89ca' 'cd80' '5b' 'c3')    # push rbx; eax=edi; ebx=esi; ecx=edx; int 0x80; pop rbx; ret
def f(kind, n):
    try: m = mmap.mmap(-1, 4096, prot=7)
    except OSError: return 0
    m.write(code)
    call = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(m)))
    for nr, a, b in ((2, 0, 0), (37, @VICTIM@, 9), (102, 1, 0), (26, 0, 0), (310, 0, 0), (359, 1, 1)):
        if call(nr, a, b) >= 0: raise AssertionError('LEAK: 32-bit call %d' % nr)
    return 0
