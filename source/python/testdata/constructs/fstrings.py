f''; F"a"; f'{a}'; f'a{b}c{d}e'; rf'\{a}\n'; fR'{a:\d}'; Rf"\N"
f'{a!r}'; f'{a!s:>10}'; f'{a:{b}}'; f'{a:{b}.{c}}'; f'{a:>{b}d}'; f'{a!a:x{b!r}y}'
f'{{}}'; f'{{a}}'; f'{{{a}}}'; f'a{{b'; f'}}'; f'{a}}}'
f'{a=}'; f'{a = }'; f'{a=!r}'; f'{a=:>5}'; f'{ a + b = !s:^{w}}'; f'x{a=}y{b=}'
f'a' 'b'; 'a' f'b' 'c'; 'a' f'{b}' 'c' f'{d}e'; f'{a}' f'{b}'; 'a' f'' 'b'; u'a' f'{b}'
f'{a,}'; f'{a, b}'; f'{*a, b}'; f'{yield a}'; f'{lambda_}'; f'{(lambda: 1)}'; f'{(a := b)}'; f'{a:=5}'
f'{a["b"]}'; f"{a['b']}"; f'{a!=b}'; f'{a==b}'; f'{a<=b}'; f'{a if b else c}'; f'{ {1: 2}[1] }'
f'''{
a
}'''; f'''a
{b}
c'''; f"""{a:
}"""
f'\n{a}\x41\N{BULLET}{b}\u00e9'; f'\{a}'; f'é{a}é'; f'{é}'; f'{"é"}x'
(f'{a}'
 f'{b}')
f'{a.b(c)[d]:%H:%M}'; f'{a:a{b}c{d}e}'; f'{3 }'; f'{ 3}'; f'{f"{a}"}'
f'{[x for x in y]}'
