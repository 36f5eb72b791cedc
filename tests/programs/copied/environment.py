"""What a process knows of itself and of where it is."""
import getpass
import locale
import os
import platform
import resource
import socket
import sys

os.environ["CHANGED"] = "yes"
changed = os.environ["CHANGED"], os.getenv("HOME")
del os.environ["CHANGED"]
numbers = os.getpid(), os.getuid(), os.getgid(), os.getpgrp(), os.getsid(0)
parent = os.getppid()
name = socket.gethostname()
system = platform.system(), platform.machine(), os.uname().release
cores = os.cpu_count()
load = len(os.getloadavg())
where = os.getcwd()
limit = resource.getrlimit(resource.RLIMIT_NOFILE)
usage = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > 0
mask = os.umask(0o022)
os.umask(mask)
encoding = sys.getfilesystemencoding(), locale.getlocale()
arguments = len(sys.argv)
groups = os.getgroups()
spent = os.times().user >= 0
page = os.sysconf("SC_PAGESIZE")
own = os.readlink("/proc/self/cwd") == where
status = open("/proc/self/stat").read().split()[0] == str(os.getpid())
by_number = open(f"/proc/{os.getpid()}/stat").read().split()[0] == str(os.getpid())
there = os.path.exists(f"/proc/{os.getpid()}/maps"), os.path.exists(f"/proc/{os.getpid()}")
