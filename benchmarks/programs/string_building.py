"""Strings built by +=, join, formatting and replacement. Usage: string_building.py ROUNDS"""

import sys


def by_addition(count: int) -> str:
    text = ""
    for number in range(count):
        text += str(number)
        text += ","
    return text


def by_joining(count: int) -> str:
    lines = []
    for number in range(count):
        line = f"{number:06d} {number * number} {number / 7:.3f}"
        lines.append(line)
    return "\n".join(lines)


def to_table(text: str) -> str:
    rows = []
    for line in text.split("\n"):
        first, second, third = line.split(" ")
        rows.append("| " + first.lstrip("0").rjust(6) + " | " + second + " | " + third.replace(".", ",") + " |")
    return "\n".join(rows)


def main() -> None:
    length = 0
    for _ in range(int(sys.argv[1])):
        length += len(by_addition(1000))
        length += len(to_table(by_joining(1000)))
    print(length)


main()
