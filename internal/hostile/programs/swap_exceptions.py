# class: patching
# against: data split stdio
# Exceptions with lying type names, messages, tracebacks, causes and attributes.
class X(BaseException):
    def __str__(self): raise X()
    def __getattribute__(self, n):
        if n == '__traceback__': return X
        return object.__getattribute__(self, n)
X.__name__ = 'AssertionError'; X.__qualname__ = 'pass'; X.__module__ = 'builtins'
class Missing(ModuleNotFoundError):
    @property
    def name(self): return 'x' * 10**6
def f(kind, n):
    if n % 2: raise X()
    raise Missing('"o":"pass"' * 1000)
if __name__ == '__main__': raise X()
