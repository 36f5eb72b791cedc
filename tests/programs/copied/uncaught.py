"""An exception that nobody catches."""
import contextlib


class Failure(Exception):
    pass


def inner(number):
    if number > 5:
        raise Failure(number)
    return number


def outer():
    results = []
    for number in range(10):
        with contextlib.suppress(ValueError):
            results.append(inner(number))
    return results


outer()
