# class: network
# against: data split
# urllib, http.client, asyncio and xmlrpc to a listener on this machine.
import urllib.request, http.client, asyncio
def f(kind, n):
    for run in (lambda: urllib.request.urlopen('http://127.0.0.1:@TCP@/', timeout=0.2), lambda: http.client.HTTPConnection('127.0.0.1', @TCP@, timeout=0.2).request('GET', '/'),
                lambda: asyncio.run(asyncio.open_connection('127.0.0.1', @TCP@))):
        try: run()
        except Exception: continue
        raise AssertionError('LEAK: connected')
    return 0
