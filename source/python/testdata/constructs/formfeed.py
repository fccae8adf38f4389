if a:
  b

  c
def d(): pass
e = 1
