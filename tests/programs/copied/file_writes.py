"""Files made, written, appended to, cut, renamed, linked and removed."""
import os
import shutil
from pathlib import Path

with open("made", "w") as file:
    for number in range(30):
        print(number, file=file)
with open("made", "a+") as file:
    file.write("appended\n")
    file.seek(0)
    lines = file.readlines()
with open("made", "r+b") as file:
    file.write(b"changed")
    file.seek(20)
    file.truncate()
    length = file.seek(0, os.SEEK_END)
os.truncate("made", 10)
size = os.stat("made").st_size
os.chmod("made", 0o600)
mode = os.stat("made").st_mode & 0o777
os.rename("made", "other")
there = os.path.exists("made"), os.path.exists("other")
text = Path("other").read_text()
os.replace("other", "third")
os.symlink("third", "link")
target = os.readlink("link")
through = Path("link").read_text()
os.link("third", "hard")
same = os.path.samefile("third", "hard")
shutil.copyfile("third", "copy")
copied = Path("copy").read_bytes()
os.utime("copy", (1, 2))
times = os.stat("copy").st_mtime
os.unlink("link")
os.remove("hard")
try:
    open("link")
except FileNotFoundError as error:
    missing = error.errno
os.close(os.open("exclusive", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
try:
    os.open("exclusive", os.O_CREAT | os.O_EXCL | os.O_WRONLY)
except FileExistsError as error:
    exists = error.errno
sizes = [Path(name).stat().st_size for name in ("third", "copy", "exclusive")]
