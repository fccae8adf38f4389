# class: processes
# against: data split stdio
# subprocess, os.system, popen, posix_spawn and spawnv.
import os, subprocess
def go():
    for run in (lambda: subprocess.Popen(['/bin/sleep', '60']), lambda: os.posix_spawn('/bin/sleep', ['sleep', '60'], {}), lambda: os.popen('sleep 60'),
                lambda: os.spawnv(os.P_NOWAIT, '/bin/sleep', ['sleep', '60'])):
        try: run()
        except OSError: continue
        raise AssertionError('LEAK: started a program')
    if os.system('sleep 60 & touch /tmp/@MARK@system') == 0: raise AssertionError('LEAK: started a shell')
def f(kind, n): go(); return 0
go()
