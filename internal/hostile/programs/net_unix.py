# class: network
# against: data split
# Unix and abstract sockets of this machine: stream and datagram.
import socket
def f(kind, n):
    for typ in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
        for addr in ('@UNIX@', '\0@ABSTRACT@', '@UNIXGRAM@', '/run/systemd/journal/socket', '/var/run/docker.sock', '/run/dbus/system_bus_socket'):
            try: s = socket.socket(socket.AF_UNIX, typ); s.connect(addr); s.send(b'hello')
            except OSError: continue
            raise AssertionError('LEAK: connected')
    return 0
