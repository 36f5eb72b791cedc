"""Locks on files."""
import fcntl

file = open("lock", "w")
fcntl.flock(file, fcntl.LOCK_EX)
other = open("lock")
try:
    fcntl.flock(other, fcntl.LOCK_SH | fcntl.LOCK_NB)
except BlockingIOError as error:
    why = error.errno
fcntl.flock(file, fcntl.LOCK_UN)
fcntl.flock(other, fcntl.LOCK_SH | fcntl.LOCK_NB)
fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
file.close()
other.close()
last = 1
