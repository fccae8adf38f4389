# class: resources
# against: data
# Allocates without end: lists, bytes, mmap.
import mmap
def f(kind, n):
    keep = []
    while True: keep.append(bytearray(1 << 24)); keep.append(mmap.mmap(-1, 1 << 24))
