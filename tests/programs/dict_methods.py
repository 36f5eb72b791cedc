table = {"a": 1}
table["b"] = 2
table.update({"c": 3, "a": 10})
table.update(d=4)
default = table.setdefault("e", [])
default.append("in e")
popped = table.pop("b")
missing = table.pop("zz", None)
last = table.popitem()
got = table.get("a")
table |= {"m": 1}
merged = table | {"n": 2}
copy = table.copy()
copy["a"] = "copy"
keys = list(table)
table.clear()
table["again"] = 1
from_keys = dict.fromkeys("xyz", 0)
from_pairs = dict([("k", 1), ("l", 2)])
