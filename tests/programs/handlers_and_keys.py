"""Large containers that blocks of finally change, there once for each way to them; by keys, by lines that change a dict and lists;
attributes of classes, set by all means; instances of which one attribute changes, or more, or in another order."""

import gc


def leave(number, log):
    try:
        if number % 3 == 0:
            raise ValueError(number)
        if number % 5 == 0:
            return number
    finally:
        log.append(number)
    return -number


def leave_twice(number, log):
    try:
        if number % 2:
            raise KeyError(number)
        return number
    except KeyError:
        log.append(-number); log.insert(3, number)
        raise
    finally:
        log.append(number); log.append(number + 1)


def leave_both_ends(number, log):
    try:
        return 1 // (number % 2)
    finally:
        log.pop(); log.insert(0, number); log[5] = number


class Log(list):
    def update(self, value):
        self[40] = value

    def add(self, value):
        self.insert(7, value)
        return self


class Kept:
    count = 0
    names = ["a"]

    def __init__(self, first, second):
        self.first = first
        self.second = second
        self.third = None


def in_finally():
    log = list(range(80))
    for each in (leave, leave_twice, leave_both_ends):
        for number in range(6):
            try:
                each(number, log)
            except (ValueError, KeyError, ZeroDivisionError):
                pass
    return len(log)


def by_keys():
    table = {"even": list(range(90)), "odd": list(range(100))}
    long = {number: number for number in range(70)}
    seen = set(range(80))
    for number in range(5):
        table.setdefault("even" if number % 2 else "odd", []).append(number)
        table.setdefault("odd", []).insert(2, number)
        table.setdefault("odd", [])[10] = number
        long.update({number: -number, 1000 + number: 1})
        long.setdefault(2000 + number, number)
        seen.add(number * 50); seen.discard(number)
    long.popitem()
    log = Log(range(90))
    log.update(5)
    log.add(6).append(7)
    library = [log]
    library[0].update(8)
    return len(table["odd"]) + len(long) + len(seen) + log[40]


def of_classes():
    Kept.count += 1
    setattr(Kept, "later", [1])
    Kept.later.append(2)
    type.__setattr__(Kept, "count", 10)
    del Kept.later
    Kept.names.append("b")
    Kept.names = ("c",)
    hidden = [held for held in gc.get_referents(Kept.__dict__) if isinstance(held, dict)]
    Kept.count = 11
    hidden.clear()
    Kept.count = Kept.count
    return Kept.count


def of_instances():
    kept = Kept(1, 2)
    for number in range(12):
        kept.first = number
        kept.second, kept.third = number, [number]
        kept.third.append(number)
        kept.second = kept.third
        kept.first = kept.second = None
    del kept.first
    kept.first = 3
    kept.first = 4
    del kept.second
    kept.third = 5
    kept.__dict__["second"] = 6
    kept.second = 7
    kept.__dict__.clear()
    kept.second = 8
    kept.second = 9
    return kept.second


print(in_finally(), by_keys(), of_classes(), of_instances())
