# class: kernel
# against: data split
# ptrace, process_vm_readv/writev, /proc/PID/mem, kcmp, pidfd_getfd, get_robust_list and
# process_madvise on the zygote and outside.
import ctypes, os
sc = ctypes.CDLL(None).syscall
L = ctypes.c_long
def f(kind, n):
    buf = ctypes.create_string_buffer(64); iov = (ctypes.c_void_p * 2)(ctypes.addressof(buf), 64)
    for pid in (os.getppid(), @VICTIM@, @SUPERVISOR@, 1):
        r = [sc(101, L(16), L(pid), 0, 0), sc(101, L(0x4206), L(pid), 0, 0), sc(310, L(pid), iov, L(1), iov, L(1), 0), sc(311, L(pid), iov, L(1), iov, L(1), 0), sc(312, L(pid), L(os.getpid()), 0, 0, 0)]
        if [x for x in r if x >= 0]: raise AssertionError('LEAK: touched another process: %r' % r)
        for name in ('mem', 'maps', 'environ', 'root', 'cwd', 'fd/0', 'status', 'task', 'auxv'):
            try: os.open('/proc/%d/%s' % (pid, name), os.O_RDONLY)
            except OSError: continue
            raise AssertionError('LEAK: opened /proc/%d/%s' % (pid, name))
    sc(101, L(0), 0, 0, 0)
    return 0
