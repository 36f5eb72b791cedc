import asyncio


async def add(first, second):
    await asyncio.sleep(0)
    total = first + second
    return total


async def main():
    values = []
    for number in range(3):
        values.append(await add(number, 10))
    return values


result = asyncio.run(main())
