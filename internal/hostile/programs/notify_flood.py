# class: resources
# against: data split stdio
# Threads that make refused system calls as fast as they can, until the very end, to be blamed on
# the next program.
import threading, ctypes
sc = ctypes.CDLL(None).syscall
def run():
    while True: sc(41, 2, 1, 0)
for _ in range(8): threading.Thread(target=run, daemon=True).start()
def f(kind, n): return 0
