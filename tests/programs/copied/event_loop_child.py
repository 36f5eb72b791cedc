"""asyncio with another program."""
import asyncio


async def main():
    child = await asyncio.create_subprocess_exec("cat", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
    out, err = await child.communicate(b"through cat")
    return out, child.returncode


result = asyncio.run(main())
