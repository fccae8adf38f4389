# class: state between programs
# against: data split stdio
# Makes scratch unreadable even for the zygote that cleans it.
import os
def go():
    for m in (0o300, 0):
        try: os.chmod('/scratch', m)
        except OSError: pass
def f(kind, n): go(); return 0
go()
