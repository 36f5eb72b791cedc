import sys

print("to stdout", 1, 2.5)
print("to stderr", file=sys.stderr)
sys.stdout.write("written\n")
sys.stdout.flush()
for number in range(3):
    print(number, end=" ")
print()
