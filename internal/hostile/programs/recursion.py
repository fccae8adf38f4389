# class: resources
# against: data split
# Endless recursion, in Python with the limit raised, in repr, in comparison and in the regular
# expression engine.
import sys
sys.setrecursionlimit(10**9)
def f(kind, n): return f(kind, n) + 1
