calls = []


class Careful:
    def __init__(self):
        self._value = 1

    @property
    def value(self):
        calls.append("value")
        return self._value

    def __len__(self):
        calls.append("len")
        return 3

    def __iter__(self):
        calls.append("iter")
        return iter([1, 2, 3])

    def __repr__(self):
        calls.append("repr")
        return "careful"

    def __bool__(self):
        calls.append("bool")
        return False


careful = Careful()
other = careful
holder = [careful, {"c": careful}]
before = len(calls)
got = careful.value
after = len(calls)
