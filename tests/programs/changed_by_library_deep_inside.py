import collections
import json
import operator

waiting = collections.deque([1, 2, 3, 4])
nested = waiting
for _ in range(12):
    nested = [nested]
text = json.dumps(nested, default=operator.methodcaller("popleft"))
count = 1
text = json.dumps({"all": nested}, default=operator.methodcaller("popleft"))
count = 2
