import asyncio


async def step(name, fails):
    await asyncio.sleep(0)
    if fails:
        raise ValueError(name)
    return name


async def main():
    results = await asyncio.gather(step("a", False), step("b", True), step("c", False), return_exceptions=True)
    kinds = [type(item).__name__ for item in results]
    return kinds


kinds = asyncio.run(main())
