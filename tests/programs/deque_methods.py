from collections import deque

queue = deque()
for number in range(4):
    queue.append(number)
queue.appendleft(-1)
queue.extend([7, 8])
queue.extendleft("ab")
right = queue.pop()
left = queue.popleft()
queue.rotate(2)
queue[0] = "first"
queue[1] = "second"
queue.insert(2, "inserted")
queue.remove(2)
queue.reverse()
del queue[0]
bounded = deque(range(3), 3)
bounded.append(99)
queue.clear()
