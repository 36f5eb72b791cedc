"""asyncio: tasks, time, streams over a socket, another program."""
import asyncio
import socket


async def tick(name, seen):
    for number in range(5):
        await asyncio.sleep(0.001)
        seen.append((name, number))


async def talk(sock, lines):
    reader, writer = await asyncio.open_connection(sock=sock)
    for number in range(lines):
        writer.write(b"%d\n" % number)
        await writer.drain()
    writer.write_eof()
    text = await reader.read()
    writer.close()
    return text


async def answer(sock):
    reader, writer = await asyncio.open_connection(sock=sock)
    count = 0
    while line := await reader.readline():
        count += 1
        writer.write(line * 2)
    writer.close()
    return count


async def main():
    seen = []
    await asyncio.gather(tick("a", seen), tick("b", seen))
    here, there = socket.socketpair()
    text, count = await asyncio.gather(talk(here, 10), answer(there))
    try:
        async with asyncio.timeout(0.01):
            await asyncio.sleep(10)
    except TimeoutError:
        late = True
    queue = asyncio.Queue()
    for number in range(3):
        queue.put_nowait(number)
    got = [await queue.get() for _ in range(3)]
    return seen, text, count, late, got


result = asyncio.run(main())
