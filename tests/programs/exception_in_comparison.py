class Odd:
    def __eq__(self, other):
        raise RuntimeError("no comparing")

    def __hash__(self):
        return 1


results = []
odd = Odd()
try:
    odd == 1
except RuntimeError:
    results.append("eq")
try:
    odd in [1, 2]
except RuntimeError:
    results.append("in")
table = {odd: 1}
try:
    table[Odd()]
except RuntimeError:
    results.append("dict")
