"""A timer that interrupts a computation again and again."""
import signal

ticks = []
signal.signal(signal.SIGALRM, lambda number, frame: ticks.append(len(ticks)))
signal.setitimer(signal.ITIMER_REAL, 0.002, 0.002)
total = 0
while len(ticks) < 5:
    total += 1
signal.setitimer(signal.ITIMER_REAL, 0)
last = len(ticks)
