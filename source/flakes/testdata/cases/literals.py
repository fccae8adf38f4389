x is 1
x is not 'a'
x is ()
x is (1, 2)
x is (1, y)
x is None
x is True
x is ...
x is -1
x is b''
1 is x is y
x == 1 is 2
x is 1.0 is not 2j
{'a': 1, 'a': 2}
{'a': 1, 'a': 1}
{'a': 1, 'a': 1, 'a': 2}
{'a': 1, 'a': 1, 'a': 2, 'a': 2}
{1: 1, 1.0: 2, True: 3}
{0: 1, False: 2, -0: 3, 0j: 4}
{b'a': 1, 'a': 2, b'a': 3}
{a: 1, a: 2}
{a: 1, a: 1}
{a.b: 1, a.b: 2}
{(1, 2): 1, (1, 2): 2}
{(1,): 1, (1,): 2, (): 3, (): 4}
{None: 1, None: 2}
{'a': x, 'a': y}
{'a': x, 'a': x}
{'a': [1], 'a': [1]}
{'a': f(), 'a': 1}
{**a, **a}
{1e400: 1, 1e400: 2, 10**3: 1, 1_000: 2, 1000: 3, 0x3e8: 4}
{"it's": 1, "it's": 2, 'a\n\x00é\u200b\U0001f600': 1, 'a\n\x00é\u200b\U0001f600': 2, b'\xff\'': 1, b'\xff\'': 2}
{...: 1, ...: 2}
{0.1: 1, 0.1: 2, 1e16: 3, 10000000000000000: 4, 1j: 5, 1j: 6}
{(a, 1): 1}
f''
f'a' 'b'
'a' f'b'
f'{x}'
f'{x:a}'
f'{x}' f'b'
f'{{}}'
f'{f""}'
rf'''x'''
if (1, 2): pass
if (): pass
if (x,): pass
elif (x, y): pass
a if (1,) else b
while (1,): pass
assert (x, 'message')
assert (x), 'message'
assert ()
assert x, (1, 2)
raise NotImplemented
raise NotImplemented('x')
raise NotImplemented.x
raise NotImplementedError
raise x from NotImplemented
raise
a, *b, *c = x
*a, b = x
[*a, *b] = x
for *a, *b in x: pass
print(*a, *b)
(*a, (*b, *c)) = x
