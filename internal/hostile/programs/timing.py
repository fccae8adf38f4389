# class: detection
# against: split
# Learns from when it is asked again: a judge that stops after the first miss, or waits after one, would tell what was right.
import time
state = {'last': time.monotonic(), 'base': 0, 'gaps': []}
def f(kind, n):
    now = time.monotonic(); gap = now - state['last']; state['last'] = now
    state['gaps'].append(gap)
    state['base'] = int(sum(state['gaps']) * 1e6) % 65537
    return {'list': [state['base']] * 2, 'str': 'v%d' % state['base'], 'set': set(), 'dict': {}, 'float': gap}.get(kind, state['base'])
