"""Reading files: text, bytes, places in them, and mapped into memory."""
import mmap
import os
from pathlib import Path

Path("data.txt").write_text("".join(f"{number} café\n" for number in range(200)), encoding="utf-8")
lines = []
with open("data.txt", encoding="utf-8") as file:
    for line in file:
        if len(lines) < 20:
            lines.append(line.strip())
with open("data.txt", "rb") as file:
    head = file.read(10)
    file.seek(-10, os.SEEK_END)
    tail, end = file.read(), file.tell()
    buffer = bytearray(5)
    file.seek(3)
    count = file.readinto(buffer)
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        found = mapped.find(b"150")
        piece = mapped[found : found + 5]
descriptor = os.open("data.txt", os.O_RDONLY)
parts = [os.pread(descriptor, 4, at) for at in range(0, 40, 8)]
os.lseek(descriptor, 100, os.SEEK_SET)
vectors = [bytearray(3), bytearray(4)]
got = os.readv(descriptor, vectors)
os.close(descriptor)
