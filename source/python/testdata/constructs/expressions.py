a or b and not c or d
a if b else c if d else e
a < b <= c != d is not e not in f in g is h == i >= j > k
a | b ^ c & d << e >> f + g - h * i / j // k % l @ m
-a ** -b ** +c; ~-+a; not not a
(a + b) * c; a + (b * c); ((a))
await_ = a.b.c(d)(e)[f].g
f(a, *b, c=d, *e, **g, h=i)
f(a for a in b); f((a for a in b), c); f(a := b, c)
f(*a, *b, **c, **d); f(a)(b)(c); f(a,)
a[b]; a[b, c]; a[b,]; a[:]; a[b:]; a[:c]; a[b:c]; a[b:c:d]; a[::d]; a[b::d]
a[b:c, d, ::e]; a[...]; a[b := c]; a[*b]; a[*b, c]; a[b, *c, d:e]; a[(b, c)]
(); (a,); (a, b); a, b; (a, *b); [*a]; [a, b,]; []; {}; {a}; {a, *b}; {a: b, **c, d: e,}
[a for b in c]; [a for b, c in d if e if f for g in h]; {a for b in c}; {a: b for c in d}
[a := b, (c := d)]; (a := b); {a := b}; [a := b for c in d]
(yield); (yield a); (yield a, *b); (yield from c)
None, True, False, ...
x = yield a
[lambda: a for b in c if (lambda: d)]
a if b else lambda: c
(a
 .b  # comment
 .c
 (d,
  e))
x = a + \
    b
[i for i in range(5) if i if not i]
{**a, 'b': c}
print >> a, b
a.b[c].d = e
