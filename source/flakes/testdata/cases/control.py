break
continue
return
return 1
yield
yield 1
yield from x
await x
while 1:
    break
    continue
else:
    break
    continue
for x in y:
    if x: break
    try: continue
    finally: continue
    def f():
        break
    class C:
        continue
    async def g():
        continue
    [lambda: 1]
    with x: break
else:
    for z in x: pass
    else: break
    break
if 1: break
class C:
    return 1
    yield 1
    await 2
    x = yield
    def m(self): return (yield)
def f():
    yield; await x
    return lambda: (yield)
    break
async def g():
    break
try: pass
except: pass
except ValueError: pass
try: pass
except: pass
except: pass
(undefined_in_yield for x in (yield undefined_hidden))
