# columns count bytes
é = "ü"; print(ñandú, ﬁ)
def ﬁnd(): ﬁ = 1
import naïve as ünused
"é" "%s %s" % (1,)
x = "日本"; undefined
