import asyncio

log = []


async def worker(name, count):
    for number in range(count):
        log.append((name, number))
        await asyncio.sleep(0)
    return name * count


async def main():
    first = asyncio.create_task(worker("a", 3), name="first")
    second = asyncio.create_task(worker("b", 2), name="second")
    results = [await first, await second]
    return results


result = asyncio.run(main())
