import collections

last = collections.deque(range(100), maxlen=100)
last.append(100)
last.appendleft(-1)
last[50] = "fifty"
last.rotate(3)
last.rotate(-3)
i = 20
last[i + 1] = "next"
last.extend([7, 8])
numbers = set(range(100))
numbers.discard(50)
numbers.add(500)
numbers.remove(51), numbers.add(501)
numbers ^= {1, 502}
numbers.update({52, 503})
numbers -= {53}
numbers |= {504}
bag = bytearray(200)
bag[100] = 1
bag[100:102] = b"ab"
bag.reverse()
ordered = collections.OrderedDict((number, number) for number in range(100))
ordered.move_to_end(50)
ordered[51] = "changed"
ordered.move_to_end(52, last=False)
counter = collections.Counter({number: 1 for number in range(100)})
counter[50] += 1
counter.update([51, 52])
counter.subtract([53])
list_of = [[number] for number in range(100)]
list_of[70].append(1)
n = 60
list_of[n + 5].append(2)
after = 1
