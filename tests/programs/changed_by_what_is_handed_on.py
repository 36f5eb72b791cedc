# oracle: unchecked
import operator

pop = operator.methodcaller("pop")


def rows_of_two():
    return [["3", "1"], ["2", "1"], ["1", "1"]]


def as_a_key(rows):
    ordered = sorted(rows, key=pop)
    ordered.sort(key=pop)
    return rows


def as_a_key_of_the_largest(rows):
    largest = max(rows, key=pop)
    return rows


def made_a_list(rows):
    popped = map(pop, rows)
    result = list(popped)
    return rows


def joined(rows):
    popped = map(pop, rows)
    result = ",".join(popped)
    return rows


def extended_by(rows):
    popped, result = map(pop, rows), []
    result.extend(popped)
    popped = map(pop, rows)
    result += popped
    return rows


def unpacked(rows):
    popped = map(pop, rows)
    first, second, third = popped
    popped = map(pop, rows)
    result = [*popped]
    return rows


def searched(rows):
    popped = map(pop, rows)
    found = "1" in popped
    popped = list(popped)
    return rows


def of_an_outer_variable(rows):
    popped = map(pop, rows)

    def inner():
        result = tuple(popped)
        return result

    inner()
    return rows


for do in (as_a_key, as_a_key_of_the_largest, made_a_list, joined, extended_by, unpacked, searched, of_an_outer_variable):
    do(rows_of_two())
rows = rows_of_two()
popped = map(pop, rows)
result = list(popped)
after = 1
