"""Recursion 5,000 frames deep, down and back up. Usage: deep_recursion.py ROUNDS"""

import sys


def depth_of(tree: list[object], depth: int) -> int:
    if not tree:
        return depth
    child = tree[0]
    assert isinstance(child, list)
    return depth_of(child, depth + 1)


def nested(depth: int) -> list[object]:
    tree: list[object] = []
    for _ in range(depth):
        tree = [tree]
    return tree


def countdown(number: int) -> int:
    if number == 0:
        return 0
    return 1 + countdown(number - 1)


def main() -> None:
    sys.setrecursionlimit(20_000)
    total = 0
    for _ in range(int(sys.argv[1])):
        total += countdown(5_000)
        total += depth_of(nested(1_000), 0)
    print(total)


main()
