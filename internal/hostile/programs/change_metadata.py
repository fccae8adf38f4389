# class: files
# against: data split stdio
# chmod, fchmod, chown, utime, xattr and truncate on files outside, which Landlock alone does not
# forbid, and on device nodes.
import os, ctypes
sc = ctypes.CDLL(None).syscall
def go():
    for p in ('@SENTINEL@', '@SENTINEL@/victim', '@SENTINEL@/open', '@SENTINEL@/open/victim', '@HOME@', '/dev/null', '/dev/zero', '/dev/urandom', '/dev/random', '/usr', '/bin/sh', os.__file__):
        st = None
        try: st = os.stat(p)
        except OSError: pass
        for op in (lambda: os.chmod(p, 0o777), lambda: os.chmod(p, st.st_mode & 0o7777), lambda: os.utime(p), lambda: os.utime(p, (1, 1)), lambda: os.chown(p, -1, -1), lambda: os.chown(p, os.getuid(), os.getgid()),
                   lambda: os.setxattr(p, 'user.x', b'1'), lambda: os.truncate(p, 0) if 'dev' not in p else 1 / 0, lambda: os.fchmod(os.open(p, os.O_RDONLY), 0o777)):
            try: op()
            except (OSError, ZeroDivisionError, AttributeError): continue
            raise AssertionError('LEAK: changed ' + p)
        if sc(452, -100, p.encode(), 0o777, 0) == 0 or sc(260, -100, p.encode(), os.getuid(), os.getgid(), 0) == 0 or sc(235, p.encode(), None) == 0 or sc(132, p.encode(), None) == 0: raise AssertionError('LEAK: changed ' + p)
def f(kind, n): go(); return 0
go()
