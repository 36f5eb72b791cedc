import itertools
import re
import threading

counter = itertools.count(5)
lock = threading.Lock()
match = re.match("a", "abc")
iterator = iter([1, 2])
mapping = type("T", (), {"x": 1}).__dict__
enumerated = enumerate("ab")
zipped = zip([1], [2])
code = compile("1", "x", "eval")
weak = __import__("weakref").ref(re)
array = __import__("array").array("i", [1, 2, 3])
view = {}.keys()
first = next(iterator)
array.append(4)
