import queue
import threading

shared = []
table = {"n": 0}


class Worker(threading.Thread):
    def __init__(self, out):
        super().__init__()
        self.out = out
        self.seen = []

    def run(self):
        self.out.append(self.name)
        self.seen.append(1)
        table["n"] += 1


def fill(into, number):
    for value in range(number):
        into.append(value)


worker = Worker(shared)
worker.start(), worker.join()
other = threading.Thread(target=fill, args=(shared, 3))
other.start(), other.join()
jobs = queue.Queue()
jobs.put([1])
item = jobs.get()
item.append(2)
jobs.put(item)
item.append(3)
after = 1
