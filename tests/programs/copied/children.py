"""Other programs: run, talked to, waited for and killed."""
import os
import signal
import subprocess
import sys

done = subprocess.run(["sh", "-c", "cat; echo error >&2; exit 3"], input=b"given", capture_output=True)
seen = [(done.returncode, done.stdout, done.stderr)]
text = subprocess.check_output(["echo", "a", "b"], text=True)
with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
    answers = []
    for number in range(5):
        child.stdin.write(b"%d\n" % number)
        child.stdin.flush()
        answers.append(child.stdout.readline())
    rest = child.communicate(b"last")
code = child.returncode
sleeper = subprocess.Popen(["sleep", "60"])
running = sleeper.poll()
sleeper.kill()
killed = sleeper.wait()
with open("written", "wb") as file:
    subprocess.run(["echo", "to a file"], stdout=file, check=True)
with open("written", "rb") as file:
    written = file.read()
status = os.system("exit 5")
piped = os.popen("echo from popen").read()
try:
    subprocess.run(["sleep", "60"], timeout=0.05)
except subprocess.TimeoutExpired as error:
    late = error.timeout
try:
    subprocess.run(["/nothing/like/that"])
except FileNotFoundError as error:
    missing = error.errno
version = subprocess.run([sys.executable, "-c", "print(6 * 7)"], capture_output=True, text=True).stdout
