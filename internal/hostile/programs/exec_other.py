# class: processes
# against: data split stdio
# Replaces itself by another program: execve, execveat, fexecve of a memfd and of a script in
# scratch.
import os, ctypes
sc = ctypes.CDLL(None, use_errno=True).syscall
def go():
    for run in (lambda: os.execv('/bin/true', ['true']), lambda: os.execve(os.memfd_create('x'), ['x'], {}), lambda: os.execvpe('sh', ['sh', '-c', 'exit 0'], {}),
                lambda: sc(322, os.open('/bin/true', os.O_RDONLY), b'', None, None, 0x1000)):
        try: run()
        except OSError: pass
    try:
        open('/scratch/x', 'w').write('#!/bin/sh\nexit 0\n'); os.chmod('/scratch/x', 0o755); os.execv('/scratch/x', ['x'])
    except OSError: pass
def f(kind, n): go(); return 0
go()
