# class: forged messages
# against: data split stdio
# Sends its descriptors over the channel to the judge, and asks for the judge's.
import socket, array, os
for fd in range(3, 10):
    try:
        s = socket.socket(fileno=os.dup(fd))
        s.sendmsg([b'\x01'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [0, 1, 2, fd]))])
        s.recvmsg(1, 1000, socket.MSG_DONTWAIT)
    except (OSError, ValueError): pass
def f(kind, n): return 0
