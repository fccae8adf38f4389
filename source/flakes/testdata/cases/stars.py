from a import *
from .b import *
from .. import *
print(unknown)


def f():
    from c import *
    return other


class C:
    from d import *
    x = name
    def m(self):
        return x


__all__ = ["in_star", "f"]
