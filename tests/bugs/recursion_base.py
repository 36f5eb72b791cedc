"""The power of a negative exponent never ends."""

import sys

sys.setrecursionlimit(80)


def power(base, exponent):
    if exponent == 0:
        return 1
    return base * power(base, exponent - 1)


def inverse(base):
    return power(base, -1)


inverse(2)
