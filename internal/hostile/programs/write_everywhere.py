# class: files
# against: data split stdio
# Creates, overwrites, renames, links and removes files in every place it can name.
import os, shutil
places = ['/tmp', '/var/tmp', '/dev/shm', '/usr', '/usr/lib', '/etc', '/root', '/home', '/', '/run', '/proc', '/sys', '@HOME@', '@SENTINEL@', '@SENTINEL@/open', '@REPO@', os.path.expanduser('~'), os.path.dirname(os.__file__)]
def go():
    for d in places:
        n = d + '/@MARK@'
        for op in (lambda: open(n, 'w'), lambda: os.mkdir(n + 'd'), lambda: os.symlink('/etc/passwd', n + 's'), lambda: os.link('/bin/sh', n + 'l'), lambda: os.mkfifo(n + 'p'),
                   lambda: os.mknod(n + 'n', 0o100666), lambda: os.rename('@SENTINEL@/victim', n + 'r'), lambda: os.open(d, os.O_TMPFILE | os.O_RDWR), lambda: shutil.copy('/bin/sh', n + 'c')):
            try: op()
            except OSError: continue
            if os.path.realpath(d) != '/scratch': raise AssertionError('LEAK: wrote in ' + d)
    for p in ('@SENTINEL@/victim', '@SENTINEL@/open/victim'):
        for op in (lambda: open(p, 'a'), lambda: open(p, 'r+'), lambda: os.unlink(p), lambda: os.truncate(p, 0), lambda: os.rename(p, p + '2'), lambda: os.link(p, p + '3'), lambda: os.rmdir('@SENTINEL@/open/empty'), lambda: shutil.rmtree('@SENTINEL@')):
            try: op()
            except OSError: continue
            raise AssertionError('LEAK: changed ' + p)
def f(kind, n): go(); return 0
go()
