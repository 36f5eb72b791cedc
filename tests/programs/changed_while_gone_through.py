import itertools
import operator

pop = operator.methodcaller("pop")


def rows_of_two():
    return [[3, 1], [2, 1], [1, 1]]


def counted(rows):
    for number, each in enumerate(map(pop, rows)):
        after = each
    return rows


def side_by_side(rows):
    for number, letter in zip(itertools.chain(map(pop, rows[:2]), map(pop, rows[2:])), "abc"):
        after = number
    return rows


def in_a_generator_expression(rows):
    total = sum(each for each in map(pop, rows))
    lengths = [each for each in map(len, rows)]
    return rows


def filtered(rows):
    for each in filter(operator.methodcaller("clear"), rows):
        after = each
    return rows


def delegated(rows):
    yield from map(pop, rows)
    return rows


def on_one_line(rows):
    for each in map(pop, rows): last = each
    return rows


def nested(rows):
    lists = iter(rows)
    for each in lists:
        for nothing in itertools.starmap(each.append, [(1,), (2,)]):
            after = 1
        for number in map(pop, itertools.islice(lists, 1)):
            after = 2
    return rows


for do in (counted, side_by_side, in_a_generator_expression, filtered, on_one_line, nested):
    do(rows_of_two())
for number in delegated(rows_of_two()):
    after = number
