import os
import sys
__all__ = ["os", "missing", 'f']
__all__ += ["later"] + ["sum"]
__all__ += unknown


def f():
    __all__ = ["inner"]


class C:
    __all__ = ["member"]
