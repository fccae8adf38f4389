# class: resources
# against: stdio
# Plays with the files it has as standard streams: seeks, truncates, non-blocking, writes its
# input, makes output sparse.
import os, fcntl
for fd in (0, 1, 2):
    for op in (lambda: fcntl.fcntl(fd, fcntl.F_SETFL, os.O_NONBLOCK | os.O_APPEND | 0o40000), lambda: os.ftruncate(fd, 10**6), lambda: os.pwrite(fd, b'7\n', 0), lambda: os.lseek(fd, 10**7, 0), lambda: fcntl.fcntl(fd, 1033, 15),
               lambda: fcntl.flock(fd, fcntl.LOCK_EX), lambda: os.ftruncate(fd, 1 << 40)):
        try: op()
        except OSError: pass
print(0)
