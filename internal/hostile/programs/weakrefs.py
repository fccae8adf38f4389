# class: lying values
# against: data split
# Proxies: weakref.proxy, UserList, UserDict, UserString, MappingProxyType, memoryview, and a referent that dies while it is encoded.
import weakref, collections, types, gc
class L(list):
    def __eq__(s, o): return True
    def __iter__(s):
        keep.clear(); gc.collect(); return iter([0, 0])
keep = []
def f(kind, n):
    l = L([n, n + 1]); keep.append(l)
    u = {'list': collections.UserList([1]), 'dict': types.MappingProxyType({1: [2]}), 'str': collections.UserString('v1'), 'tuple': memoryview(b'ab'), 'set': weakref.WeakSet()}
    return [weakref.proxy(l), u] if n % 2 else u.get(kind, weakref.proxy(l))
