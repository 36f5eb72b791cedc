"""Signals that come by themselves, and that the program sends itself."""
import os
import signal
import time

came = []


def on_signal(number, frame):
    came.append((number, frame is not None))


for number in (signal.SIGUSR1, signal.SIGALRM, signal.SIGVTALRM):
    signal.signal(number, on_signal)
os.kill(os.getpid(), signal.SIGUSR1)
signal.raise_signal(signal.SIGUSR1)
own = len(came)
signal.setitimer(signal.ITIMER_REAL, 0.005)
rounds = 0
while len(came) == own:
    rounds += 1
signal.alarm(1)
left = signal.alarm(0)
with_timer = len(came)
signal.setitimer(signal.ITIMER_REAL, 0.01)
time.sleep(0.02)
after = len(came)
blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
os.kill(os.getpid(), signal.SIGUSR1)
pending = signal.SIGUSR1 in signal.sigpending()
signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGUSR1})
last = len(came)
