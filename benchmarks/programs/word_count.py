"""Counting words into dicts and lists that grow. Usage: word_count.py ROUNDS"""

import sys

SYLLABLES = ("ka", "lo", "mi", "ne", "ru", "sa", "te", "vo", "zu", "qui")


def make_words(count: int, seed: int) -> list[str]:
    words = []
    state = seed
    for _ in range(count):
        state = (state * 1103515245 + 12345) % 2147483648
        first = SYLLABLES[state // 65536 % 10]
        second = SYLLABLES[state // 1048576 % 10]
        third = SYLLABLES[state // 16777216 % 10]
        words.append(first + second + third)
    return words


def count_words(words: list[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for word in words:
        if word in counts:
            counts[word] += 1
        else:
            counts[word] = 1
    return counts


def index_words(words: list[str]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for position, word in enumerate(words):
        places.setdefault(word[:2], []).append(position)
    return places


def main() -> None:
    distinct = most = longest = 0
    for number in range(int(sys.argv[1])):
        words = make_words(2000, number)
        counts = count_words(words)
        places = index_words(words)
        ranking = sorted(counts, key=lambda word: (-counts[word], word))
        distinct += len(counts)
        most += counts[ranking[0]]
        longest += max(len(found) for found in places.values())
    print(distinct, most, longest)


main()
