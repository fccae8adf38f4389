# class: signals
# against: data split stdio
# SIGKILL, SIGTERM, SIGSTOP to pid 1, the parent, everyone, the process group and an outside
# process.
import os, signal
def go():
    for sig in (9, 15, 19, 2, 10, 18, 34):
        for pid in (@VICTIM@, @SUPERVISOR@, 1, os.getppid(), 0, -os.getpgrp(), -@VICTIM@):
            try: os.kill(pid, sig)
            except OSError: continue
            if pid in (@VICTIM@, @SUPERVISOR@): raise AssertionError('LEAK: signalled an outside process')
    try: os.kill(-1, 9)
    except OSError: pass
def f(kind, n): go(); return 0
go()
