items = [0] * 5
for index in range(5):
    items[index] = index * index
items[-1] = "last"
items[items.index(4)] += 1
grid = [[0] * 3 for _ in range(3)]
grid[1][2] = 5
shared = [[0] * 2] * 3
shared[0][1] = 9
items[True] = "one"
