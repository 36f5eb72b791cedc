"""Standard input, line by line, by input(), and raw."""
import os
import sys

first = input()
second = sys.stdin.readline()
total = 0
for line in sys.stdin:
    total += int(line)
    if total > 20:
        break
rest = sys.stdin.read()
raw = os.read(0, 10)
