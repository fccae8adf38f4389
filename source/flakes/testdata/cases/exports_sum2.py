import a, b, c
import d
__all__: list = ["a"] + other.__all__ + ["b"] + [f"c"]
(__all__) = ["d", "e"]
