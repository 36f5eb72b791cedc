items = [1, 2, 3]
for item in items:
    if item < 3:
        items.append(item + 10)
    if len(items) > 8:
        break
numbers = [1, 2, 3, 4]
for number in numbers:
    numbers.remove(number)
