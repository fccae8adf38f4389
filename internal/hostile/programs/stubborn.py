# class: resources
# against: data
# Ignores every signal and catches every exception in an endless loop.
import signal
for s in range(1, 65):
    try: signal.signal(s, lambda *a: None)
    except (OSError, ValueError): pass
def f(kind, n):
    while True:
        try:
            while True: pass
        except BaseException: pass
