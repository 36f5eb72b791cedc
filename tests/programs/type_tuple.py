empty = ()
one = (1,)
pair = (1, "two")
nested = ((1, (2, (3,))), [])
nested[1].append("inside a tuple")
longer = tuple(range(50))
joined = pair + one
