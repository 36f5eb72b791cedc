def search(grid, wanted):
    for row, line in enumerate(grid):
        for column, cell in enumerate(line):
            if cell == wanted:
                return row, column
    return None


grid = [[1, 2], [3, 4]]
found = search(grid, 3)
missing = search(grid, 9)
