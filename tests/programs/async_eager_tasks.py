# oracle: from 3.12
"""Tasks that take their first step where they are made."""

import asyncio


def plain(n):
    return inner(n + 1)


def inner(n):
    return n


async def quick(n):
    x = plain(n)
    return x


async def later(n):
    x = plain(n)
    await asyncio.sleep(0)
    y = plain(n)
    await quick(y)
    return x


class Awaitable:
    def __await__(self):
        plain(3)
        yield from later(3).__await__()
        return plain(4)


async def main():
    first = asyncio.create_task(quick(1), name="first")
    second = asyncio.create_task(later(2), name="second")
    plain(5)
    await second
    third = asyncio.create_task(later(4), name="third")
    await Awaitable()
    await third
    async with asyncio.TaskGroup() as group:
        for n in range(3):
            group.create_task(later(n), name=f"of group {n}")
    return first.result()


async def named():
    return await asyncio.create_task(main(), name="main")


loop = asyncio.new_event_loop()
loop.set_task_factory(asyncio.eager_task_factory)
print(loop.run_until_complete(named()))
loop.close()
