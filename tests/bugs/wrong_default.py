"""Somebody without a limit is not allowed anything."""

LIMITS = {"ann": 100}


def may_spend(name, amount):
    limit = LIMITS.get(name, 0)
    return amount <= limit


assert may_spend("bob", 5)
