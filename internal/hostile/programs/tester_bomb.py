# class: resources
# against: split
# Small data that is expensive for whoever looks at it: enormous ranges, nested to the limit,
# regular expressions' worst strings.
def f(kind, n):
    if kind == 'list': return range(10 ** 15)
    x = 0
    for _ in range(400): x = [x]
    return x
