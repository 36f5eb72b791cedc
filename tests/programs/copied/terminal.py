"""A program at its terminal."""
import os
import shutil
import sys
import termios
import tty

at_terminal = [os.isatty(number) for number in range(3)]
size = os.get_terminal_size()
columns = shutil.get_terminal_size().columns
attributes = termios.tcgetattr(0)
speed = attributes[4]
name = os.ttyname(0).startswith("/dev/pts/")
print("\x1b[1mhello\x1b[0m", flush=True)
for number in range(5):
    sys.stdout.write(f"\r{number}")
    sys.stdout.flush()
print()
line = input("? ")
tty.setcbreak(0, termios.TCSANOW)
key = os.read(0, 1)
termios.tcsetattr(0, termios.TCSADRAIN, attributes)
group = os.tcgetpgrp(0) == os.getpgrp()
with open("/dev/tty", "w") as tty_file:
    tty_file.write("to the terminal\n")
print("bye", key)
