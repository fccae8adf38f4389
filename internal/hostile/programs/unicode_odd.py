# class: lying values
# against: data split stdio
# Lone surrogates, U+FFFD, combining and look-alike characters, NUL, byte order marks: text that a
# sloppy codec makes equal.
def f(kind, n):
    return '\ud800v\udfff' if n % 2 else '\ufffd\u200bv\u0301\x00\ufeff'
import sys
try: sys.stdout.buffer.write(b'\xff\xfe\x00' + '\ufffd'.encode()); print('\udcff\ud800')
except Exception: pass
