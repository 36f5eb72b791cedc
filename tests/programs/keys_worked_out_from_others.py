# oracle: limits
def by_slice(table, words):
    for position, word in enumerate(words):
        table.setdefault(word[:4], []).append(position)
        count = len(table[word[:4]])
        table.get(word[0:4]).append(-position)
        after = 1


def by_text(table, words):
    for position, word in enumerate(words):
        table.setdefault(f"{word[:4]}", []).append(position)
        table.get(f"{word.strip()[:4]}").append(word)
        table.setdefault(
            word[:4], []
        ).append("on three lines")
        after = 1


def by_choice(table, words):
    for position, word in enumerate(words):
        table.setdefault(word[:4] if position else "0000", []).append(position)
        table.get(word[:4] or "none", table.get(words[0][:4])).append("within another")
        after = 1


def taken(table, words):
    for word in words:
        rows = table[word[:4]]
        table.pop(word[:4]).append("taken")
        table[word[:4]] = rows
        table.pop(f"{word[:4]}", None).append("taken again")
        after = 1


def chosen(rows):
    max(rows, key=len).append(1)
    after = 1
    min(rows[1:], key=len).append(2)
    after = 2
    next(iter(rows[3:])).append(3)
    after = 3
    low = 2
    max(rows, key=lambda row: row[0] * low).append(4)
    after = 4
    min(rows, key=lambda row: row[0]).append(5)
    after = 5


words = [f"{number:04d}x" for number in range(0, 7000, 100)]
table = {}
by_slice(table, words)
by_text(table, words[:3])
by_choice(table, words[:3])
taken(table, words[:3])
chosen([[number] for number in range(70)])
