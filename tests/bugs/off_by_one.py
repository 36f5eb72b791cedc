"""The last day of the week is missing."""


def days(first, last):
    found = []
    for day in range(first, last):
        found.append(day)
    return found


week = days(1, 7)
assert len(week) == 7, week
