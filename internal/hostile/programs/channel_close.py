# class: forged messages
# against: data split stdio
# Closes every descriptor, then goes on.
import os
os.closerange(0, 1024)
def f(kind, n): return 0
