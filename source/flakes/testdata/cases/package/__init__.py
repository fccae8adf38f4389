__path__
from .a import b
__all__ = ["sub", "b"]
undefined
