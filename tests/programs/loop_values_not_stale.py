values = []
for number in range(40):
    square = number * number
    half = number / 2
    label = f"n{number}"
    pair = (number, square)
    if number % 7 == 3:
        values.append(pair)
