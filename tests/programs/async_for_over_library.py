# Iterators and generators of a library that hold buffers of their own, gone through by `async for`: what the library
# changes behind the program is either seen or marked.
# oracle: unchecked
import asyncio


async def read(chunks):
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    loop.call_soon(reader.feed_data, chunks[0])
    for chunk in chunks[1:]:
        loop.call_soon(loop.call_soon, loop.call_soon, reader.feed_data, chunk)
    loop.call_soon(loop.call_soon, loop.call_soon, loop.call_soon, reader.feed_eof)
    lines = []
    async for line in reader:
        lines.append(line)
    return lines


async def feed(reader):
    for number in range(4):
        reader.feed_data(b"line %d\n" % number)
        if number % 2:
            await asyncio.sleep(0)
    reader.feed_eof()


async def by_task():
    reader = asyncio.StreamReader()
    task = asyncio.create_task(feed(reader))
    count = 0
    async for line in reader:
        count += len(line)
    await task
    return count


async def by_anext():
    reader = asyncio.StreamReader()
    reader.feed_data(b"one\ntwo\nthree")
    first = await anext(reader)
    second = await anext(aiter(reader), None)
    reader.feed_eof()
    third = await anext(reader, None)
    last = await anext(reader, None)
    return first, second, third, last


async def by_comprehension():
    reader = asyncio.StreamReader()
    reader.feed_data(b"a\nb\nc\n")
    reader.feed_eof()
    return [line async for line in reader]


async def by_await():
    reader = asyncio.StreamReader()
    reader.feed_data(b"one\ntwo\nthree\nfour")
    waiting = reader.readline()
    first = await waiting
    second = await reader.readuntil(b"o\n")
    third = await reader.readexactly(3)
    reader.feed_eof()
    rest = await asyncio.wait_for(reader.read(), 5)
    return first, second, third, rest


async def main():
    print(await read([b"one\ntwo\nth", b"ree\n", b"four\nfive\nsix"]))
    print(await by_task())
    print(await by_anext())
    print(await by_comprehension())
    print(await by_await())


asyncio.run(main())
