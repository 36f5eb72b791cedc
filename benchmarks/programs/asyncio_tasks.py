"""Tasks that pass items through asyncio queues and await each other. Usage: asyncio_tasks.py ROUNDS"""

import asyncio
import sys


async def square(number: int) -> int:
    if number % 4 == 0:
        await asyncio.sleep(0)
    return number * number


async def produce(queue: asyncio.Queue[int | None], count: int) -> None:
    for number in range(count):
        await queue.put(number)
    await queue.put(None)


async def consume(queue: asyncio.Queue[int | None]) -> int:
    total = 0
    while True:
        number = await queue.get()
        if number is None:
            return total
        total += await square(number)


async def pipeline(count: int) -> int:
    queue: asyncio.Queue[int | None] = asyncio.Queue(8)
    producer = asyncio.create_task(produce(queue, count))
    consumer = asyncio.create_task(consume(queue))
    await producer
    return await consumer


async def work(rounds: int) -> int:
    total = 0
    for _ in range(rounds):
        totals = await asyncio.gather(*(pipeline(50) for _ in range(10)))
        total += sum(totals)
    return total


def main() -> None:
    print(asyncio.run(work(int(sys.argv[1]))))


main()
