"""Pairs of sockets, whole messages, and what is waited for."""
import select
import selectors
import socket

here, there = socket.socketpair()
seen = []
for number in range(10):
    here.sendall(b"%d" % number)
    ready, _, _ = select.select([there], [], [], 5)
    seen.append((len(ready), there.recv(100)))
poller = select.poll()
poller.register(there, select.POLLIN)
nothing = poller.poll(1)
here.send(b"x")
something = [what for _, what in poller.poll(1000)]
peeked = there.recv(10, socket.MSG_PEEK)
there.setblocking(False)
first = there.recv(10)
try:
    there.recv(10)
except BlockingIOError as error:
    why = error.errno
with selectors.DefaultSelector() as selector:
    selector.register(there, selectors.EVENT_READ, "there")
    here.send(b"y")
    chosen = [key.data for key, _ in selector.select(5)]
watcher = select.epoll()
watcher.register(there.fileno(), select.EPOLLIN)
events = watcher.poll(1)
watcher.close()
option = here.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE)
here.close()
rest = there.recv(10)
end = there.recv(10)
there.close()
