"""Standard input by its descriptor."""
import os
import sys

pieces = []
while True:
    piece = os.read(0, 7)
    if not piece:
        break
    pieces.append(piece)
more = sys.stdin.buffer.read(3)
length = sum(map(len, pieces))
