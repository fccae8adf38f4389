# class: kernel
# against: data split stdio
# Crashes in native code, to have the host's crash handler started for it.
import ctypes
def f(kind, n): ctypes.string_at(8)
if __name__ == '__main__': ctypes.string_at(8)
