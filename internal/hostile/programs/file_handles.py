# class: kernel
# against: data split stdio
# name_to_handle_at and open_by_handle_at, the container escape by inode number.
import ctypes, os
sc = ctypes.CDLL(None).syscall
def f(kind, n):
    h = ctypes.create_string_buffer(b'\x08\x00\x00\x00\x01\x00\x00\x00\x02' + b'\x00' * 127)
    mid = ctypes.c_int()
    for d in ('/', '/usr', '/scratch'):
        try: fd = os.open(d, os.O_RDONLY)
        except OSError: continue
        if sc(303, fd, b'.', h, ctypes.byref(mid), 0) >= 0 or sc(304, fd, h, 0) >= 0: raise AssertionError('LEAK: file handles')
    return 0
f(0, 0)
