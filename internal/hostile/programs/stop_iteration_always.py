# class: forged messages
# against: data split
# StopIteration with plausible values, from every call.
class Stop(StopIteration): pass
Stop.__name__ = 'StopIteration'
def f(kind, n):
    if n % 2: raise Stop(True)
    raise StopIteration(True)
