# class: network
# against: data split
# UDP datagrams to a listener on this machine.
import socket
def f(kind, n):
    for fam, host in ((socket.AF_INET, '127.0.0.1'), (socket.AF_INET6, '::1')):
        try: s = socket.socket(fam, socket.SOCK_DGRAM); s.sendto(b'hello', (host, @UDP@))
        except OSError: continue
        raise AssertionError('LEAK: sent')
    return 0
