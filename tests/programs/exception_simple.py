def divide(first, second):
    return first / second


try:
    divide(1, 0)
except ZeroDivisionError as error:
    message = str(error)
    kind = type(error).__name__
result = "after"
