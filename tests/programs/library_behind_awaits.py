# Objects of the program that a library's coroutines, generators and contexts change while it waits for them.
# oracle: unchecked
import argparse
import asyncio
import collections
import contextlib
import types


@contextlib.asynccontextmanager
async def holding(kept):
    kept.append("in")
    try:
        yield kept
    finally:
        kept.append("out")


async def contexts():
    kept = []
    lock = asyncio.Lock()
    async with lock, holding(kept) as same:
        same.append(len(kept))
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(kept.append, "called back")
        held = await stack.enter_async_context(holding(kept))
        stack.push_async_callback(asyncio.sleep, 0)
        stack.callback(held.extend, [1, 2])
    return kept, lock.locked()


async def awaits():
    loop = asyncio.get_running_loop()
    names = {}
    queue = collections.deque()
    data = bytearray()
    loop.call_soon(names.setdefault, "later", [1])
    await asyncio.sleep(0)
    loop.call_soon(queue.append, 1)
    loop.call_soon(data.extend, b"more")
    await asyncio.sleep(0)
    future = loop.create_future()
    loop.call_soon(names["later"].append, 2)
    loop.call_soon(future.set_result, names)
    got = await future
    event = asyncio.Event()
    loop.call_soon(queue.extend, [2, 3])
    loop.call_soon(event.set)
    await event.wait()
    return got, queue, data


async def aliases():
    loop = asyncio.get_running_loop()
    one = []
    two = three = one
    asyncio.isfuture(one)
    del two
    del three
    loop.call_soon(one.append, 1)
    await asyncio.sleep(0)
    loop.call_soon(common.append, 2)
    await asyncio.sleep(0)
    loop.call_soon(common.append, 3)
    await asyncio.sleep(0)
    return one, common


async def empties():
    loop = asyncio.get_running_loop()
    space = argparse.Namespace()
    loop.call_soon(setattr, space, "later", 1)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return space.later


async def buffers():
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    buffer = reader._buffer
    loop.call_soon(reader.feed_data, b"one\ntwo")
    line = await reader.readline()
    number = len(line)
    loop.call_soon(reader.feed_data, b"three\n")
    await asyncio.sleep(0)
    number += 1
    loop.call_soon(reader.feed_data, b"four\n")
    await asyncio.sleep(0)
    async for each in reader:
        number += len(each)
        if number > 12:
            reader.feed_eof()
    return number, len(buffer)


async def queues():
    queue = asyncio.Queue()
    waiting = queue._queue
    taker = asyncio.create_task(queue.get())
    await asyncio.sleep(0)
    await queue.put(1)
    await queue.put(2)
    first = await taker
    joined = asyncio.create_task(asyncio.wait_for(queue.get(), 10))
    second = await joined
    return first, second, waiting


@types.coroutine
def old_style(seen):
    seen.append(1)
    yield from asyncio.sleep(0)
    seen.append(2)
    return seen


common = []


async def main():
    print(await awaits())
    print(await aliases())
    print(await empties())
    print(await buffers())
    print(await queues())
    print(await old_style([]))
    print(await contexts())


asyncio.run(main())
