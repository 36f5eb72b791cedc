from concurrent.futures import ThreadPoolExecutor


def square(number):
    result = number * number
    return result


with ThreadPoolExecutor(1) as pool:
    first = pool.submit(square, 3).result()
    second = pool.submit(square, 4).result()
