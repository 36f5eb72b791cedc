def factorial(number):
    if number <= 1:
        return 1
    below = factorial(number - 1)
    return number * below


result = factorial(8)
