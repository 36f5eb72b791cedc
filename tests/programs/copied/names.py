"""Names whose addresses libc asks a server for: here one of our own, that knows none."""

import ctypes
import os
import socket
import struct

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 0))
port = server.getsockname()[1]
child = os.fork()
if child == 0:
    while True:
        question, asker = server.recvfrom(512)
        server.sendto(question[:2] + b"\x81\x83" + question[4:], asker)
server.close()
servers = struct.pack("=iH", 1, socket.AF_INET) + struct.pack("!H4s8x", port, socket.inet_aton("127.0.0.1"))
# No variable holds an address: a program that is run again has others.
ctypes.memmove(ctypes.CFUNCTYPE(ctypes.c_void_p)(("__res_state", ctypes.CDLL(None)))() + 16, servers, 22)
addresses = [entry[4] for entry in socket.getaddrinfo("localhost", 80, type=socket.SOCK_STREAM)]
try:
    socket.getaddrinfo("nobody.invalid.", 80)
except socket.gaierror as error:
    both = error.args
try:
    socket.gethostbyname("nobody.invalid.")
except socket.gaierror as error:
    one = error.args
os.kill(child, 9)
status = os.waitpid(child, 0)[1]
print(addresses[0][1], both[0] == one[0] == socket.EAI_NONAME, status)
