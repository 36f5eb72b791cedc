import functools
import math


def function(first, second=2):
    return first + second


class Thing:
    def method(self):
        return self


function.note = "attribute"
thing = Thing()
bound = thing.method
unbound = Thing.method
partial = functools.partial(function, 1, second=5)
nested = functools.partial(partial)
builtin = len
builtin_method = [].append
math_function = math.sqrt
type_method = str.upper
anonymous = lambda: None
result = partial()
