# class: signals
# against: data split
# tkill, tgkill, rt_sigqueueinfo, rt_tgsigqueueinfo, pidfd_open and pidfd_send_signal by number.
import ctypes, os
sc = ctypes.CDLL(None).syscall
buf = ctypes.create_string_buffer(128)
def f(kind, n):
    for pid in (@VICTIM@, @SUPERVISOR@, os.getppid(), 1):
        for sig in (9, 19, 15):
            r = [sc(200, pid, sig), sc(234, pid, pid, sig), sc(129, pid, sig, buf), sc(297, pid, pid, sig, buf), sc(62, pid, sig)]
            if pid in (@VICTIM@, @SUPERVISOR@) and 0 in r: raise AssertionError('LEAK: signalled an outside process %r' % r)
        fd = sc(434, pid, 0)
        if fd >= 0: raise AssertionError('LEAK: pidfd')
    return 0
