from collections import deque


def numbers():
    while True:
        yield 1


source = numbers()
for number in range(5):
    total = number + next(source)
last = deque(zip(source, range(495)), maxlen=1)
