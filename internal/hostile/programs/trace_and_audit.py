# class: patching
# against: data split stdio
# settrace, setprofile, audit hooks and threading hooks that rewrite the harness's locals or stop
# it.
import sys, threading
def tr(fr, ev, arg):
    try:
        if 'rep' in fr.f_locals: fr.f_locals['rep'].clear(); fr.f_locals['rep'].update({"q": 0, "v": True, "ok": 1})
        if 'b' in fr.f_locals and fr.f_code.co_name == 'send': fr.f_locals['b'] = b'x'
    except Exception: pass
    return tr
fr = sys._getframe()
while fr is not None: fr.f_trace = tr; fr = fr.f_back
sys.settrace(tr); sys.setprofile(tr); threading.settrace(tr)
def hook(ev, args):
    if ev.startswith('os.') or ev == 'exec': raise RuntimeError('audited')
sys.addaudithook(hook)
def f(kind, n): return 0
