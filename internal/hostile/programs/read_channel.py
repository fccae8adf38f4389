# class: looking for answers
# against: data split stdio
# Reads, peeks and drains the channel to the judge for what is meant for the harness, from the program and from a thread.
import os, socket, threading
got = []
def drain():
    for fd in range(3, 10):
        try:
            s = socket.socket(fileno=os.dup(fd))
            got.append(s.recv(1 << 20, socket.MSG_PEEK | socket.MSG_DONTWAIT)); got.append(s.recv(1 << 20, socket.MSG_DONTWAIT))
        except (OSError, ValueError): pass
    if any(w in b for b in got for w in (b'expected', b'assert', b'"x":', b'outputs')): raise AssertionError('LEAK: tests on the channel')
drain()
def loop():
    while True:
        try: drain()
        except AssertionError: os._exit(0)
threading.Thread(target=loop, daemon=True).start()
def f(kind, n): drain(); return 0
