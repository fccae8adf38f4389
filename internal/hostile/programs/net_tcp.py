# class: network
# against: data split stdio
# TCP to a listener on this machine, with socket, asyncio, urllib and raw calls.
import socket, ctypes
def go():
    try:
        s = socket.create_connection(('127.0.0.1', @TCP@), 0.2); s.send(b'hello')
        raise AssertionError('LEAK: connected')
    except OSError: pass
    sc = ctypes.CDLL(None).syscall
    for fam in (1, 2, 10, 16, 17, 38, 40, 44):
        for typ in (1, 2, 3, 5):
            if sc(41, fam, typ, 0) >= 0: raise AssertionError('LEAK: socket(%d, %d)' % (fam, typ))
def f(kind, n): go(); return 0
go()
