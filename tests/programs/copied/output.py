"""Standard output and error by Python, by the system, and by C."""
import ctypes
import os
import sys

for number in range(10):
    print("line", number)
    print("error", number, file=sys.stderr)
    count = os.write(1, b"raw\n")
sys.stdout.flush()
libc = ctypes.CDLL(None)
printed = libc.puts(b"from C")
libc.fflush(None)
vector = os.writev(2, [b"two ", b"parts\n"])
saved = os.dup(1)
sink = os.open("redirected", os.O_CREAT | os.O_WRONLY, 0o644)
os.dup2(sink, 1)
print("to a file", flush=True)
os.dup2(saved, 1)
os.close(saved)
os.close(sink)
with open("redirected") as file:
    text = file.read()
written = sys.stdout.write("end\n")
