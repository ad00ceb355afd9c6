"""Ways to crash, by the first argument."""
import asyncio
import ctypes
import functools
import json
import os
import signal
import sys
import threading


class Basket:
    def __init__(self, items):
        self.items = items

    def total(self):
        return sum(self.price(item) for item in self.items)

    def price(self, item):
        if item == 3:
            ctypes.string_at(0)
        return item


def in_call():
    return Basket([1, 2, 3]).total()


def by_signal():
    os.kill(os.getpid(), signal.SIGSEGV)


def in_thread():
    wait = threading.Event()
    for _ in range(20):
        threading.Thread(target=wait.wait, daemon=True).start()
    crashing = threading.Thread(target=in_call)
    crashing.start()
    crashing.join()


def counted():
    for number in range(10):
        yield number
        if number == 2:
            by_signal()


def in_generator():
    return [number for number in counted()]


def in_recursion(depth=300):
    return by_signal() if depth == 0 else in_recursion(depth - 1)


def in_callback():
    compare_type = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)

    def compare(_left, _right):
        return by_signal()

    numbers = (ctypes.c_int * 3)(3, 2, 1)
    ctypes.CDLL(None).qsort(numbers, 3, ctypes.sizeof(ctypes.c_int), compare_type(compare))


def in_coroutine():
    async def inner():
        await asyncio.sleep(0)
        by_signal()

    async def outer():
        await inner()

    asyncio.run(outer())


def in_library():
    json.dumps({'a': Basket([])}, default=lambda _: in_call())


def in_decorated():
    @functools.lru_cache
    def cached(number):
        return by_signal() if number else None

    cached(1)


def in_unusual_names():
    spaces = {'by_signal': by_signal}
    for name in ['naïve', 'über_größe', '合計', '𝔘𝔫𝔦']:
        source = f'def {name}():\n    return inner()\n'
        exec(compile(source, f'/srv/{name}.py', 'exec'), {**spaces, 'inner': spaces['by_signal']}, spaces)
        spaces['by_signal'] = [value for value in spaces.values() if callable(value)][-1]
    spaces['by_signal']()


def in_long_module():
    source = 'x = 1\n' * 3000 + 'by_signal()\n' + 'x = 1\n' * 3000
    exec(compile(source, '/srv/long.py', 'exec'), {'by_signal': by_signal})


def in_child():
    if os.fork() == 0:
        in_call()
    os.wait()


def in_extension():
    sys.path.insert(0, sys.argv[2])
    import fast

    fast.parse(lambda: fast.parse(None))


def in_other_interpreter():
    try:
        import _interpreters as interpreters
    except ImportError:
        import _xxsubinterpreters as interpreters
    other = interpreters.create()
    interpreters.run_string(other, 'import os; os.kill(os.getpid(), 11)')


def many_threads():
    wait = threading.Event()
    threading.stack_size(64 * 1024)
    for _ in range(90):
        threading.Thread(target=wait.wait, daemon=True).start()
    in_call()


if __name__ == '__main__':
    globals()[sys.argv[1]]()
