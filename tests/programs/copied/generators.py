"""Generators, coroutines and context managers."""
import contextlib


def count(limit):
    got = None
    for number in range(limit):
        try:
            got = yield number if got is None else (number, got)
        finally:
            last = number


def outer():
    result = yield from count(5)
    yield result


@contextlib.contextmanager
def place(name):
    opened.append(name)
    try:
        yield name.upper()
    finally:
        opened.remove(name)


async def step(number):
    return number + 1


async def steps():
    total = 0
    async for number in ticks():
        total += await step(number)
    return total


async def ticks():
    for number in range(3):
        yield number


opened = []
generator = count(6)
first = next(generator)
second = generator.send("sent")
generator.close()
values = list(outer())
with place("a") as name, place("b"):
    both = list(opened)
coroutine = steps()
try:
    coroutine.send(None)
except StopIteration as stop:
    total = stop.value
endless = (number * number for number in iter(int, 1))
