def check(value):
    assert value > 0, f"{value} is not positive"
    return value


try:
    check(1)
    check(-1)
except AssertionError as error:
    message = error.args[0]
