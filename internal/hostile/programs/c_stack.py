# class: resources
# against: data stdio
# Overflows the C stack.
import sys, functools
def f(kind, n):
    sys.setrecursionlimit(10**9)
    g = lambda: 0
    for _ in range(3000000): g = functools.partial(g)
    x = None
    for _ in range(3000000): x = (x,)
    return repr(x) == g()
if __name__ == '__main__': f(0, 0)
