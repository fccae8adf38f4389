# class: forged messages
# against: data split
# Puts its own socket, pipe and file in the channel's place and answers there.
import os, socket
a, b = socket.socketpair()
r, w = os.pipe()
for fd in range(3, 10):
    if fd not in (a.fileno(), b.fileno(), r, w):
        try: os.dup2(a.fileno() if fd % 2 else w, fd)
        except OSError: pass
def f(kind, n): return 0
