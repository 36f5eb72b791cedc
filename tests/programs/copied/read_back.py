"""A file that is written to and read back meanwhile, through other descriptors and as memory."""
import mmap
import os

lengths = []
with open("growing", "w+b", buffering=0) as file:
    file.write(b"0 ")
    whole = mmap.mmap(file.fileno(), 0)
    for number in range(1, 40):
        file.write(b"%d " % number)
        with open("growing", "rb") as other:
            lengths.append(len(other.read()))
        other = os.open("growing", os.O_WRONLY)
        os.write(other, b"%d " % (number % 10))
        os.close(other)
        begin = whole[:2]
        whole[1:2] = b"."
        part = os.pread(file.fileno(), 3, 0)
    os.unlink("growing")
    file.seek(0)
    text = file.read()
    whole.close()
