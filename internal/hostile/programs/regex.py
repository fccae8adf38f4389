# class: resources
# against: data
# A regular expression that backtracks for ages, which no Python signal handler can interrupt.
import re
def f(kind, n): return re.match(r'(a+)+$', 'a' * 64 + 'b')
