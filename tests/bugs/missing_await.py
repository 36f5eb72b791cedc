"""Every user is let in."""

import asyncio
import warnings

warnings.simplefilter("ignore")
ALLOWED = {"ann"}


async def allowed(name):
    await asyncio.sleep(0)
    return name in ALLOWED


async def enter(name):
    if allowed(name):
        return "welcome"
    return "go away"


answer = asyncio.run(enter("eve"))
assert answer == "go away", answer
