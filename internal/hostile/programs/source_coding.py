# -*- coding: unicode_escape -*-
# class: patching
# against: data split stdio
# A coding line, form feeds, escapes and a byte order mark that make the source mean something else to another reader.
def f(kind, n): return True #\u000a    raise SystemExit(0)
print(True) #\x0aimport os; os._exit(0)
