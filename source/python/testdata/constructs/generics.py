type A = int
type B[T] = list[T]
type C[T: (int, str), *Ts, **P] = a
type type = type
type match[case] = _
def f[T](x: T) -> T: pass
async def g[T: int, *U, **V,](): pass
class D[T](E[T], m=1): pass
class F[T]: pass
