"""0.0.0.0 /tmp docstring"""
bind("0.0.0.0")
"0.0.0.0"
x = ("0.0.0.0", '0.0.0.0:80')
open("/tmp/x"); y = '/var/tmp'; z = "/dev/shm/a"; w = "tmp/"
"/tmp/in an expression" + x
"/tmp" "/a"
f"/tmp/{x}"
f"{x}/tmp/"
b"/tmp/"
d = {"/tmp": "/tmp/a"}
def f(path="/tmp/x"):
    "/tmp docstring"
    return """
/tmp not at the beginning"""
"""multi
line""", "0.0.0.0"
s = """/tmp
multi"""
f"""{x}
{y:0.0.0.0}
/tmp"""
f'{"/tmp/" + x}' '0.0.0.0'
print(f"""
{g("/tmp/y")}""")
