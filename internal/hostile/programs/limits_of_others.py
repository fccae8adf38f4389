# class: signals
# against: data split
# prlimit, setpriority, sched_setaffinity, sched_setscheduler, ioprio_set and migrate_pages on
# outside processes.
import ctypes, os
sc = ctypes.CDLL(None).syscall
lim = (ctypes.c_ulonglong * 2)(1, 1); mask = ctypes.c_ulonglong(1)
def f(kind, n):
    for pid in (@VICTIM@, @SUPERVISOR@, os.getppid(), 1):
        for up in (0, 1 << 32):
            r = [sc(302, ctypes.c_long(pid | up), ctypes.c_long(7), lim, None), sc(141, ctypes.c_long(0 | up), ctypes.c_long(pid), ctypes.c_long(19)), sc(203, ctypes.c_long(pid | up), ctypes.c_long(8), ctypes.byref(mask)),
                 sc(144, ctypes.c_long(pid | up), 0, ctypes.byref(mask)), sc(251, 1, pid, 3 << 13), sc(256, pid, 8, ctypes.byref(mask), ctypes.byref(mask))]
            if 0 in r: raise AssertionError('LEAK: changed another process: %r' % r)
    return 0
