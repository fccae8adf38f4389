# Tests and program in one process, for what cannot be split (unittest, mocks,
# helper classes). A program could forge these results, so they carry lower trust.
import io, contextlib, unittest, unittest.mock, traceback, platform

tuple(platform.uname())      # asks a program for the processor, once, while the zygote may; pandas wants to know

class _Results(unittest.TestResult):
    def __init__(self, fd): super().__init__(); self.fd = fd; self.why = None
    def startTest(self, test): super().startTest(test); self.why = None
    def addFailure(self, test, err): self.why = ("fail", err)
    def addError(self, test, err):
        self.why = ("exc", err)
        if not isinstance(test, unittest.TestCase):      # setUpClass, setUpModule
            send(self.fd, {"t": str(test), "o": "exc", "e": error(err[1])})
    def addSubTest(self, test, sub, err):
        if err is not None and self.why is None: self.why = ("fail" if issubclass(err[0], test.failureException) else "exc", err)
    def addSkip(self, test, reason):
        # Skipping is the test module's to say, by decoration; a program that raises SkipTest fails.
        method = getattr(test, getattr(test, '_testMethodName', ''), None)
        if not (getattr(method, '__unittest_skip__', False) or getattr(type(test), '__unittest_skip__', False)): self.why = ("fail", (None, unittest.SkipTest(reason)))
    def addUnexpectedSuccess(self, test): self.why = ("fail", None)
    def stopTest(self, test):
        name = test.id().rpartition('.')[0].rpartition('.')[2] + '.' + test.id().rpartition('.')[2]
        if self.why is None: send(self.fd, {"t": name, "o": "pass"})
        else:
            o, err = self.why
            send(self.fd, {"t": name, "o": o, "e": error(err[1]) if err else None})
        super().stopTest(test)

def inprocess(fd, job):
    if job['scratch']: os.chdir(job['scratch'])
    g = load(fd, job['code'], 'solution')
    if g is None: return
    for t in job['tests']:
        if t['kind'] == 'unittest':
            try: exec(compile(t['code'], '<test>', 'exec', dont_inherit=True), g)
            except BaseException as e:
                send(fd, {"t": '*', "o": "exc", "e": error(e)})
                continue
            suite = unittest.TestSuite()
            for v in list(g.values()):
                if isinstance(v, type) and issubclass(v, unittest.TestCase) and v.__module__ == 'solution':
                    suite.addTests(unittest.defaultTestLoader.loadTestsFromTestCase(v))
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()): suite.run(_Results(fd))
            continue
        try:
            if t.get('setup'): exec(compile(t['setup'], '<setup>', 'exec', dont_inherit=True), g)
            exec(compile(t['code'], '<test>', 'exec', dont_inherit=True), g)
            if t['kind'] == 'check': g['check'](g[t['entry']])
            rep = {"t": t['name'], "o": "pass"}
        except AssertionError as e: rep = {"t": t['name'], "o": "fail", "e": error(e)}
        except BaseException as e: rep = {"t": t['name'], "o": "exc", "e": error(e)}
        send(fd, rep)
    send(fd, {"done": 1})

