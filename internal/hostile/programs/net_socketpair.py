# class: network
# against: data split stdio
# Datagram socket pairs need no socket() and no connect(): sendto and sendmsg with an address
# reach unix sockets of the host.
import socket, ctypes, array, os
def go():
    for typ in (socket.SOCK_DGRAM, socket.SOCK_RAW):
        try: a, b = socket.socketpair(socket.AF_UNIX, typ)
        except OSError: continue
        for addr in ('@UNIXGRAM@', '\0@ABSTRACT@gram', '@UNIX@', '/dev/log', '/run/systemd/journal/dev-log'):
            for send in (lambda: a.sendto(b'hello', addr), lambda: a.sendmsg([b'hello'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [0]))], 0, addr)):
                try: send()
                except OSError: continue
                raise AssertionError('LEAK: reached %r' % addr)
        a.close(); b.close()
    sc = ctypes.CDLL(None).syscall
    pair = (ctypes.c_int * 2)()
    for fam in (2, 10, 16, 17, 30, 38, 40, 43):
        for typ in (1, 2, 3, 5):
            if sc(53, fam, typ, 0, pair) == 0: raise AssertionError('LEAK: socketpair of family %d' % fam)
def f(kind, n): go(); return 0
go()
