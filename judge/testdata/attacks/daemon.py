# class: processes
# against: data split stdio
# A double-forked daemon in its own session that keeps a file growing.
import os, time
def go():
    try:
        if os.fork(): return
        os.setsid()
        if os.fork(): os._exit(0)
    except OSError: return
    while True:
        try: open('/tmp/@MARK@daemon', 'a').write('x')
        except OSError: pass
        time.sleep(0.1)
def f(kind, n): go(); return 0
go()
