# class: state between programs
# against: data split stdio
# Plants modules, bytecode and start-up files where a later import, of the harness or of the next program, could find them.
import os, sys
names = ['traceback', 'json', 'random', 'encodings', 'codecs', 'unittest', 'sitecustomize', 'usercustomize', 'solution', '__main__', 'decimal', 'numpy']
places = ['/scratch', '/tmp', '.', os.environ.get('HOME', '/'), os.path.dirname(os.__file__), os.path.dirname(os.__file__) + '/__pycache__', '/usr/lib/python3/dist-packages', '/usr/local/lib']
for d in places:
    for n in names:
        for suffix in ('.py', '.pyc', '.pth', '.so', '/__init__.py'):
            try:
                if '/' in suffix: os.makedirs(d + '/' + n, exist_ok=True)
                open(d + '/' + n + suffix, 'w').write('import sys; sys.modules["attack"] = sys')
            except OSError: continue
            if os.path.realpath(d) != '/scratch': raise AssertionError('LEAK: planted in ' + d)
    sys.path.insert(0, d)
sys.path_importer_cache.clear()
def f(kind, n): return 0
