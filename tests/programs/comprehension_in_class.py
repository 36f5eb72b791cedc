class Table:
    size = 3
    rows = [index * 2 for index in range(size)]
    names = {f"n{index}": index for index in range(2)}


def build():
    class Local:
        cells = [number for number in (1, 2)]

    return Local


local = build()
total = sum(Table.rows)
