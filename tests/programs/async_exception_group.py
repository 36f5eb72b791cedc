import asyncio


async def fail(kind, text):
    await asyncio.sleep(0)
    raise kind(text)


async def main():
    caught = []
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(fail(ValueError, "v"), name="v")
            group.create_task(fail(KeyError, "k"), name="k")
    except* ValueError as values:
        caught.append(len(values.exceptions))
    except* KeyError as keys:
        caught.append(len(keys.exceptions))
    return caught


result = asyncio.run(main())
