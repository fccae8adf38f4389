# class: resources
# against: data
# Threads burn the processors while the main thread only waits for one, so that a judge that does
# not charge for waiting gives it for ever.
import threading, hashlib, os
def burn():
    b = bytes(1 << 20)
    while True: hashlib.sha256(b)
def f(kind, n):
    for _ in range(12): threading.Thread(target=burn, daemon=True).start()
    while True: os.sched_yield()
