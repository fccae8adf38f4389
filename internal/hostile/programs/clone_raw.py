# class: processes
# against: data split
# vfork, clone with every sharing flag short of a thread, clone3, fork by number.
import ctypes, os, struct
sc = ctypes.CDLL(None).syscall
L = ctypes.c_long
def f(kind, n):
    args = ctypes.create_string_buffer(struct.pack('11Q', 0x100, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0))
    for call in ((435, args, L(88)), (57,), (58,), (56, L(0x4f00), 0, 0, 0, 0), (56, L(17), 0, 0, 0, 0)):
        pid = sc(*call)
        if pid == 0:
            import time; time.sleep(60); os._exit(0)
        if pid > 0: raise AssertionError('LEAK: a child process')
    return 0
