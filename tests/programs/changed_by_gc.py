# oracle: lifetimes
import gc

log = []


class Node:
    def __init__(self, name):
        self.name = name
        self.me = self

    def __del__(self):
        log.append(self.name)


gc.collect()
node = Node("a")
node = None
gc.collect()
count = len(log)
