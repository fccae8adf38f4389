# class: resources
# against: data
# Garbage with the collector off and cycles with finalizers.
import gc
gc.disable()
class C:
    def __del__(self): self.me = C()
def f(kind, n):
    while True: c = C(); c.c = c
