# class: resources
# against: data split
# As many threads as it can, by Python and by clone, that sleep.
import threading, time
threading.stack_size(32768)
def f(kind, n):
    k = 0
    try:
        while k < 200: threading.Thread(target=time.sleep, args=(30,), daemon=True).start(); k += 1
    except RuntimeError: pass
    if k > 100: raise AssertionError('LEAK: %d threads' % k)
    time.sleep(0.2)
    return 0
