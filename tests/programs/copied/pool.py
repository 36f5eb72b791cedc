"""A pool of processes."""
import multiprocessing


def square(number):
    return number * number


if __name__ == "__main__":
    before = [square(number) for number in range(10)]
    with multiprocessing.get_context("fork").Pool(2) as pool:
        squares = pool.map(square, range(10))
    after = sum(squares)
