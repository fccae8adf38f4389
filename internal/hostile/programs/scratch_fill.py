# class: state between programs
# against: data split stdio
# Fills scratch with data, inodes and sparse files.
import os
def go():
    try:
        for i in range(100): open('/scratch/big%d' % i, 'wb').write(bytes(1 << 23))
    except OSError: pass
    try:
        for i in range(10000): os.close(os.open('/scratch/i%d' % i, os.O_CREAT))
    except OSError: pass
    try: os.truncate('/scratch/big0', 1 << 40); raise AssertionError('LEAK: a file of a terabyte')
    except OSError: pass
def f(kind, n): go(); return 0
go()
