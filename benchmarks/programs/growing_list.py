"""A list that grows to 100,000 entries, one append at a time, and shrinks again: a recorder that looks
at what is held instead of at what changed becomes quadratic here. Usage: growing_list.py ROUNDS
"""

import sys


def grow(count: int) -> list[int]:
    items: list[int] = []
    for number in range(count):
        items.append(number)  # noqa: PERF402 - one append at a time is the point
    return items


def update(items: list[int]) -> int:
    position = 0
    for step in range(len(items) // 4):
        items[position] = step
        position = (position + 7919) % len(items)
    return position


def shrink(items: list[int]) -> int:
    total = 0
    while items:
        total += items.pop()
    return total


def main() -> None:
    total = 0
    for _ in range(int(sys.argv[1])):
        items = grow(100_000)
        total += update(items)
        total += shrink(items)
    print(total)


main()
