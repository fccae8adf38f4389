# class: forged messages
# against: data split stdio
# Random bytes, empty frames and invalid JSON on the channel.
import os, random
def f(kind, n):
    for fd in range(3, 16):
        try: os.write(fd, b'\x00\x00\x00\x00' + b'\x03\x00\x00\x00\xff\xfe\x00' + random.randbytes(500))
        except OSError: pass
    return 0
f(0, 0)
