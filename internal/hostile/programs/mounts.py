# class: kernel
# against: data split stdio
# mount, umount, remount, chroot, pivot_root and the new mount calls, to get the host's files back
# or scratch away.
import ctypes, os
sc = ctypes.CDLL(None).syscall
def go():
    for call in ((165, b'none', b'/scratch', b'tmpfs', 0, None), (165, b'', b'/', b'', 32 | 4096, None), (165, b'/', b'/scratch', b'', 4096, None), (165, b'proc', b'/scratch', b'proc', 0, None),
                 (166, b'/scratch', 2), (166, b'/usr', 2), (161, b'/scratch'), (161, b'.'), (155, b'/', b'/scratch'), (430, b'tmpfs', 0), (428, -100, b'/', 1), (442, -100, b'/', 0, None, 0)):
        if sc(*call) >= 0: raise AssertionError('LEAK: %r' % (call,))
def f(kind, n): go(); return 0
go()
