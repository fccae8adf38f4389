# class: forged messages
# against: data split stdio
# A timer whose handler runs inside the harness, between calls: it forges replies, raises, and rewrites locals.
import signal, os, json, sys
def h(sig, fr):
    while fr is not None:
        if 'rep' in fr.f_locals and type(fr.f_locals['rep']) is dict: fr.f_locals['rep'].update({"v": True, "o": "pass", "ok": 1})
        fr = fr.f_back
    b = json.dumps({"q": 0, "v": True}).encode()
    for fd in range(3, 6):
        try: os.write(fd, len(b).to_bytes(4, 'little') + b)
        except OSError: pass
    raise KeyboardInterrupt
signal.signal(signal.SIGALRM, h)
signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
def f(kind, n): return n
