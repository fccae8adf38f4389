# class: detection
# against: data split
# Patches the clocks and sets timers so that a slow answer looks fast, and tries to set the
# system's time.
import time, datetime, ctypes, signal
time.time = time.monotonic = time.perf_counter = time.process_time = lambda: 0.0
time.sleep = lambda s: None
sc = ctypes.CDLL(None).syscall
ts = (ctypes.c_long * 2)(0, 0); buf = ctypes.create_string_buffer(512)
def f(kind, n):
    if sc(227, 0, ts) == 0 or sc(164, ts, None) == 0 or sc(159, buf) == 0 or sc(305, 0, buf) == 0: raise AssertionError('LEAK: set or read the kernel clock')
    signal.setitimer(signal.ITIMER_REAL, 0.001)
    signal.signal(signal.SIGALRM, lambda *a: None)
    return 0
