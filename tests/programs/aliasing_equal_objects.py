first = [1, 2]
second = [1, 2]
pair = [first, second]
first.append(3)
second.append(3)
pair[0] = second
second.append(4)
pair[1] = first
