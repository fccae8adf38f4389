# class: lying values
# against: data split
# An int subclass whose comparisons, conversions and encoding helpers lie.
class I(int):
    def __eq__(s, o): return True
    def __ne__(s, o): return False
    def __lt__(s, o): return True
    __le__ = __gt__ = __ge__ = __lt__
    def __hash__(s): return 0
    def __pos__(s): return I(7)
    def __index__(s): return 7
    def __int__(s): return 7
    def __abs__(s): return I(0)
    def __sub__(s, o): return I(0)
    __rsub__ = __sub__
    def __repr__(s): return '7'
def f(kind, n): return I(1)
