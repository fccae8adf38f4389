import subprocess
import subprocess as sp
from subprocess import Popen, call as c
from os import system
import os, popen2, commands
subprocess.Popen("ls", shell=True)
subprocess.Popen(cmd, shell=True)
subprocess.call(["ls"], shell=False)
subprocess.run(["/bin/ls"])
sp.check_output(cmd, shell=1); sp.check_call(cmd, shell=0); sp.run(cmd, shell=[]); sp.run(cmd, shell=[1]); sp.run(cmd, shell={}); sp.run(cmd, shell={1: 2})
sp.run(cmd, shell=None); sp.run(cmd, shell=x); sp.run(cmd, shell=""); sp.run(cmd, shell=0.0); sp.run(cmd, shell=f()); sp.run(cmd, shell=...); sp.run(cmd, shell=()); sp.run(cmd, shell=not x); sp.run(shell=True); sp.run(args=cmd, shell=True)
Popen(cmd, shell=True); c(cmd)
Popen(f"ls {x}", shell=True); Popen("ls %s" % x, shell=True)
other(cmd, shell=True); obj.method(shell=x); other(shell=False)
os.system("ls"); os.system(cmd); system("/bin/ls"); os.system(); os.popen("ls"); os.popen2(x); popen2.Popen3(x); commands.getoutput("ls")
os.execl("ls"); os.execve(path, x); os.spawnvp(m, "ls", x); os.startfile("x"); os.fork()
subprocess.Popen(["ls", x]); subprocess.Popen([]); subprocess.Popen([x]); subprocess.Popen(("ls",)); subprocess.Popen("C:\\x"); subprocess.Popen("./x"); subprocess.Popen("\\x"); subprocess.Popen("c:"); subprocess.Popen("")
subprocess.Popen(
    cmd,
    shell=True,
)
subprocess.Popen(cmd,
    stdin=x,
    shell=
    True)
subprocess.Popen(
    ["ls"],
    shell=False)
os.system("chmod 777 *"); os.system("tar cf x *"); os.popen("rsync *"); os.system("ls *"); os.system("chown x"); subprocess.Popen("chown *", shell=True); subprocess.Popen("chown *", shell=False); subprocess.Popen(["chmod", "*"], shell=True); subprocess.Popen(["chmod", x, 5, "*"],
  shell="True"); subprocess.Popen(("tar", "*"), shell=True); os.system(tar)
other("chmod *", shell=True); os.system(b"chmod *")
subprocess.Popen(**kw); subprocess.Popen(*args, shell=True); subprocess.Popen(x, **kw)
subprocess.getoutput("ls"); subprocess.STARTUPINFO(shell=True)
