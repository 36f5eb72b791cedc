# oracle: limits
items = []
for number in range(250):
    items.append(number)
size = len(items)
