"""What is asked of files and of the file system."""
import os
import pathlib

pathlib.Path("a").write_text("abc")
facts = os.stat("a")
numbers = facts.st_size, facts.st_mode, facts.st_ino, facts.st_mtime_ns, facts.st_nlink
linked = os.lstat("a").st_ctime_ns
there = os.access("a", os.R_OK), os.access("nothing", os.F_OK)
space = os.statvfs("."), os.fstatvfs(0), os.getloadavg(), os.sysconf("SC_AVPHYS_PAGES")
with open("a") as file:
    by_descriptor = os.fstat(file.fileno()).st_ino == facts.st_ino
entries = sorted((entry.name, entry.stat().st_size, entry.inode()) for entry in os.scandir("."))
mounted = os.path.ismount("/")
absolute = os.path.realpath("a")
with open("a", "a") as file:
    file.write("more")
after = os.stat("a").st_size
pathlib.Path("b").touch()
kinds = [path.is_file() for path in sorted(pathlib.Path().iterdir())]
