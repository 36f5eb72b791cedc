import asyncio

log = []


async def deep():
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        log.append("deep")
        raise
    finally:
        log.append("finally")


async def middle():
    return await deep()


async def agen():
    try:
        yield 1
        yield 2
    except ValueError:
        yield 3
    finally:
        log.append("agen")


async def main():
    task = asyncio.create_task(middle())
    await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        log.append("main")
    try:
        await asyncio.wait_for(middle(), 0.01)
    except TimeoutError:
        log.append("timeout")
    g = agen()
    first = await g.__anext__()
    third = await g.athrow(ValueError("x"))
    await g.aclose()
    async for item in agen():
        if item == 1:
            break
    results = await asyncio.gather(middle(), asyncio.sleep(0), return_exceptions=True) if False else 0


asyncio.run(main())
after = 1
