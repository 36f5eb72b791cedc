"""A report keeps the rows of the week before."""


def load(rows):
    return [row.upper() for row in rows]


def weekly(template, rows):
    report = template
    report.extend(load(rows))
    return report


template = ["HEADER"]
first = weekly(template, ["a", "b"])
second = weekly(template, ["c"])
assert second == ["HEADER", "C"], second
