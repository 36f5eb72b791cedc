import asyncio


async def producer(queue):
    for number in range(3):
        await queue.put({"number": number})
    await queue.put(None)


async def consumer(queue, seen):
    while True:
        item = await queue.get()
        if item is None:
            return len(seen)
        seen.append(item)
        item["seen"] = True


async def main():
    queue = asyncio.Queue(1)
    seen = []
    results = await asyncio.gather(producer(queue), consumer(queue, seen))
    return results, seen


result = asyncio.run(main())
