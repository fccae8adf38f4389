# class: processes
# against: data split stdio
# os.fork, libc fork and forkpty: the child stays, or answers in its parent's place.
import os, ctypes, time
def go():
    me = os.getpid()
    for fork in (ctypes.CDLL(None).fork, os.fork, os.forkpty):
        try: fork()
        except OSError: continue
        while os.getpid() != me:
            try: open('/tmp/@MARK@fork', 'w')
            except OSError: pass
            time.sleep(60)
def f(kind, n): go(); return 0
go()
