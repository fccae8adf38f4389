# class: state between programs
# against: data split stdio
# Leaves files and directories in scratch, temporary directories and the current directory, and
# looks for what an earlier program left.
import os, tempfile
def go():
    for d in ('/scratch', '/tmp', '.', tempfile.gettempdir(), '/dev/shm', os.environ.get('HOME', '/')):
        try:
            left = [x for x in os.listdir(d) if '@MARK@' in x]
            if left and not mine: raise AssertionError('LEAK: found %r' % left)
        except OSError: pass
    for d in ('/scratch', '/tmp', '.', os.environ.get('HOME', '/')):
        for i in range(20):
            try: open(d + '/@MARK@state%d' % i, 'w').write('answer'); mine.append(1)
            except OSError: break
mine = []
go()
def f(kind, n): go(); return 0
