# oracle: unchecked 3.15
import random
import operator

rows = [[3, "c"], [1, "a"], [2, "b"]]
rows.sort()
rows.sort(key=operator.itemgetter(1), reverse=True)
rows[0], rows[2] = rows[2], rows[0]
rows[1:1] = [[9, "z"]]
rows[::2] = [[0, "0"], [8, "8"]]
del rows[::2]
rows *= 2
rows[0][0] += 1
nested = {"a": {"b": [1, {"c": 2}]}}
nested["a"]["b"][1]["c"] = 3
nested["a"]["b"][1].setdefault("d", []).append(4)
x = nested["a"]["b"]
x[0], x[1]["c"] = 10, 20
[i.append(7) for i in rows]
{i[0]: i.append(8) for i in rows}
list(i.append(9) for i in rows)
(lambda r: r.append("lambda"))(rows[0])
random.Random(1).shuffle(rows)
after = 1
