"""Waits for locks: some end by a signal, whose function releases the lock, some by time."""

import queue
import signal
import threading

lock = threading.Lock()
lock.acquire()
seen: list[object] = []


def release(number: int, frame: object) -> None:
    seen.append(number)
    lock.release()


signal.signal(signal.SIGALRM, release)
for turn in range(6):
    signal.setitimer(signal.ITIMER_REAL, 0.003)
    lock.acquire()
    seen.append(lock.acquire(timeout=0.003))
event = threading.Event()
seen.append(event.wait(0.003))
try:
    queue.Queue[int]().get(timeout=0.003)
except queue.Empty as nothing:
    seen.append(type(nothing))
print(len(seen))
