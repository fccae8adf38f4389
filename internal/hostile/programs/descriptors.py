# class: resources
# against: data split stdio
# Uses up its descriptors with every kind it can make, nests epolls, and hands descriptors to itself in flight.
import os, socket, select, ctypes, array, time
sc = ctypes.CDLL(None).syscall
def go():
    keep = []
    def some(make, n):
        for _ in range(n):
            try: keep.append(make())
            except OSError: return
    some(lambda: sc(290, 0, 0), 20); some(lambda: sc(283, 1, 0), 20); some(lambda: select.epoll(), 40); some(os.pipe, 60); some(socket.socketpair, 60)
    es = [k for k in keep if isinstance(k, select.epoll)]
    for a, b in zip(es, es[1:]):
        try: a.register(b, select.EPOLLIN | select.EPOLLET)
        except OSError: pass
    for k in keep:
        if type(k) is tuple and isinstance(k[0], socket.socket):
            for s in k:
                s.setblocking(False)
                try: s.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', range(0, 3)))])
                except OSError: continue
                raise AssertionError('LEAK: sent descriptors, of which a user can have so many under way')
    some(lambda: os.dup(0), 2000)
    for fd in (511, 512, 100000, -1):
        try: os.dup2(0, fd)
        except OSError: continue
        if fd > 511: raise AssertionError('LEAK: descriptor %d' % fd)
kept = []
def f(kind, n): go(); return 0
go()
