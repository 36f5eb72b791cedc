class Holder:
    def __init__(self):
        self.rows = [[n] for n in range(70)]
        self.few = [[n] for n in range(7)]

    def __iter__(self):
        return iter(self.rows)

    def __reversed__(self):
        return iter(self.few)

    def keys(self):
        return ["a"]

    def __getitem__(self, n):
        return self.rows[66]

    def __len__(self):
        return 70


class Few(Holder):
    def __iter__(self):
        return iter(self.few)


class Each(Holder):
    def __iter__(self):
        yield from self.rows


class Tuple(Holder):
    def __iter__(self):
        return iter(tuple(self.rows))


class Pairs(Holder):
    def __iter__(self):
        return zip(self.rows, self.rows)


class Own(Holder):
    def __iter__(self):
        self.at = -1
        return self
    def __next__(self):
        self.at += 1
        if self.at == 70:
            raise StopIteration
        return self.rows[self.at]


def spread(holder):
    [*holder][66].append(1)
    after = 0


def listed(holder):
    list(iter(holder))[66].append(1)
    after = 0


def most(holder):
    max(holder).append(1)
    after = 0


def zipped(holder):
    dict(zip(range(70), holder))[66].append(1)
    after = 0


def unpacked(holder):
    first, *rest = holder; rest[65].append(1)
    after = 0


def nth(holder):
    next(iter(holder)).append(1)
    after = 0


def sort(holder):
    sorted(holder)[66].append(1)
    after = 0


def few(holder):
    [*holder][6].append(1)
    after = 0
    list(reversed(holder))[3].append(1)
    after = 1


def gone_through(holder):
    [each.append(1) for each in holder]
    after = 0
    for each in holder: each.append(2)
    after = 1


def mapped(holder):
    list(map(list.copy, holder)); list(holder)[66].append(4)
    after = 0
    {**holder}["a"].append(5)
    after = 1


def pairs(holder):
    [*holder][66][0].append(1)
    after = 0


for do in (spread, listed, most, zipped, unpacked, nth, sort, gone_through, mapped):
    do(Holder())
few(Few())
few(Holder())
pairs(Pairs())
