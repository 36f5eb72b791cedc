"""Memory that could be seen by others."""
import mmap
from multiprocessing import shared_memory

anonymous = mmap.mmap(-1, 4096)
for number in range(10):
    anonymous[number] = number
total = sum(anonymous[:10])
with open("mapped", "w+b") as file:
    file.truncate(4096)
    mapped = mmap.mmap(file.fileno(), 4096)
    mapped[:5] = b"hello"
    mapped.flush()
    begin = mapped[:5]
    mapped.close()
    file.seek(0)
    read = file.read(5)
memory = shared_memory.SharedMemory(create=True, size=100)
memory.buf[0] = 7
again = shared_memory.SharedMemory(name=memory.name)
first = again.buf[0]
again.close()
memory.close()
memory.unlink()
