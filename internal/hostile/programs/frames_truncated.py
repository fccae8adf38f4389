# class: forged messages
# against: data split stdio
# Sends part of a frame and leaves, or falls silent.
import os
def f(kind, n):
    for fd in range(3, 16):
        try: os.write(fd, b'\x20\x00\x00\x00{"q":0,"v":')
        except OSError: pass
    os._exit(0)
f(0, 0)
