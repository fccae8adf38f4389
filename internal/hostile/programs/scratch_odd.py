# class: state between programs
# against: data split stdio
# Symbolic links, hard links, unreadable and deep directories, sockets, fifos, odd names and held-
# open deleted files in scratch.
import os, socket
def go():
    os.chdir('/scratch')
    try: os.symlink('/etc/passwd', 'a'); os.symlink('.', 'b'); os.symlink('/scratch/c', 'c')
    except OSError: pass
    for i in range(100):
        try: os.mkdir('d'); os.chdir('d')
        except OSError: break
    os.chdir('/scratch')
    for op in (lambda: os.mkfifo('p'), lambda: open('x', 'w'), lambda: os.link('x', 'y'), lambda: os.mkdir('closed'), lambda: os.chmod('closed', 0), lambda: open(b'\xff\n\x01', 'w'), lambda: open('n' * 255, 'w'),
               lambda: os.rename('y', '...'), lambda: keep.append(open('gone', 'w')), lambda: os.unlink('gone'), lambda: socket.socket(socket.AF_UNIX).bind('s')):
        try: op()
        except OSError: pass
keep = []
try: go()
except OSError: pass
def f(kind, n):
    try: go()
    except OSError: pass
    return 0
