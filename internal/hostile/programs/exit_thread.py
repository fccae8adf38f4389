# class: leaving
# against: data split stdio
# Another thread ends the process between calls.
import os, threading
threading.Timer(0.02, os._exit, [0]).start()
def f(kind, n):
    import time; time.sleep(0.1); return 0
