empty = []
flat = [1, "two", 3.0, None, True]
nested = [[1, [2, [3, [4]]]], []]
mixed = [(1, 2), {"k": [1]}, {3}, b"x"]
flat[1] = "changed"
nested[0][1][1][0] = "deep"
