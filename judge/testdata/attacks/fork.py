# class: processes
# against: data split stdio
# os.fork, libc fork, forkpty: the child answers or stays.
import os, ctypes, time
def go():
    for fork in (ctypes.CDLL(None).fork, os.fork, os.forkpty):
        try: pid = fork()
        except OSError: continue
        if pid == 0 or type(pid) is tuple and pid[0] == 0:
            open('/tmp/@MARK@fork', 'w'); time.sleep(60); os._exit(0)
def f(kind, n): go(); return 0
go()
