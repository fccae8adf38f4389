# class: patching
# against: data split stdio
# excepthook, unraisablehook, displayhook, breakpointhook, faulthandler, dump timers, switch interval, integer digits, recursion and tracing of allocation.
import sys, faulthandler, threading, tracemalloc, os, builtins
yes = lambda *a, **k: True
sys.excepthook = sys.unraisablehook = sys.displayhook = sys.breakpointhook = threading.excepthook = yes
sys.stdout = sys.stderr = sys.stdin = sys.__stdout__ = sys.__stderr__ = type('S', (), {'__getattr__': lambda s, n: yes})()
faulthandler.enable(file=3, all_threads=True)
faulthandler.dump_traceback_later(0.05, repeat=True, file=3, exit=False)
sys.setswitchinterval(1e-9); sys.set_int_max_str_digits(0) if hasattr(sys, 'set_int_max_str_digits') else None
tracemalloc.start(50); sys.setrecursionlimit(60)
def f(kind, n):
    faulthandler.dump_traceback(file=3)
    return 10 ** 5000
