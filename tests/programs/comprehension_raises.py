def check(number):
    if number == 2:
        raise ValueError(number)
    return number


def run():
    item = "kept"
    try:
        return [check(item) for item in range(4)]
    except ValueError as error:
        return item, error.args


result = run()
