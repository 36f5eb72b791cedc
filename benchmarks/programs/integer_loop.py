"""Arithmetic on small ints in nested loops: nothing but lines and rebinding. Usage: integer_loop.py ROUNDS"""

import sys


def sum_of_divisors(limit: int) -> int:
    total = 0
    for number in range(1, limit):
        divisor = 1
        while divisor * divisor <= number:
            if number % divisor == 0:
                total += divisor
                total += number // divisor
            divisor += 1
    return total


def main() -> None:
    result = 0
    for _ in range(int(sys.argv[1])):
        result += sum_of_divisors(500)
    print(result)


main()
