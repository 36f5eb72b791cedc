"""Directories made, listed, walked and removed."""
import glob
import os
import shutil
from pathlib import Path

os.mkdir("one")
os.makedirs("one/two/three", exist_ok=True)
for number in range(5):
    Path("one", f"file-{number}").write_text(str(number))
names = sorted(os.listdir("one"))
found = sorted((entry.name, entry.is_dir(), entry.is_file()) for entry in os.scandir("one"))
walked = [(place, sorted(directories), sorted(files)) for place, directories, files in os.walk("one")]
matching = sorted(glob.glob("one/file-*"))
os.rename("one/two", "one/second")
inside = sorted(os.listdir("one/second"))
os.chdir("one")
here = sorted(os.listdir())
os.chdir("..")
where = os.path.basename(os.path.realpath("one/second/three"))
os.rmdir("one/second/three")
after = os.listdir("one/second")
try:
    os.rmdir("one")
except OSError as error:
    why = error.errno
shutil.copytree("one", "again")
copied = sorted(os.listdir("again"))
shutil.rmtree("one")
gone = os.path.exists("one")
last = sorted(os.listdir("again"))
