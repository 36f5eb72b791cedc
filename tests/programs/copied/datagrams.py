"""Datagrams between two sockets of the program's own, and to a peer."""
import socket
import sys

one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
one.bind(("127.0.0.1", 0))
two = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
two.bind(("127.0.0.1", 0))
one.settimeout(5)
came = []
for number in range(10):
    two.sendto(b"%d" % number, one.getsockname())
    data, sender = one.recvfrom(100)
    came.append((data, sender == two.getsockname()))
one.connect(two.getsockname())
one.send(b"connected")
last = two.recv(100)
one.close()
two.close()
