"""Pipes: in one process, and named ones."""
import os

read, write = os.pipe()
seen = []
for number in range(20):
    os.write(write, b"%d" % number)
    seen.append(os.read(read, 100))
with os.fdopen(write, "w") as file:
    print("by a file", file=file)
with os.fdopen(read) as file:
    text = file.read()
os.mkfifo("named")
both = os.open("named", os.O_RDWR | os.O_NONBLOCK)
os.write(both, b"in")
out = os.read(both, 10)
try:
    os.read(both, 10)
except BlockingIOError as error:
    why = error.errno
os.close(both)
