# class: resources
# against: data
# Memory that no address space limit sees: memfds, pipes, sockets full of data, descriptors in
# flight.
import os, socket, fcntl, array
def f(kind, n):
    total = 0
    chunk = bytes(1 << 24)
    while total < 1 << 30:
        try: fd = os.memfd_create('x'); total += os.write(fd, chunk)
        except (OSError, AttributeError): break
        if total > 16 << 20: raise AssertionError('LEAK: %d MiB in files of memory' % (total >> 20))
    for i in range(60):
        try:
            r, w = os.pipe(); fcntl.fcntl(w, 1031, 1 << 20); os.set_blocking(w, False); total += os.write(w, chunk)
        except OSError: break
    if total > 200 << 20: raise AssertionError('LEAK: %d MiB in pipes' % (total >> 20))
    return 0
