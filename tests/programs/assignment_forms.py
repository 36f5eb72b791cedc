a = b = c = [0]
x, y = 1, 2
x, y = y, x
first, *middle, last = range(5)
(p, (q, r)), s = (1, (2, 3)), 4
[m, n] = "mn"
matrix = [[1, 2], [3, 4]]
matrix[0][1], matrix[1][0] = matrix[1][0], matrix[0][1]
a[0], b = 7, None
z: int = 3
annotated: str
