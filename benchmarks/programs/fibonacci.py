"""Doubly recursive Fibonacci numbers: calls and returns. Usage: fibonacci.py ROUNDS"""

import sys


def fibonacci(n: int) -> int:
    if n < 2:
        return n
    return fibonacci(n - 1) + fibonacci(n - 2)


def main() -> None:
    result = 0
    for _ in range(int(sys.argv[1])):
        result += fibonacci(18)
    print(result)


main()
