# oracle: limits
list_of = [[number] for number in range(72)]
table_of = {number: [number] for number in range(72)}
place = [68, 69]
tuple_of = tuple([number] for number in range(72))
tuple_of[68].append(1)
list_of[place[0]].append(2)
for each in list_of[:3]: each.append(3)
[each.append(4) for each in list_of]
list(map(lambda each: each.append(5), list_of))
for number in table_of: table_of[number].append(6)
for each in table_of.values():
    each.append(7)
after = 1
