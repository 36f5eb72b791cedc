import asyncio
import contextvars


def plain(n):
    a = n + 1
    return a


class Manager:
    async def __aenter__(self):
        plain(1)
        return self

    async def __aexit__(self, *rest):
        await asyncio.sleep(0)
        plain(2)


class Awaitable:
    def __await__(self):
        plain(3)
        yield from asyncio.sleep(0).__await__()
        return plain(4)


def generator():
    yield plain(5)
    yield plain(6)


async def agen():
    yield plain(7)
    await asyncio.sleep(0)
    yield plain(8)


async def work(n):
    async with Manager():
        x = await Awaitable()
    for y in generator():
        plain(y)
    async for z in agen():
        plain(z)
    print([q async for q in agen()], sorted([3, 1], key=plain))
    return x


async def slow():
    try:
        await asyncio.sleep(10)
    finally:
        plain(10)


async def main():
    async with asyncio.TaskGroup() as group:
        group.create_task(work(4))
        group.create_task(slow()).cancel()
    task = asyncio.create_task(work(1), name="mine")
    task.add_done_callback(plain_done)
    await task
    try:
        await asyncio.wait_for(slow(), 0.01)
    except TimeoutError:
        plain(11)
    await asyncio.wait_for(work(2), 5)
    print(await asyncio.shield(work(3)))
    gen = agen()
    await gen.__anext__()
    await gen.aclose()
    lock = asyncio.Lock()
    async with lock:
        plain(12)
    asyncio.get_running_loop().call_later(0.001, plain, 13)
    await asyncio.sleep(0.01)
    contextvars.copy_context().run(plain, 14)
    await asyncio.get_running_loop().create_task(work(5))


def plain_done(task):
    plain(9)


async def outer():
    await main()


asyncio.run(outer())
loop = asyncio.new_event_loop()
loop.run_until_complete(work(6))
loop.call_soon(plain, 15)
loop.call_soon(loop.stop)
loop.run_forever()
loop.close()
with asyncio.Runner() as runner:
    runner.run(work(7))
    runner.run(work(8))
