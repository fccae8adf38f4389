type A[T = int] = T
def f[T: int = str, *Ts = *tuple[int], **P = [int]](): pass
class C[*Ts = a]: pass
