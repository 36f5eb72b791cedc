class Sequence:
    def __getitem__(self, index):
        if index >= 3:
            raise IndexError(index)
        return index * 10


items = [item for item in Sequence()]
a, b, c = Sequence()
total = sum(iter(Sequence()))
calls = iter([1, 2, 0]).__next__
until = list(iter(calls, 0))
