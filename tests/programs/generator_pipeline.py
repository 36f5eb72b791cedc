def read(lines):
    for line in lines:
        yield line.strip()


def parse(lines):
    for line in lines:
        key, _, value = line.partition("=")
        yield key, int(value)


def keep(pairs, limit):
    for key, value in pairs:
        if value > limit:
            yield {key: value}


result = list(keep(parse(read([" a=1 ", "b=5", "c=9"])), 2))
