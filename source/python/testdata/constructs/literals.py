0; 00; 1; 123_456; 0x_fF; 0XAB; 0o17; 0O7; 0b1_0; 0B1
18446744073709551615; 18446744073709551616; 0xffffffffffffffffffffffff
1.; .5; 1.5; 1e5; 1E-5; 1_0.0_1e+1_0; 1e16; 1e15; 123456789012345680.0; 1e-4; 1e-5; 1e400; 0.0; 01.5; 09e1
1j; 1.5J; 0j; 1e3j; 1e400j; 00j; 1e16j
'a'; "b"; '''c'''; """d
e"""; r'\n\'' ; u'f'; U"g"; b'h\xff\0\777'; bR'\i'; Rb"j"; B'k'
'\a\b\f\n\r\t\v\\\'\"\101\7\x41\u00e9\U0001F600\N{BULLET}\N{latin small letter a}\q\
x'; '\8'; '\ud800'; '\udfff\ud83d\ude00'; '\0'; '\N{LINE FEED}\N{CJK UNIFIED IDEOGRAPH-4E00}'
'a' "b" '''c'''; b'a' b"b"; u'a' 'b'; 'a' u'b'
('a'
 'b'  # comment
 'c')
'é€😀'; 'é' 'b'; "it's"; 'say "hi"'; '''it's "both"'''; '\x7f\x80\xa0\xad\u200b\u3000'
ﬁne = µ = ª = ℌ = 1
变量.属性(ﬁ=1)
'''tab	in
	string'''
1if a else 2
0xfor x in y
1_000and 2
1 .real; 1..real; 1.0.imag
