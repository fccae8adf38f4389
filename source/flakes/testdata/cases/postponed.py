from __future__ import annotations
import typing
from typing import Optional


def f(x: Later, y: "Quoted", z: Missing) -> Optional[Later]:
    v: Later2 = 1
    w: Later
    return w, v


class C:
    x: D
    y: int = z
    d: D = D()


class Later: ...
class D: ...
t: typing.List["Nowhere"]
