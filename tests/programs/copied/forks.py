"""os.fork()"""
import os

before = 1
read, write = os.pipe()
child = os.fork()
if child == 0:
    os.write(write, b"from the child")
    os._exit(7)
text = os.read(read, 100)
pid, status = os.waitpid(child, 0)
code = os.waitstatus_to_exitcode(status)
