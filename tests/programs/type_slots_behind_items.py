# oracle: from 3.15
class Row(tuple):
    __slots__ = ("note", "more")


class Longer(Row):
    __slots__ = ("last",)


for length in (0, 3, 4):
    row = Longer(range(length))
    row.note = [length]
    row.last = row
    row.note.append("changed")
    del row.last
    row.more = row.note
