"""Two threads count to two, and the counter says one."""

import threading

read_both = threading.Barrier(2)
counter = {"hits": 0}


def visit():
    seen = counter["hits"]
    read_both.wait()
    counter["hits"] = seen + 1


threads = [threading.Thread(target=visit, name=f"visitor {number}") for number in (1, 2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert counter["hits"] == 2, counter
