"""Threads one after another, and beside each other."""
import concurrent.futures
import queue
import threading

before = []
for number in range(200):
    before.append(number * number)
jobs = queue.Queue()
results = []
lock = threading.Lock()


def work():
    while True:
        job = jobs.get()
        if job is None:
            break
        with lock:
            results.append(job * 2)


workers = [threading.Thread(target=work) for _ in range(3)]
for worker in workers:
    worker.start()
for number in range(20):
    jobs.put(number)
for _ in workers:
    jobs.put(None)
for worker in workers:
    worker.join()
total = sum(results)
with concurrent.futures.ThreadPoolExecutor(2) as executor:
    lengths = sorted(executor.map(len, ["a", "bb", "ccc"]))
local = threading.local()
local.value = 1
after = len(results)
