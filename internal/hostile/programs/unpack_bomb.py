# class: resources
# against: data
# Decompression bombs.
import zlib, lzma, bz2
def f(kind, n):
    z = zlib.compress(bytes(1 << 26), 1)
    for _ in range(2): z = zlib.compress(z * 50, 1)
    while True: z = zlib.decompress(z) * 2
