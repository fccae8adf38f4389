# class: lying values
# against: data split
# Lying objects hidden inside honest containers and as dict keys.
class A:
    def __eq__(s, o): return True
    def __ne__(s, o): return False
    def __hash__(s): return 0
    def __lt__(s, o): return True
def f(kind, n):
    return {'list': [A(), A()], 'tuple': (A(), A()), 'dict': {A(): A()}, 'set': {A()}, 'float': [A()]}.get(kind, [A()])
