log = []


class Context:
    def __init__(self, name, suppress=False):
        self.name = name
        self.suppress = suppress

    def __enter__(self):
        log.append("enter " + self.name)
        return self

    def __exit__(self, kind, error, trace):
        log.append("exit " + self.name)
        return self.suppress


with Context("a") as a, Context("b") as b:
    names = a.name + b.name

with Context("c", suppress=True):
    raise ValueError("suppressed")

with (
    Context("d") as d,
    Context("e"),
):
    inside = True


def returns():
    with Context("f"):
        return "value"


value = returns()
