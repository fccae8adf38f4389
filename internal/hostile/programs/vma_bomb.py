# class: resources
# against: data
# As many mappings as a process can have, so that the kernel works when they go.
import ctypes, mmap
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p; libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
def f(kind, n):
    p = libc.mmap(None, 256 << 20, 3, 0x22, -1, 0)
    if not p or p == ctypes.c_void_p(-1).value: return 0
    for i in range(0, 65536, 2):
        ctypes.memset(p + i * 4096, 1, 1)
        if libc.mprotect(p + i * 4096, 4096, 1): break
    return 0
