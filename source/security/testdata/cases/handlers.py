try: pass
except: pass
try: pass
except Exception: pass
try: pass
except Exception as e: pass
try: pass
except ValueError: pass
try: pass
except (Exception, ValueError): pass
try: pass
except builtins.Exception: pass
try: pass
except BaseException: pass
try: pass
except Exception:
    pass
    pass
try: pass
except Exception: x = 1
for x in y:
    try: pass
    except: continue
    try: pass
    except Exception: continue
    try: pass
    except ValueError: continue
    try: pass
    except Exception:
        continue
        pass
try: pass
except: "doc"
try: pass
except: ...
try: pass
except* Exception: pass
assert x
assert x, "/tmp/"
def f():
    assert (
        x
    )
