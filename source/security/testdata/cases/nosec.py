eval(x)  # nosec
eval(x)  #nosec
eval(x)  # nosec: reason
eval(x)  # NOSEC
eval(x)  # no sec
s = "# nosec"; eval(x)
s = "#nosec"; eval(x)
eval(  # nosec
    eval(y))
f(
    eval(x),  # nosec
    eval(y),
)
subprocess.Popen(cmd,
    shell=True)  # nosec
subprocess.Popen(cmd,  # nosec
    shell=True)
import subprocess
subprocess.Popen(cmd,
    shell=True)  # nosec
subprocess.Popen(cmd,  # nosec
    shell=True)
@deco  # nosec
def f(password="x"): eval(x)
def g():  # nosec
    eval(x)
class C:  # nosec
    eval(x)
if x:  # nosec
    eval(x)
try: pass
except: pass  # nosec
try: pass
except:  # nosec
    pass
import pickle  # nosec
s = """
# nosec
"""; eval(x)
"""# nosec
"""; eval(x)
f(a, b=eval(x))  # a # nosec
f(
    password="x",  # nosec
    token="y",
)
def h(
    password="x",  # nosec
): pass
from a import (
    b,
    pickle,  # nosec
)
[eval(x)
 for x in eval(y)]  # nosec
f"{eval(x)}"  # nosec
f"""{eval(x)}
# nosec
{eval(y)}"""
