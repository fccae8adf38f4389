# class: resources
# against: data
# Byte-range locks, which are memory of the kernel that no limit counts.
import fcntl, os, struct
def f(kind, n):
    fd = os.open('/dev/null', os.O_RDWR)
    for i in range(1 << 30):
        try: fcntl.fcntl(fd, 37, struct.pack('hhqqi4x', fcntl.F_WRLCK, 0, 2 * (i * 7919 % (1 << 40)), 1, 0))
        except OSError: return 0
