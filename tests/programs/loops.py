total = 0
for number in range(5):
    if number == 1:
        continue
    if number == 4:
        break
    total += number
else:
    total = -1
for letter in "ab":
    pass
else:
    letter = letter * 2
while total > 0:
    total -= 3
else:
    finished = True
for index, (key, value) in enumerate({"a": 1, "b": 2}.items()):
    last = (index, key, value)
for empty in []:
    never = 1
