"""Exceptions raised, chained, handled and passed through several frames. Usage: exceptions.py ROUNDS"""

import sys


class RefusedError(Exception):
    def __init__(self, number: int) -> None:
        super().__init__(f"refused {number}")
        self.number = number


def check(number: int) -> int:
    if number % 3 == 0:
        raise RefusedError(number)
    if number % 5 == 0:
        raise ValueError(number)
    return number


def through(number: int, depth: int) -> int:
    if depth == 0:
        return check(number)
    return through(number, depth - 1)


def guarded(number: int, log: list[int]) -> int:
    try:
        return through(number, 3)
    except ValueError as error:
        raise RefusedError(-number) from error
    finally:
        log.append(number)


def main() -> None:
    kept = refused = missing = 0
    table: dict[int, int] = {}
    for _ in range(int(sys.argv[1])):
        log: list[int] = []
        for number in range(500):
            try:
                kept += guarded(number, log)
            except RefusedError as error:
                refused += error.number
            try:
                table[number]
            except KeyError:
                missing += 1
    print(kept, refused, missing)


main()
