numbers = [3, 8, 1, 9]
if (count := len(numbers)) > 3:
    large = count
found = [square for number in numbers if (square := number * number) > 10]
while (head := numbers.pop()) != 8:
    last = head


def first_long(words):
    if any(len(match := word) > 3 for word in words):
        return match
    return None


word = first_long(["a", "bcde", "f"])
