# -*- coding: latin-1 -*-
x = "é¤" ; y
dé = 1
