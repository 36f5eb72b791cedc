import asyncio

tasks = set()
done = []


async def job(number):
    await asyncio.sleep(0)
    return number


async def main():
    for number in range(2):
        task = asyncio.ensure_future(job(number))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        task.add_done_callback(done.append)
    loop = asyncio.get_running_loop()
    loop.call_soon(done.append, "soon")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    count = len(done)


asyncio.run(main())
after = 1
