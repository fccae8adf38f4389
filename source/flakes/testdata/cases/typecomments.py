import A
import B
import C
x = 1  # type: A
y = []  # type: List[Unknown1]
def f(a, b):
    # type: (B, *Unknown2) -> Unknown3
    z = 1  # type: ignore
    w = 1  # type: ignore[x]
    v = 1  # type: ignored
    return z, w, v
for i in x:  # type: C
    pass
with x as y:  # type: int
    pass
u = 1  # type: not valid(
q = 1  #type:Unknown4
q = 1  #	type:	Unknown5 # comment
if x:  # type: Unknown6
    pass
g = (1,  # type: Unknown7
     2)  # type: Unknown8
# type: Unknown9
def h(
    a,  # type: int
    b,  # type: Unknown10
):
    # type: (...) -> None
    pass
async def k():  # type: () -> Unknown11
    async for i in x:  # type: Unknown12
        pass
j = 1  # notype: x
j = 1  # type: (Unknown13)
j = 1  # type: x = 1
