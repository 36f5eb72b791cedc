empty = {}
plain = {"a": 1, 2: "two", None: None, (1, 2): [3], 2.5: True}
nested = {"x": {"y": {"z": 1}}}
nested["x"]["y"]["z"] = 2
nested["x"]["new"] = []
ordered = {"b": 1, "a": 2}
del ordered["b"]
ordered["b"] = 3
