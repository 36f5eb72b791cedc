from collections import ChainMap, Counter, OrderedDict, UserDict, UserList, defaultdict, deque

queue = deque([1, 2, 3], maxlen=4)
queue.append(4)
queue.append(5)
queue.appendleft(0)
queue.rotate(1)
popped = queue.popleft()
counts = Counter("abracadabra")
counts.update("bbb")
counts["z"] -= 1
groups = defaultdict(list)
groups["x"].append(1)
groups["y"]
ordered = OrderedDict(a=1, b=2, c=3)
ordered.move_to_end("a")
ordered.popitem(last=False)
chain = ChainMap({"a": 1}, {"b": 2})
chain["c"] = 3
user = UserDict(a=1)
user["b"] = 2
user_list = UserList([1])
user_list.append(2)
