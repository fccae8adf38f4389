import a, b, c, d, e
__all__ = ["a"] + ["b"] + ("c",) + ["x", "y"]
