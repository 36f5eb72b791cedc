import functools

calls = []


def logged(function):
    @functools.wraps(function)
    def wrapper(*arguments, **named):
        calls.append(function.__name__)
        return function(*arguments, **named)

    return wrapper


def repeated(times):
    def decorate(function):
        def wrapper(*arguments):
            return [function(*arguments) for _ in range(times)]

        return wrapper

    return decorate


@logged
def one(number):
    return number + 1


@logged
@repeated(2)
def two(number):
    return number + 2


first = one(1)
second = two(1)
