# class: kernel
# against: data split
# io_uring, userfaultfd, bpf, perf_event_open, keyctl, add_key, init_module, kexec, fanotify,
# quotactl, memfd_secret, landlock, seccomp.
import ctypes
sc = ctypes.CDLL(None).syscall
buf = ctypes.create_string_buffer(256)
def f(kind, n):
    for nr in (425, 426, 427, 323, 321, 298, 250, 248, 249, 175, 313, 246, 320, 300, 179, 447, 444, 317, 163, 167, 169, 103, 135, 172, 173, 154, 29, 68, 64, 240, 253, 294, 428, 429, 430, 431, 432, 442, 133, 259, 92, 94, 188, 190, 460, 462):
        if sc(nr, 1, buf, 120, 0, 0, 0) >= 0: raise AssertionError('LEAK: system call %d' % nr)
    return 0
