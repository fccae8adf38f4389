# class: processes
# against: data split stdio
# A double-forked daemon in its own session that keeps a file growing.
import os, time
def detach():
    try: os.setsid()
    except OSError: pass
def go():
    try:
        if os.fork(): return
        detach()
        if os.fork(): os._exit(0)
    except OSError: return
    os.closerange(0, 512)
    while True:
        try: open('/tmp/@MARK@daemon', 'a').write('x')
        except OSError: pass
        time.sleep(0.1)
def f(kind, n): go(); return 0
go()
