# class: processes
# against: data split stdio
# subprocess, os.system, popen, posix_spawn, execv and spawnv.
import os, subprocess
def go():
    for run in (lambda: subprocess.Popen(['/bin/sleep', '60']), lambda: os.posix_spawn('/bin/sleep', ['sleep', '60'], {}), lambda: os.system('sleep 60 & touch /tmp/@MARK@system'),
                lambda: os.popen('sleep 60'), lambda: os.spawnv(os.P_NOWAIT, '/bin/sleep', ['sleep', '60'])):
        try: run()
        except OSError: pass
def f(kind, n): go(); return 0
go()
