# class: state between programs
# against: data split stdio
# Flags, locks, owners and positions of standard streams, which outlast a process that shares them.
import fcntl, os, struct
def go():
    for fd in (0, 1, 2):
        for op in (lambda: fcntl.fcntl(fd, fcntl.F_SETFL, os.O_NONBLOCK | os.O_APPEND), lambda: fcntl.fcntl(fd, fcntl.F_SETFL, os.O_NONBLOCK | 0o40000), lambda: fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB), lambda: fcntl.fcntl(fd, 37, struct.pack('hhqqi4x', 1, 0, 0, 0, 0)),
                   lambda: fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB), lambda: os.lseek(fd, 12345, 0), lambda: fcntl.fcntl(fd, 1032, 1 << 20)):
            try: op()
            except (OSError, ValueError): pass
def f(kind, n): go(); return 0
go()
