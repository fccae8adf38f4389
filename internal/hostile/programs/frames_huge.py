# class: forged messages
# against: data split stdio
# Announces frames of 2^31 and 2^32-1 bytes.
import os
for fd in range(3, 16):
    try: os.write(fd, b'\x00\x00\x00\x80' + b'x' * 1000)
    except OSError: pass
def f(kind, n):
    for fd in range(3, 16):
        try: os.write(fd, b'\xff\xff\xff\xff' + b'[' * 1000)
        except OSError: pass
    return 0
