import a
__all__ = other + ["q"]
__all__ = __all__ + ["a", "z"]
