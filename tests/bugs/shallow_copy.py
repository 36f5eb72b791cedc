"""The game's first board changes as the copy is played on."""


def copy(board):
    return list(board)


def play(board, row, column):
    following = copy(board)
    following[row][column] = "x"
    return following


start = [["."] * 2 for _ in range(2)]
after = play(start, 0, 1)
assert start[0][1] == ".", start
