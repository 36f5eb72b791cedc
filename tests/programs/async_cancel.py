import asyncio

log = []


async def forever():
    try:
        while True:
            await asyncio.sleep(3600)
    except asyncio.CancelledError:
        log.append("cancelled")
        raise
    finally:
        log.append("finally")


async def main():
    task = asyncio.create_task(forever(), name="forever")
    await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        log.append("seen")


asyncio.run(main())
