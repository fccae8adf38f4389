# class: network
# against: data split
# Name resolution.
import socket
def f(kind, n):
    for name in ('localhost.example', 'example.com'):
        try: socket.getaddrinfo(name, 80)
        except OSError: continue
        raise AssertionError('LEAK: resolved')
    return 0
