import copy
import itertools
import json
import operator

items = [3, 1, 2]
operator.setitem(items, 0, 9)
operator.iadd(items, [4])
operator.delitem(items, 1)
operator.iconcat(items, [5])
table = {}
operator.setitem(table, "k", items)
list(map(items.append, [6, 7]))
deep = copy.deepcopy(table)
deep["k"].append("deep only")
shallow = copy.copy(table)
shallow["k"].append("both")
loaded = json.loads('{"a": [1, {"b": null}]}')
loaded["a"][1]["b"] = items
collected = []
collected.extend(itertools.chain([1], [2]))
any(collected.append(number) for number in range(2))
setattr(json, "tttui_was_here", 1)
del json.tttui_was_here
