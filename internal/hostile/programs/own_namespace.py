# class: patching
# against: data split
# A module namespace with a dict that answers every name, and methods as functions.
import sys
globals()['__builtins__'] = {}
class E:
    def __get__(s, *a): return True
    def __call__(s, *a, **k): return s
    def __eq__(s, o): return True
f = E()
