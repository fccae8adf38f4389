# class: lying values
# against: data split
# Returns values that contain themselves and values nested ten thousand deep.
def f(kind, n):
    l = []; l.append(l)
    if kind == 'list': return l
    if kind == 'dict': d = {}; d['d'] = d; return d
    x = 1
    for _ in range(10000): x = [x]
    return x
