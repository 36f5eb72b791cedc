import asyncio

log = []


async def ticks(limit):
    try:
        for number in range(limit):
            received = yield number
            log.append(received)
    finally:
        log.append("closed")


async def main():
    collected = [number async for number in ticks(3)]
    source = ticks(5)
    first = await source.asend(None)
    second = await source.asend("hello")
    await source.aclose()
    thrower = ticks(5)
    await thrower.asend(None)
    try:
        await thrower.athrow(ValueError("x"))
    except ValueError as error:
        log.append(str(error))
    return collected, first, second


result = asyncio.run(main())
