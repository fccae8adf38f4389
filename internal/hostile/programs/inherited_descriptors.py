# class: files
# against: data split stdio
# Uses every open descriptor, also through openat, as a way to files of the process that started
# the judge.
import os, stat
def go():
    for fd in range(128):
        try: st = os.fstat(fd)
        except OSError: continue
        if stat.S_ISDIR(st.st_mode): raise AssertionError('LEAK: descriptor %d is a directory' % fd)
        if stat.S_ISREG(st.st_mode) and fd > 2: raise AssertionError('LEAK: descriptor %d is a file' % fd)
        for name in ('.', '..', 'victim'):
            try: os.open(name, os.O_RDONLY, dir_fd=fd)
            except OSError: continue
            raise AssertionError('LEAK: openat from %d' % fd)
def f(kind, n): go(); return 0
go()
