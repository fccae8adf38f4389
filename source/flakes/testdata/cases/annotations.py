import typing
import typing as t
from typing import (
    Annotated, Any, Dict, List, Literal, NamedTuple, Optional, TypeAlias, TypedDict, TypeVar, cast,
    TYPE_CHECKING,
)
from typing_extensions import Literal as L2
import typing_extensions
if TYPE_CHECKING:
    from m import OnlyTypes
    from m import UnusedType


def f(a: "OnlyTypes", b: "List[Later]", c: List["Later"], d: "not valid(", e: "",
      g: "x y", h: "x; y", i: "x = 1", j: " lead", k: 'Unknown1', *args: "Unknown2",
      l: """
    Multi
""", **kw: "Unknown3") -> "Unknown4":
    v: "Unknown5" = 1
    w: "Unknown6"
    x: Unknown7
    y: List["Unknown8"] = []
    return v, w, x, y


class Later: ...


a: Literal["not", "names"]
b: typing.Literal["not"]
c: L2["not"]
d: Annotated["Unknown9", "not", Unknown10]
e: Annotated["Unknown11"]
g: Optional["Unknown12"]
h = Optional["Unknown13"]
i = Dict["Unknown14", 'Unknown15']
j = other["not"]
k = typing.List["Unknown16"]
l = cast("Unknown17", "not")
m = typing.cast("Unknown18[int]", x)
n = TypeVar("n", "Unknown19", int, bound="Unknown20", covariant="not")
o = t.TypeVar("o")
p = TypedDict("p", {"not": "Unknown21", "b": int})
q = TypedDict("q", a="Unknown22")
r = NamedTuple("r", [("not", "Unknown23"), ("b", int)])
s = NamedTuple("s", a="Unknown24")
u = NamedTuple("u", [("a",)])
v: TypeAlias = "Unknown25"
w: "TypeAlias" = "not"
x: "List['Unknown26']"
y: List["List['Unknown27']"]
z: "List[\x55nknown28]"
aa: "Unknown" "29"
ab: "lambda: Unknown30"
ac: Literal["not"] | "Unknown31"
ad: (yield)
ae: Any["Unknown32"][0]
af: f"Unknown33"
ag: b"not"
late: "list[late2]"
late2: int
print(late2)
late2.attr: int = 1
late2[0]: "Unknown34" = 1
def defaults(a: int = late2): ...
class K:
    field: "K"
    other: "Missing35"
    def m(self, x: "K") -> "K": return field
def only_annotated():
    loc: int
    print(loc)
    loc2: int
    loc2 = 1
    loc3: int = 1
    (loc4): int = 1
typing_extensions
def ctx(a=cast("Unknown36", 1)): ...
TypeVar(); NamedTuple(); TypedDict(); cast()
TypedDict(*a, **b)
NamedTuple("x", [(Unknown37, Unknown38)], rename=Unknown39)
