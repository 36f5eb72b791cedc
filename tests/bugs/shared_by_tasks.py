"""One withdrawal too many: the check and the payment are two steps."""

import asyncio

account = {"balance": 100}


async def withdraw(amount):
    if account["balance"] >= amount:
        await asyncio.sleep(0)
        account["balance"] -= amount
        return True
    return False


async def main():
    results = await asyncio.gather(withdraw(80), withdraw(70))
    assert account["balance"] >= 0, (account, results)


asyncio.run(main())
