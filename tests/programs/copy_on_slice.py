items = [[1], [2], [3]]
part = items[:2]
part.append([4])
part[0].append("shared")
whole = items[:]
whole[1] = "only here"
deep = [list(item) for item in items]
deep[2].append("deep")
