class Memo:
    def __init__(self, function):
        self.function = function
        self.known = {}

    def __call__(self, number):
        if number not in self.known:
            self.known[number] = self.function(number)
        return self.known[number]


@Memo
def fibonacci(number):
    return number if number < 2 else fibonacci(number - 1) + fibonacci(number - 2)


result = fibonacci(7)
