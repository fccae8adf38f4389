password = "secret"
PASSWORD = 'x'; my_password_old = 'x'; passwd = "p"; pwd = "a"; passphrase = "b"; token = "c"; secrete = "d"; secret = "e"; pass_ = "f"; compass = "g"; the_pass = "h"
pasword = "i"; passsssword = "j"; tokens = "k"; token_x = "l"; x_token = "m"; secret_key = "n"
password = b"bytes"; password = f"{x}"; password = f"fstring"; password = x; password: str = "annotated"
a = password = b = "several"
obj.password = "attribute"
d["password"] = "sub"; d["x"]["token"] = 'sub2'; d["other"] = "x"; d[password] = "y"; d["password"]["x"] = "z"; "password"[0] = "q"
d["password"] += "aug"; x = d["password"]
(password, x) = "tuple", "y"; password, token = "a", "b"
if password == "compared": pass
if password != "a" != "b": pass
if "reversed" == password: pass
if x.password == "attr": pass
if password in ("tuple", "b"): pass
if password == x == "third": pass
call(password="arg"); call(x="a", token="b", pwd="c"); call(password=x); call(**{"password": "d"}); call("password"); call(password=b"x")
def f(password="default"): pass
def f(a, password="default", token='t'): pass
def f(password, token): pass
def f(a, /, password="x"): pass
def f(a="y", /, password="x"): pass
def f(a="y", b="z", /, password="x"): pass
def f(*, password="kwonly"): pass
def f(password=None, *args, token="x"): pass
async def f(password="async"): pass
lambda password="lambda": 1
@deco
def g(
    a,
    password="multi",
): pass
password = """multi
line"""
password = ("paren"
            "thesized")
password = "it's %s"
password = "\n"
d["""password
"""] = "q"
class C:
    token = "class"
    def m(self, secrete="x"): self.token = "y"
PASSWORD = {"token": "nested"}
password = "a" + "b"
password = "walrus" if (token := "w") else "z"
