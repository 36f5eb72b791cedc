"""select, poll and epoll over pipes, with time-outs."""
import os
import select
import time

read, write = os.pipe()
os.set_blocking(read, False)
seen = []
poller = select.poll()
poller.register(read, select.POLLIN)
watcher = select.epoll()
watcher.register(read, select.EPOLLIN)
for number in range(10):
    before = len(select.select([read], [], [], 0)[0]), poller.poll(0), watcher.poll(0)
    os.write(write, b"%d" % number)
    after = [len(select.select([read], [write], [], 1)[0]), len(poller.poll(10)), len(watcher.poll(1))]
    seen.append((before, after, os.read(read, 10)))
began = time.monotonic()
late = select.select([read], [], [], 0.01)
lasted = time.monotonic() - began >= 0.01
watcher.modify(read, 0)
watcher.unregister(read)
watcher.close()
counter = os.eventfd(3)
value = os.eventfd_read(counter)
os.close(counter)
