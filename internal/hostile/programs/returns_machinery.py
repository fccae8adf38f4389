# class: lying values
# against: data split
# Returns generators, classes, modules, coroutines, the function itself, a thread, a lock.
import threading, sys
def g():
    while True: yield 1
async def co(): pass
def f(kind, n):
    return {'int': g(), 'float': f, 'list': [sys, g], 'tuple': (type, object), 'dict': {int: sys}, 'str': threading.Lock()}.get(kind, sys._getframe())
