# class: patching
# against: data split stdio
# __del__, weakref callbacks, weakref.finalize and atexit that forge replies when the harness
# drops a value or exits.
import weakref, atexit, os, json, sys
def forge(*a):
    for fd in range(3, 10):
        for q in range(10):
            b = json.dumps({"q": q, "v": True, "ok": 1, "t": "x", "o": "pass"}).encode()
            try: os.write(fd, len(b).to_bytes(4, 'little') + b)
            except OSError: break
class D(list):
    def __del__(self): forge()
def f(kind, n):
    d = D(); weakref.finalize(d, forge)
    return d
atexit.register(forge)
keep = D()
