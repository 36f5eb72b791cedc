def multiply(left, right):
    size = len(left)
    result = [[0] * size for _ in range(size)]
    for row in range(size):
        for column in range(size):
            for index in range(size):
                result[row][column] += left[row][index] * right[index][column]
    return result


identity = [[1, 0], [0, 1]]
product = multiply([[1, 2], [3, 4]], identity)
product[0][0] = "done"
