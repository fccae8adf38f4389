# class: resources
# against: data split stdio
# Coroutines, asynchronous generators with hooks, and event loops that run on: as answers, and under the harness.
import asyncio, sys
async def forever():
    while True: await asyncio.sleep(0)
async def gen():
    try:
        while True: yield True
    finally: await asyncio.sleep(100)
class A:
    def __await__(s): yield True
    def __aiter__(s): return s
    async def __anext__(s): return True
    def __eq__(s, o): return True
sys.set_asyncgen_hooks(firstiter=lambda g: None, finalizer=lambda g: None)
asyncio.set_event_loop_policy(None)
def f(kind, n): return {'int': forever(), 'list': [gen(), A()], 'str': A()}.get(kind) or asyncio.run(asyncio.wait_for(forever(), 0.05))
if __name__ == '__main__': asyncio.run(forever())
