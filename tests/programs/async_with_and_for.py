import asyncio


class Resource:
    def __init__(self, name):
        self.name = name
        self.open = False

    async def __aenter__(self):
        await asyncio.sleep(0)
        self.open = True
        return self

    async def __aexit__(self, kind, error, trace):
        self.open = False
        return kind is ValueError


class Numbers:
    def __init__(self, limit):
        self.limit = limit
        self.at = 0

    def __aiter__(self):
        return self

    async def __anext__(self):
        if self.at >= self.limit:
            raise StopAsyncIteration
        self.at += 1
        return self.at


async def main():
    total = 0
    async with Resource("r") as resource:
        async for number in Numbers(3):
            total += number
    async with Resource("s"):
        raise ValueError("suppressed")
    return total, resource.open


result = asyncio.run(main())
