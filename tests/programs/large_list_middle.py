import bisect
import heapq
import random


class Cursor:
    def __init__(self):
        self.place = 40


same = [0] * 100
same.insert(10, 7)
del same[20]
same.pop(10)
same.insert(30, 8)
same.remove(8)
same[50] = 9
i = 50
same[i + 1] = 10
same[i - 1], same[i + 2] = 11, 12
same[i * 1 + 5] += 13
cursor = Cursor()
same[cursor.place] = 14
same[-i] = 15
same[min(i, 41)] = 16
same[60:62] = [17, 18]
same[60:62] = []
same += [1]
same.append(2)
same.pop()
same.pop(45)
ends = [0, 0, 0, 0, *range(90, 0, -1), 99, 99, 99, 99, 99, 99, 99, 99]
ends.sort()
middle = [0] * 8 + list(range(80)) + [0] * 8
middle.reverse()
middle[8:88] = middle[8:88][::-1]
random.Random(3).shuffle(middle)
heapq.heapify(middle)
heapq.heapreplace(middle, 50)
bisect.insort(same, 5)
same.__setitem__(33, 3)
same[same.index(3)] = 4
swap = list(range(100))
for k in range(30, 34):
    swap[k], swap[k + 30] = swap[k + 30], swap[k]
    swap[k + 5] = swap[k - 5]


def work(values, start):
    total = 0
    for j in range(start, start + 3):
        values[j + 1] = values[j] + 1
        values[j], values[j - 1] = values[j - 1], values[j]
        total += values[j * 2 - start]
        if values[j] > 3: values[j] = 0
    values[start + 10] = j = start
    return total


work(swap, 20)
work(same, 30)
after = 1


class Ring:
    def __init__(self):
        self.places = [0] * 80
        self.at = 79
        self.boxes = [[number] for number in range(80)]

    def put(self, value):
        self.places[self.at % 80] = value
        self.places[(self.at - 1) // 2] = value
        self.places[2 * value + 1] = self.places[-self.at + 3]
        self.boxes[self.at - 5].append(value)
        self.boxes[value][0] += 1
        self.at += 1
        self.places[self.at % len(self.places)] = value


ring = Ring()
ring.put(20)
ring.put(22)
after = 2
