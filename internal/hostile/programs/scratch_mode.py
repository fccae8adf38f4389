# class: state between programs
# against: data split stdio
# Takes the next program's scratch away, or leaves it a message: mode, times and attributes of the
# directory itself.
import os
def go():
    for op in (lambda: os.utime('/scratch', (1234, 5678)), lambda: os.setxattr('/scratch', 'user.x', b'1'), lambda: os.chown('/scratch', os.getuid(), -1), lambda: os.chmod('/scratch', 0o555)):
        try: op()
        except OSError: pass
def f(kind, n): go(); return 0
go()
